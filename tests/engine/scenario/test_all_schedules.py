"""What the library says of all schedules: each claim holds, and each answer is what a search finds.

A question about all schedules has a literal answer, which no run can check. Its id starts with `all-`, and
RIGHT has a row for it: how the answer follows from what `explore` finds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import pytest

from engine.explore import explore
from engine.explore.exploration import Claim, Exploration, Found
from engine.language.expressions import same_value
from engine.machine.rules import RULE_SETS
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load
from engine.scenario.question import Question
from tests.engine.scenario.played import loaded
from tests.engine.scenario.small_scenarios import THREAD, scenario_of

NAMES: Final = OWN.names

Answer = Callable[[Exploration], int | bool | None]
"""The right answer to a question: a number, or yes or no; None if the search does not know it."""


def schedules(outcome: str) -> Answer:
    """The number of schedules that have an outcome."""

    def count(exploration: Exploration) -> int | None:
        found = exploration.found(outcome)
        return 0 if found is None and exploration.complete else found.schedules if found else None

    return count


def possible(outcome: str) -> Answer:
    """Whether some schedule has an outcome."""
    return lambda exploration: True if exploration.found(outcome) else False if exploration.complete else None


def outcomes(exploration: Exploration) -> int | None:
    """The number of different outcomes."""
    return len(exploration.outcomes) if exploration.complete else None


def percent(outcome: str) -> Answer:
    """The share of uniformly random runs that have an outcome, in whole percent."""

    def share(exploration: Exploration) -> int | None:
        found = exploration.found(outcome)
        if found is None:
            return 0 if exploration.complete else None
        return None if found.probability is None else round(100 * found.probability)

    return share


def fewest_switches(outcome: str) -> Answer:
    """The number of switches of the simplest schedule that has an outcome."""

    def switches(exploration: Exploration) -> int | None:
        found = exploration.found(outcome)
        return found.switches if found and exploration.complete else None

    return switches


RIGHT: Final[dict[tuple[str, str], Answer]] = {}
"""How the answer to each question about all schedules is found, by its scenario and id."""

IN_PART: Final[dict[str, str]] = {}
"""Scenarios with claims that a search with the default limits cannot decide, and why; none of them fails."""


@cache
def explored(name: str, rules: str) -> Exploration:
    """All schedules of a scenario of the library, under a rule set."""
    return searched(load(name, rules=rules))


def searched(scenario: Scenario) -> Exploration:
    """All schedules of a scenario."""
    return explore(scenario)


def about_all(name: str) -> list[Question]:
    """The questions of a scenario that are about all schedules."""
    return [question for question in loaded(name).questions if question.about_all]


def wrong_answers(
    scenario: Scenario, right: dict[str, Answer], exploration: Exploration
) -> list[tuple[str, str, object]]:
    """The questions about all schedules whose answer is not the one found: (id, answer, what was found)."""
    vm = scenario.start().vm
    wrong: list[tuple[str, str, object]] = []
    for question in (one for one in scenario.questions if one.about_all):
        answer = right[question.id](exploration)
        if answer is None or not same_value(question.expected.show(vm), int(answer)):
            wrong.append((question.id, question.answer, answer))
    return wrong


# --- the tables -------------------------------------------------------------------------------------------


def test_each_question_about_all_schedules_has_a_row_and_no_row_is_left_over() -> None:
    assert {(name, question.id) for name in NAMES for question in about_all(name)} == set(RIGHT)


@pytest.mark.parametrize("name", NAMES)
def test_the_id_of_a_question_says_that_it_is_about_all_schedules(name: str) -> None:
    for question in loaded(name).questions:
        assert question.id.startswith("all-") is question.about_all, question.id


def test_only_scenarios_with_claims_can_be_decided_in_part() -> None:
    assert [name for name in IN_PART if not any(one.over for one in loaded(name).expectations)] == []


# --- what the rows are made of ----------------------------------------------------------------------------

QUESTIONS = "".join(
    f'[[question]]\nid = "{name}"\nasked = "start"\nask = "?"\nanswer = "{answer}"\n'
    for name, answer in (("all-blocked", 12), ("all-can-block", "yes"), ("all-can-leak", "no"))
)
BLOCKED: Final = Found("blocked", "", 1, 12, 0.254, (), "b:end", {}, 3, 9, "pq1-b")


def found_by_hand(*found: Found, complete: bool = True) -> Exploration:
    return Exploration("s", "document", complete, "" if complete else "9 states", 9, 9, found)


def test_an_answer_that_is_not_what_was_found_is_reported() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1") + QUESTIONS)
    rows = {"all-blocked": schedules("blocked"), "all-can-block": possible("blocked")}
    right = {**rows, "all-can-leak": possible("leak")}
    assert wrong_answers(scenario, right, found_by_hand(BLOCKED)) == []
    assert wrong_answers(scenario, right, found_by_hand()) == [
        ("all-blocked", "12", 0),
        ("all-can-block", "yes", False),
    ]
    leak = {**rows, "all-can-leak": possible("blocked")}
    assert wrong_answers(scenario, leak, found_by_hand(BLOCKED)) == [("all-can-leak", "no", True)]
    # A bounded search does not know what is not possible.
    part = found_by_hand(BLOCKED, complete=False)
    assert wrong_answers(scenario, right, part) == [("all-can-leak", "no", None)]


def test_what_the_rows_can_ask() -> None:
    whole, part = found_by_hand(BLOCKED), found_by_hand(complete=False)
    assert [one("blocked")(whole) for one in (schedules, possible, percent, fewest_switches)] == [
        *(12, True, 25, 3)
    ]
    assert [one("leak")(whole) for one in (schedules, possible, percent, fewest_switches)] == [
        *(0, False, 0, None)
    ]
    assert [one("leak")(part) for one in (schedules, possible, percent, fewest_switches)] == [None] * 4
    assert (outcomes(whole), outcomes(part)) == (1, None)


# --- the library ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("rules", sorted(RULE_SETS))
@pytest.mark.parametrize("name", NAMES)
def test_what_a_scenario_says_of_all_schedules_is_true(name: str, rules: str) -> None:
    if not any(one.over for one in loaded(name).expectations):
        return
    exploration = explored(name, rules)
    failed = [claim for claim in exploration.claims if claim.ok is False]
    assert failed == []
    assert [found.outcome for found in exploration.unexpected] == [], "pageq explore exits with 1"
    unknown: list[Claim] = [claim for claim in exploration.claims if claim.ok is None]
    assert bool(unknown) is (name in IN_PART), unknown
    assert exploration.ok is (None if name in IN_PART else True), exploration.bound


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_answers_about_all_schedules_are_what_a_search_finds(name: str) -> None:
    if about_all(name):
        scenario = loaded(name)
        right = {row: answer for (of, row), answer in RIGHT.items() if of == name}
        assert wrong_answers(scenario, right, explored(name, scenario.rules)) == []
