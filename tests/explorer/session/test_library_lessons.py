"""The lessons of the library, replayed: moments, links, what they ask for, the commands that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final

import pytest

from engine.errors import BadInput
from engine.explore import explore
from engine.explore.exploration import Exploration
from engine.explore.limits import Limits
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load
from explorer.commands.lesson import carry_out
from explorer.commands.lesson_checks import lesson_faults
from explorer.commands.table import parse
from explorer.session import lesson
from explorer.session.questions import asked_here
from explorer.session.session import Session
from explorer.session.stepping import Motion
from explorer.text.mode import TextDesk

IN_THE_FAST_SUITE: Final = ("life-of-a-page", "tour")

NAMES: Final = [
    name if name in IN_THE_FAST_SUITE else pytest.param(name, marks=pytest.mark.slow) for name in OWN.names
]

ON_SCREEN: Final = ("open_console", "focus_panel", "turn_focus", "toggle_zoom", "toggle_play", "turn_unit")
"""What text mode refuses, and a screen does."""


class AnyDesk(TextDesk):
    """A desk that does what only a screen can do, without a screen."""

    def __getattribute__(self, name: str) -> object:
        return (lambda *_: None) if name in ON_SCREEN else super().__getattribute__(name)


def driven(motion: Motion | None) -> None:
    for _ in motion or ():
        pass


@pytest.fixture(autouse=True)
def short_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page can ask for a search; here it is bounded early. test_all_schedules tests what it finds."""

    def begun(scenario: Scenario, **options: Any) -> Exploration:
        if options.get("sample") is None:
            return explore(scenario, **{**options, "limits": Limits(states=500)})
        return explore(scenario, **{**options, "sample": replace(options["sample"], schedules=1)})

    monkeypatch.setattr("engine.explore.explore", begun)


@cache
def lesson_of(name: str) -> Scenario:
    scenario = load(name)
    if scenario.form.lesson:
        pytest.skip("its lesson is not made of pages yet")
    return scenario


def at_page(scenario: Scenario, number: int) -> Session:
    """A new session at a page, which is reached as a reader reaches it: by turning."""
    session = Session(scenario.start(), scenario)
    if number:
        driven(lesson.go_to_page(session, str(number + 1)))
    return session


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_reached_by_turning_and_by_time(name: str) -> None:
    scenario = lesson_of(name)
    session = at_page(scenario, 0)
    reading, seen = session.reading, []
    for number in range(len(scenario.pages)):
        assert (reading.page(session.history), reading.reaches(session.history)) == (number, True)
        seen.append(session.history.step)
        driven(lesson.turn(session, 1))
    assert session.note.text == "this is the last page of the lesson"
    for number in reversed(range(len(scenario.pages))):
        assert (reading.page(session.history), session.history.step) == (number, seen[number])
        driven(lesson.turn(session, -1))
    for step in sorted(set(seen)):
        session.history.seek(step)
        assert reading.page(session.history) == seen.index(step)


@pytest.mark.parametrize("name", NAMES)
def test_links_moments_cells_and_commands_are_there_as_check_sees_it(name: str) -> None:
    assert list(map(str, lesson_faults(lesson_of(name)))) == []


def asking(name: str) -> Iterator[tuple[Session, int, str]]:
    """Each page that asks for something, with a session that is there."""
    scenario = lesson_of(name)
    for number, page in enumerate(scenario.pages):
        if page.do:
            yield at_page(scenario, number), number, page.do


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_asks_for_turns_the_page_or_is_done_where_the_next_page_is_later(name: str) -> None:
    for session, number, line in asking(name):
        command, argument = parse(line)
        if command.id == "open":
            continue  # it leaves the lesson
        driven(carry_out(AnyDesk(session), command, argument))
        assert session.note.kind != "error", (number + 1, line, session.note.text)
        assert is_carried_out(session, number), f"page {number + 1}: {line}"


def is_carried_out(session: Session, number: int) -> bool:
    """Whether a page was left, or waits for the reader to turn to a later moment."""
    reading, history = session.reading, session.history
    step = (*reading.steps(history), None)[number + 1]
    later = step is None or step > history.step
    return reading.page(history) > number or (later and reading.done)


@pytest.mark.parametrize("name", NAMES)
def test_what_only_looks_does_not_move_in_time_and_r_does(name: str) -> None:
    for session, number, line in asking(name):
        command, argument = parse(line)
        if command.id not in ("view", "why", "whynot", "centre"):
            continue
        step, lens = session.history.step, session.lens
        driven(carry_out(AnyDesk(session), command, argument))
        assert (session.history.step, session.lens != lens or command.id == "centre") == (step, True), line
        following = (*session.reading.steps(session.history), None)[number + 1]
        driven(lesson.turn(session, 1))
        assert session.reading.page(session.history) > number or number + 1 == len(session.reading.pages)
        assert following is None or session.history.step >= following


@pytest.mark.parametrize("name", NAMES)
def test_in_learn_mode_the_questions_come_first_and_the_page_turns_all_the_same(name: str) -> None:
    for session, number, line in asking(name):
        command, argument = parse(line)
        if command.id in ("open", "browse"):
            continue
        session.learning.on, desk = True, AnyDesk(session)
        driven(carry_out(desk, command, argument))
        while (asked := asked_here(session)) is not None:
            driven(carry_out(desk, *parse(f"answer {asked.right + 1}")))
        if not is_carried_out(session, number):
            driven(carry_out(desk, *parse("continue-past")))
        assert is_carried_out(session, number), f"page {number + 1}: {line}"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_a_lesson_names_exists(name: str) -> None:
    scenario = lesson_of(name)
    texts = [*(page.say for page in scenario.pages), *(question.why for question in scenario.questions)]
    wrong = []
    for line in re.findall(r"`:([a-z][^`]*)`", "\n".join(texts)):
        try:
            parse(line)
        except BadInput as error:
            wrong.append(f":{line}: {error}")
    assert wrong == []
