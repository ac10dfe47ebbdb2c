"""The contiguous reserve as a strip: shares of free blocks, and the change by the last step."""

from __future__ import annotations

import numpy as np

from explorer.tui.widgets.reserve import reserve_line
from explorer.views.rows import ReserveRow
from explorer.views.spans import length, plain
from tests.explorer.tui.widgets.drawings import marked


def test_the_reserve_shows_shares_of_free_blocks() -> None:
    free = np.array([1, 1, 0, 0, 1, 0, 1, 1], np.int64)
    line = reserve_line(ReserveRow(free, 5, frozenset({5})), 6, 4, 20)
    assert plain([line]) == "▌DMA  █·▄█         5"
    assert marked([line], "reserve-changed") == ["▄"]


def test_a_machine_without_a_reserve_says_so() -> None:
    line = reserve_line(ReserveRow(np.zeros(0, np.int64), 0), 6, 8, 20)
    assert plain([line]) == "▌DMA  none         0"


def test_with_fewer_blocks_than_cells_each_has_a_cell_and_the_rest_is_blank() -> None:
    line = reserve_line(ReserveRow(np.array([1, 0, 1], np.int64), 2), 6, 8, 20)
    assert plain([line]) == "▌DMA  █·█          2"
    assert length(line) == 20


def test_a_part_with_any_free_block_is_not_empty() -> None:
    """With 1 of 100 blocks free, the strip shows its lowest level."""
    free = np.zeros(100, np.int64)
    free[3] = 1
    line = reserve_line(ReserveRow(free, 1), 6, 2, 12)
    assert plain([line]) == "▌DMA  ▁·   1"
    assert marked([line], "empty") == ["·"]
