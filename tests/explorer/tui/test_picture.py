"""A picture of a moment, made without a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from explorer.commands.config import Settings
from explorer.session import stepping
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.export import export_svg
from explorer.tui.picture import Camera, at_rest, picture
from tests.explorer.cursor_motions import drive
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


@pytest.mark.slow
def test_one_application_takes_the_same_pictures_as_several(life: Session) -> None:
    """The end has a banner, which leaves the panels less room: they are drawn twice, then and afterwards."""
    sessions = []
    for step in (0, 41, None, 40, 80):
        drive(stepping.go_to(life, step))
        sessions.append((Session(life.history, life.scenario), life.history.step))
    with Camera((120, 40)) as camera:
        for session, step in sessions:
            life.history.seek(step)
            once = camera.take(session)
            assert f"t {step}/" in texts(once)
            assert picture(Session(life.history, life.scenario), (120, 40)) == once


def test_the_settings_are_those_of_the_pictures(session: Session) -> None:
    with Camera((60, 15), Settings(theme="light")) as light, Camera((60, 15)) as dark:
        assert light.take(session) != dark.take(session)


async def test_a_screen_is_at_rest_when_nothing_changes_any_more(life: Session) -> None:
    drive(stepping.go_to(life, None))
    async with PageqApp(life).run_test(size=(120, 40)) as pilot:
        pilot.app.animation_level = "none"
        await at_rest(pilot)
        app = pilot.app
        assert isinstance(app, PageqApp)
        shown = export_svg(app)
        await pilot.pause(0.2)
        assert export_svg(app) == shown
