"""The message of a violation: two ends that disagree, with cell names that can be looked up."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import NULL
from engine.invariants.violation import MOST, Violation, some


def test_a_violation_names_its_invariant_and_both_ends() -> None:
    violation = Violation("list lengths", NULL, "queue[FREE,5].lcnt is 3", "it has 2 pages")
    assert str(violation) == "list lengths: queue[FREE,5].lcnt is 3, but it has 2 pages"


@pytest.mark.parametrize("number", [0, MOST, MOST + 1])
def test_only_the_first_of_many_violations_are_named(number: int) -> None:
    assert some(np.arange(number)) == list(range(min(number, 8)))
