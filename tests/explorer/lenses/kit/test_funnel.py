"""The columns of a funnel: several depths in one, and every set of outcomes in its stack."""

from __future__ import annotations

import pytest

from explorer.lenses.kit.funnel import binned, stacked
from explorer.views.exploration import Column

C, P, BOTH = ("completed",), ("panic",), ("completed", "panic")
ORDER = {BOTH: 0, C: 1, P: 2}


def test_depths_that_share_a_column_are_added() -> None:
    funnel = [Column(depth, ((BOTH, 1), (C, depth))) for depth in range(5)]
    assert binned(funnel, 5) == funnel
    assert binned(funnel, 2) == [Column(0, ((BOTH, 3), (C, 3))), Column(3, ((BOTH, 2), (C, 7)))]


def test_a_depth_without_states_has_no_column() -> None:
    funnel = [Column(0, ((BOTH, 1),)), Column(7, ((C, 2),))]
    assert binned(funnel, 4) == [Column(0, ((BOTH, 1),)), Column(6, ((C, 2),))]


@pytest.mark.parametrize(
    ("counts", "lines", "stack"),
    [
        pytest.param([(C, 10)], 5, "CCCCC", id="the most states fill all lines"),
        pytest.param([(C, 5)], 4, "CC", id="half as many fill half"),
        pytest.param([(C, 1)], 4, "C", id="one is seen"),
        pytest.param([(BOTH, 9), (P, 1)], 5, "BBBBP", id="a rare set is seen"),
        pytest.param([(P, 1), (BOTH, 1), (C, 1)], 5, "BCP", id="from the undecided up"),
        pytest.param([(BOTH, 8), (C, 1), (P, 1)], 2, "CP", id="in few lines the decided ones"),
    ],
)
def test_a_stack_has_a_line_for_every_set(
    counts: list[tuple[tuple[str, ...], int]], lines: int, stack: str
) -> None:
    found = stacked(Column(0, tuple(counts)), lines, 10, ORDER)
    assert "".join({BOTH: "B", C: "C", P: "P"}[left] for left in found) == stack
