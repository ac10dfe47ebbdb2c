"""What a check says: two ends that disagree, under the names that a cell can be looked up by."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import NULL
from engine.invariants.violation import MOST, Violation, some


def test_a_violation_says_its_rule_and_both_ends() -> None:
    violation = Violation("list lengths", NULL, "queue[FREE,5].lcnt is 3", "it has 2 pages")
    assert str(violation) == "list lengths: queue[FREE,5].lcnt is 3, but it has 2 pages"


@pytest.mark.parametrize("number", [0, MOST, MOST + 1])
def test_of_many_breaches_only_the_first_are_named(number: int) -> None:
    assert some(np.arange(number)) == list(range(min(number, 8)))
