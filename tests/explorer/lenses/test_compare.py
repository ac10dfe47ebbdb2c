"""The compare lens: a line for each cell, cut to the panel; cells that do not fit are counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.lenses.compare import LENS
from explorer.session.branches import compare
from explorer.session.session import Session
from explorer.views.spans import length

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]


@pytest.fixture
def compared(open_run: OpenRun) -> Session:
    """The life of a page, its first step compared with the fourteenth."""
    session = open_run("life-of-a-page")
    compare(session, "main:0 main:14")
    return session


def test_without_a_comparison_it_says_how_to_make_one(session: Session, draw_text: DrawText) -> None:
    assert draw_text(LENS, session, 80, 8).startswith("nothing compared yet\nd compares")


def test_each_cell_has_a_line_with_both_values(compared: Session, draw_text: DrawText) -> None:
    assert draw_text(LENS, compared, 80, 40).split("\n") == [
        "main at step 0  |  main at step 14",
        "page 0xc03 queue         FREE[0]  |  NONE",
        "page 0xc03 busy_count    0  |  LOCKED",
        "queue FREE[0] lcnt       3  |  2",
        "cpu 0 view v_free_count  3711  |  3710",
        "cpu 0 adj v_free_count   0  |  -1",
        "heap hold_count          0  |  1",
        "heap token_owner         free  |  app",
    ]


def test_a_small_panel_cuts_names_and_counts_the_rest(compared: Session, draw_text: DrawText) -> None:
    assert draw_text(LENS, compared, 40, 5).split("\n") == [
        "main at step 0  |  main at step 14",
        "page 0xc03 queue    FREE[0]  |  NONE",
        "page 0xc03 busy_co… 0  |  LOCKED",
        "queue FREE[0] lcnt  3  |  2",
        "... and 4 more; z gives the panel the s…",
    ]


@pytest.mark.parametrize(("width", "height"), [(67, 8), (24, 3), (12, 2), (1, 1)])
def test_it_fits_any_size(compared: Session, width: int, height: int) -> None:
    lines = LENS.draw(LENS.look(compared), width, height).lines
    assert len(lines) <= height
    assert max(map(length, lines)) <= width
