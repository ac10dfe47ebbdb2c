"""The level of a cell."""

from __future__ import annotations

import numpy as np

from explorer.views.levels import levels


def test_a_level_is_that_of_the_fullest_colour_and_shows_every_page() -> None:
    counts = np.array([0, 0, 1, 0, 8, 3, 99, 0], np.int64)
    assert levels(counts, 8, 8).tolist() == [0, 0, 1, 0, 8, 3, 8, 0]
    assert levels(counts, 8, 4).tolist() == [0, 1, 8, 8]
    assert levels(counts, 1000, 2).tolist() == [1, 1]
