"""What the commands do with their argument, and without one."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.commands import actions
from explorer.session.session import Session
from explorer.text.declining import ScreenOnly
from explorer.text.mode import TextDesk


@pytest.fixture
def desk(session: Session) -> TextDesk:
    return TextDesk(session)


def test_a_command_takes_the_steps_of_its_argument_in_either_direction(desk: TextDesk) -> None:
    history = desk.session.history
    for argument, sign, step in (("", 1, 1), ("5", 1, 6), ("", -1, 5), ("2", -1, 3)):
        for _ in actions.times(desk, argument, sign) or ():
            pass
        assert history.step == step
    with pytest.raises(BadInput, match="is not a number of steps"):
        actions.times(desk, "five", 1)


def test_the_centre_is_one_of_two(desk: TextDesk) -> None:
    assert desk.session.centre == "stage"
    for argument, centre in (("", "map"), ("map", "map"), ("", "stage"), ("stage", "stage")):
        actions.turn_centre(desk, argument)
        assert desk.session.centre == centre
    with pytest.raises(BadInput, match="'attic' is not a centre; use stage or map"):
        actions.turn_centre(desk, "attic")


def test_break_without_an_argument_is_about_the_panel_in_focus(
    desk: TextDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = desk.session
    session.line = 0, 3
    actions.set_break(desk, "")
    assert [stop.text for stop in session.stops] == ["app:3"]
    monkeypatch.setattr(TextDesk, "panel_in_focus", "code")
    for _ in actions.times(desk, "11", 1) or ():
        pass
    actions.set_break(desk, "")
    assert [stop.text.partition("#")[1] for stop in session.stops] == ["", "#"]


def test_a_frame_is_chosen_by_its_number_or_is_the_caller(desk: TextDesk) -> None:
    session = desk.session
    for _ in actions.times(desk, "11", 1) or ():
        pass
    last = len(session.frames) - 1
    actions.show_frame(desk, "")
    assert session.frame == last - 1
    actions.show_frame(desk, "0")
    assert session.frame == 0
    with pytest.raises(BadInput, match="there is no frame 99"):
        actions.show_frame(desk, "99")


@pytest.mark.parametrize("action", [actions.typed(actions.export, "export"), actions.go_to_mark])
def test_an_action_that_needs_an_argument_asks_for_it(desk: TextDesk, action: actions.Function) -> None:
    with pytest.raises(BadInput, match="needs an argument"):
        action(desk, "")


def test_an_action_that_needs_a_screen_is_refused_in_text_mode(desk: TextDesk) -> None:
    with pytest.raises(ScreenOnly):
        actions.focuses(2)(desk, "")
