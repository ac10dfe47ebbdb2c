"""A picture of a moment, made without a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

from explorer.session import stepping
from explorer.session.session import Session
from explorer.tui.picture import picture
from tests.explorer.tui.picture_text import texts


def test_a_picture_is_the_screen_at_the_cursor_and_leaves_it_there(session: Session) -> None:
    for _ in stepping.go_to(session, 12):
        pass
    digest = session.vm.memory.digest()
    shown = texts(picture(session, (80, 24)))
    assert " t 12/12 100% last " in shown
    assert "▌INACTIVE" in shown
    assert (session.history.step, session.vm.memory.digest()) == (12, digest)


def test_a_picture_has_the_scenario_as_title_and_is_the_same_each_time(session: Session) -> None:
    assert session.scenario
    session.scenario = replace(session.scenario, name="mine")
    once = picture(session, (80, 24))
    assert "pageq mine" in texts(once)
    assert picture(session, (80, 24)) == once


def test_a_picture_has_the_requested_size(session: Session) -> None:
    """Each line of the screen is a line of text in the picture, whose clip path has its number."""
    for height in (15, 24):
        lines = {int(number) for number in re.findall(r"-line-(\d+)", picture(session, (60, height)))}
        assert max(lines) in (height - 1, height - 2)
