"""What of the run that is shown is not the scenario's own: also in branches, and in a state string."""

from __future__ import annotations

from typing import Any

import pytest

from engine.scenario.settings import parse_setting
from explorer.session import branches, stepping
from explorer.session.open import open_session
from explorer.session.own_run import differences, other_words
from explorer.session.question_stops import is_own
from explorer.session.saved_moment import tell_token
from explorer.session.session import Session
from tests.engine.scenario.some_pages import pages
from tests.explorer.asked_in_advance import asking

GIVEN: dict[str, dict[str, Any]] = {
    "": {},
    "other rules": {"rules": "source"},
    "other machine": {"machine": "32 MiB:1x2x1"},
    "other settings": {"settings": (parse_setting("limits.steps=999"),)},
    "other schedule": {"schedule": "random:7"},
    "other rules and machine": {"rules": "source", "machine": "32 MiB:1x2x1"},
    "other rules, settings and schedule": {
        "rules": "source", "settings": (parse_setting("limits.steps=999"),), "schedule": "random:7",
    },
}  # fmt: skip


@pytest.mark.parametrize("words", GIVEN)
def test_everything_that_differs_is_named(words: str) -> None:
    session = asking(**GIVEN[words])
    assert other_words(session) == words
    assert is_own(session) == (not words)


@pytest.mark.parametrize(
    ("sets", "seed", "words", "described"),
    [
        ((), 3, "", True),
        ((), 2026, "n = 6", True),
        (("n=6",), None, "n = 6", True),
        ((), 0, "n = 6, colors = 32", True),
        (("n=7",), None, "n = 7", False),
        (("limits.steps=999",), 2026, "other settings, n = 6", False),
    ],
    ids=["the defaults", "a seed", "a setting", "two", "a value that the file does not have", "more"],
)
def test_values_of_parameters_are_named_and_those_of_the_file_are_its_own_runs(
    sets: tuple[str, ...], seed: int | None, words: str, described: bool
) -> None:
    scenario = pages(*sets, seed=seed)
    session = Session(scenario.start(), scenario)
    assert other_words(session) == words
    assert is_own(session) == described


def test_a_setting_of_the_screen_leaves_the_run_the_scenarios_own() -> None:
    session = asking(settings=(parse_setting("screen.centre=map"),))
    assert is_own(session)
    assert not differences(session)


def test_a_branch_with_another_schedule_is_named() -> None:
    session = open_session("life-of-a-page")
    stepping.step(session)
    branches.reschedule(session, "random:7")
    assert differences(session) == ("schedule",)
    session.history.fork()
    assert differences(session) == ("schedule",), "so is one that started from it"
    session.history.switch(0)
    assert not differences(session)


def test_a_branch_that_continues_with_the_schedule_is_not() -> None:
    session = open_session("life-of-a-page")
    session.history.fork()
    assert not differences(session)
    assert not is_own(session)


def chosen_step() -> Session:
    session = open_session("lost-wakeup")
    session.chosen = 1
    stepping.step(session)
    return session


def test_steps_of_a_chosen_thread_are_another_schedule() -> None:
    session = chosen_step()
    assert other_words(session) == "other schedule"


def test_a_state_string_of_a_branch_says_the_same() -> None:
    assert other_words(open_session(tell_token(chosen_step()))) == "other schedule"
    session = open_session("life-of-a-page")
    branches.reschedule(session, "random:7")
    stepping.step(session)
    assert other_words(open_session(tell_token(session))) == "other schedule"
