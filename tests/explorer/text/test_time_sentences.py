"""Branches and two moments in sentences."""

from __future__ import annotations

from explorer.session import branches, stepping
from tests.explorer.cursor_motions import drive
from tests.explorer.text.said_lens import OpenRun, open_run, said

__all__ = ["open_run"]


def test_a_branch_is_said_with_its_parent(open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    for step, name in ((40, "one"), (50, "two")):
        drive(stepping.go_to(session, step))
        branches.fork(session, name)
        drive(stepping.go_to(session, 60))
    session.history.switch(0)
    drive(stepping.go_to(session, 20))
    branches.fork(session, "three")
    assert said(session, "branches") == [
        "Branch main: ends at step 145, completed.",
        "Branch one: forked from main at step 40, ends at step 60, not ended.",
        "Branch two: forked from one at step 50, ends at step 60, not ended.",
        "Branch three: forked from main at step 20, ends at step 20, not ended; "
        "the cursor is here, at step 20.",
    ]


def test_two_moments_are_compared_in_sentences(open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    session.history.seek(40)
    branches.compare(session, "main:41")
    lines = said(session, "compare")
    assert lines[0] == "Values of main at step 40, then of main at step 41."
    assert "page 0xc03 queue: NONE and ACTIVE[0]." in lines
    branches.compare(session, "main:40")
    assert said(session, "compare") == [
        "main at step 40 and main at step 40 do not differ, bookkeeping ignored."
    ]
