"""Learn mode over the library: every question is met once, before its answer; other runs do not stop."""

from __future__ import annotations

from typing import Final

import pytest

from engine.run.history import History
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load
from explorer.commands.host import Desk
from explorer.commands.table import COMMANDS
from explorer.session.questions import asked_here, reply
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from tests.explorer.cursor_motions import drive

MOST = 40_000
"""Commands after which a run that does not end would be a bug of the test."""


def learning(scenario: Scenario, history: History | None = None) -> Session:
    session = Session(history or scenario.start(), scenario)
    session.learning.on = True
    return session


def carry_out(desk: Desk, command: str, argument: str = "") -> None:
    drive(COMMANDS[command].function(desk, argument))


def met(session: Session, command: str) -> list[str]:
    """Run to the end with one command, answer every question right; return the ids in the order of asking."""
    desk, found = TextDesk(session), []
    for _ in range(MOST):
        asked = asked_here(session)
        if asked is not None:
            found.append(asked.id)
            before = session.history.step
            assert before <= asked.step
            drive(reply(session, asked, asked.right))
            assert before <= session.history.step <= asked.step
        elif session.history.outcome is not None:
            return found
        else:
            carry_out(desk, command)
    raise AssertionError("the run does not end")


def asked_in_advance(name: str) -> Scenario:
    scenario = load(name)
    if not scenario.questions or any(question.asked is None for question in scenario.questions):
        pytest.skip("not every question says when it is asked")
    return scenario


MOST_STEPS: Final = 5_000
"""The steps of a run under other settings; some of them never end."""


def check_learning(name: str, command: str) -> None:
    scenario = asked_in_advance(name)
    session = learning(scenario)
    found = met(session, command)
    assert sorted(found) == sorted(question.id for question in scenario.questions)
    assert all(given.right for given in session.score.given.values())
    assert session.score.short == f"{len(found)}/{len(found)}"
    scenario.run(history := scenario.start())
    assert session.history.total == history.total
    assert session.history.vm.memory.digest() == history.vm.memory.digest()


@pytest.mark.parametrize("command", ["step", "over", "line", "event", "continue"])
def test_each_question_is_met_once_and_the_run_is_the_same(command: str) -> None:
    check_learning("life-of-a-page", command)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "command"), [(name, ("over", "continue")[n % 2]) for n, name in enumerate(OWN.names)]
)
def test_each_question_of_the_library_is_met_once(name: str, command: str) -> None:
    check_learning(name, command)


def check_never_stopped(scenario: Scenario) -> None:
    session = learning(scenario)
    carry_out(TextDesk(session), "step", str(MOST_STEPS))
    assert session.history.outcome is not None or session.history.step == MOST_STEPS
    assert not session.learning.met


@pytest.mark.parametrize(
    "other",
    [{"rules": "source"}, {"machine": "32MiB:1x2x1"}, {"schedule": "random:3"}],
    ids=lambda other: next(iter(other)),
)
def test_another_run_is_never_stopped(other: dict[str, str]) -> None:
    check_never_stopped(load("life-of-a-page", **other))  # type: ignore[arg-type]  # each has its own type


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_no_run_of_the_library_under_other_settings_is_stopped(name: str) -> None:
    here = load(name)
    check_never_stopped(load(name, rules="document" if here.rules == "source" else "source"))
    check_never_stopped(load(name, schedule="random:7"))
