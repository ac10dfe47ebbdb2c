"""What OPT knows of the rest of a string."""

from __future__ import annotations

import numpy as np
import pytest

from engine.policies import opt
from engine.policies.opt import next_uses, replacement_keys


@pytest.mark.parametrize("part", [1, 2, 3, 100])
def test_each_reference_knows_where_its_page_comes_next(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opt, "_PART", part)
    indices = np.array([0, 1, 0, 0, 2, 1], np.uint32)
    assert next_uses(indices, 3).tolist() == [2, 5, 3, 6, 6, 6]


def test_the_least_key_is_the_page_to_replace() -> None:
    """Pages 1 and 2 never come again; the lower one goes first, and page 0, which comes next, last."""
    keys = replacement_keys(np.array([2, 1, 0], np.uint32), np.array([10, 10, 4], np.uint32), 10)
    assert np.argsort(keys).tolist() == [1, 0, 2]
