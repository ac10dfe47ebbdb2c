"""What is said of all schedules, before a search and after it."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from engine.errors import BadInput
from engine.explore.claims import Evidence, Shown, Statement, evidence_for, expected_outcomes, judged
from engine.explore.exploration import Claim, Found
from engine.scenario.loader import Scenario
from tests.engine.scenario.small_scenarios import THREAD, scenario_of, sentences

EXPR = scenario_of(rest=THREAD.format("x = 1")).expression("app.x == 1")


def found(outcome: str, **more: Any) -> Found:
    known = {"message": "", "ends": 1, "schedules": 1, "probability": 0.5, "path": (), "settings": {}}
    shown = {"schedule": f"to {outcome}", "switches": 1, "steps": 9, "state": f"pq1-{outcome}"}
    return Found(outcome, **{**known, **shown, **more})


def to_the_last(states: Sequence[int]) -> Shown:
    """A schedule to the last of some states: a search decides which one is the simplest."""
    return f"to {states[-1]}", f"pq1-{states[-1]}", 10 * states[-1]


def said(over: str, outcome: str = "") -> Evidence:
    words = f"outcome == {outcome}" if outcome else EXPR.text
    return Evidence(Statement(over, words, outcome, None if outcome else EXPR, "f.toml:7"))


def claim(evidence: Evidence, *outcomes: Found, bound: str = "", reduced: bool = False) -> Claim:
    (one,) = judged([evidence], outcomes, bound=bound, schedule_to=to_the_last, reduced=reduced)
    return one


# --- before the search ------------------------------------------------------------------------------------

FILE = """[[expect]]
every = "end"
that = "app.x == 1"
[[expect]]
that = "app.x == 1"
[[expect]]
some = "end"
outcome = "blocked"
[[expect]]
always = "app.x < 2"
"""


def scenario(expects: str = FILE) -> Scenario:
    return scenario_of(rest=THREAD.format("x = 1") + expects)


def test_the_statements_are_those_of_the_file_then_those_that_are_given() -> None:
    evidence = evidence_for(scenario(), always=["app.x"], end=["app.x > 0"])
    assert [(one.statement.text, one.statement.place) for one in evidence] == [
        ("every end: app.x == 1", "scenario:13"),
        ("some end: outcome == blocked", "scenario:18"),
        ("always: app.x < 2", "scenario:20"),
        ("always: app.x", ""),
        ("every end: app.x > 0", ""),
    ]
    assert [(one.at_ends, one.everywhere) for one in evidence] == [
        (True, False),
        (False, False),
        (False, True),
        (False, True),
        (True, False),
    ]
    assert [one.texts for one in evidence[:2]] == [("app.x == 1",), ()]


def test_a_given_text_that_is_not_an_expression_is_refused_with_its_text() -> None:
    for words in ({"always": ["app.y"]}, {"end": ["app.y"]}):
        with pytest.raises(BadInput, match=r"^'app.y': app has no variable 'y'.*; use one like 'queue_of"):
            evidence_for(scenario(), **words)


@pytest.mark.parametrize(
    ("expects", "allow", "expected"),
    sentences(
        ("a file that says nothing", "", (), ["completed"]),
        ("one that is allowed", "", ("leak", "panic:vm_page_free"), ["completed", "leak", "panic:vm_page_free"]),
        ("the outcome of its own run", '[[expect]]\noutcome = "deadlock"\n', (), ["completed", "deadlock"]),
        ("what some schedule does", FILE, (), ["blocked", "completed"]),
        ("what every schedule does", '[[expect]]\nevery = "end"\noutcome = "script error"\n', (), ["completed", "script error"]),
        ("completed, in so many words", '[[expect]]\noutcome = "completed"\n', (), ["completed", "leak"]),
        ("completed of some schedule", '[[expect]]\nsome = "end"\noutcome = "completed"\n', (), ["completed", "leak"]),
        ("an expression", '[[expect]]\nevery = "end"\nthat = "app.x"\n', (), ["completed"]),
    ),
)  # fmt: skip
def test_expected_outcomes(expects: str, allow: tuple[str, ...], expected: list[str]) -> None:
    assert sorted(expected_outcomes(scenario(expects), allow)) == expected


def test_an_allowed_outcome_that_is_not_one_is_refused() -> None:
    with pytest.raises(BadInput, match=r"'hang' is not an outcome; use completed, .* or panic:FUNCTION"):
        expected_outcomes(scenario(), ["leak", "hang"])


# --- in a state -------------------------------------------------------------------------------------------


def test_a_statement_that_cannot_be_evaluated_yet_gives_the_reason() -> None:
    history = scenario_of(rest=THREAD.format("m = page[70]")).start()
    names = scenario_of(rest=THREAD.format("m = page[70]"))
    statement = Statement("always", "", "", names.expression("app.m.valid == 0"))
    assert statement.truth(history.vm) == "app.m is NULL here; it must be a page"
    history.extend(1)
    assert statement.truth(history.vm) is True


def test_evidence_is_cleared_for_another_search() -> None:
    evidence = said("always")
    evidence.note(1, "NULL")
    evidence.note(2, False)
    evidence.note_end(2, True)
    evidence.clear()
    assert evidence == said("always")


# --- after the search -------------------------------------------------------------------------------------

HANGS = found("livelock", starves=("app",))


@pytest.mark.parametrize(
    ("over", "truths", "bound", "ok", "words", "schedule"),
    sentences(
        ("every, and it holds at each", "every", [True, True], "", True, "", ""),
        ("every, and it holds at each that was found", "every", [True], "9 states", None, "the search was bounded by 9 states", ""),
        ("every, and it does not hold at two", "every", [False, True, False], "", False, "it does not hold at 2 of 3 end states", "to 2"),
        ("every, bounded, and it does not hold", "every", [True, False], "9 states", False, "it does not hold at 1 of 2 end states", "to 1"),
        ("every, and it cannot be evaluated at one", "every", [True, "it is NULL"], "", False, "it does not hold at 1 of 2 end states; it cannot be evaluated: it is NULL", "to 1"),
        ("every, and there is no end", "every", [], "", False, "no schedule has an end", ""),
        ("every, and there is no end yet", "every", [], "9 states", None, "the search was bounded by 9 states", ""),
        ("some, and it holds at one", "some", [False, True], "", True, "", "to 1"),
        ("some, bounded, and it holds at one", "some", [True], "9 states", True, "", "to 0"),
        ("some, and it holds at none", "some", [False, False], "", False, "it holds at none of 2 end states", ""),
        ("some, and it can be evaluated at none", "some", ["it is NULL"], "", False, "it holds at none of 1 end state; it cannot be evaluated: it is NULL", ""),
        ("some, bounded, and it holds at none", "some", [False], "9 states", None, "the search was bounded by 9 states", ""),
        ("always, and it holds", "always", [True, True], "", True, "", ""),
        ("always, and it could not be evaluated at first", "always", ["it is NULL", True], "", True, "", ""),
        ("always, and it could never be evaluated", "always", ["it is NULL", "it is gone"], "", False, "it can be evaluated at no state: it is NULL", ""),
        ("always, bounded, and it was not evaluated", "always", ["it is NULL"], "9 states", None, "the search was bounded by 9 states", ""),
        ("always, and it does not hold at two", "always", [True, False, False], "", False, "it does not hold at 2 states", "to 2"),
        ("always, bounded, and it does not hold", "always", [False], "9 states", False, "it does not hold at 1 state, the first of them at step 0", "to 0"),
    ),
)  # fmt: skip
def test_a_claim_about_an_expression(
    over: str, truths: list[bool | str], bound: str, ok: bool | None, words: str, schedule: str
) -> None:
    evidence = said(over)
    for state, truth in enumerate(truths):
        if evidence.everywhere:
            evidence.note(state, truth)
        else:
            evidence.note_end(state, truth)
    made = claim(evidence, found("completed"), bound=bound)
    assert (made.ok, made.found, made.schedule, made.place) == (ok, words, schedule, "f.toml:7")
    assert made.text == ("always: app.x == 1" if over == "always" else f"{over} end: app.x == 1")
    if schedule:
        state = int(schedule.removeprefix("to "))
        assert (made.state, made.step) == (f"pq1-{state}", 10 * state)


@pytest.mark.parametrize(
    ("over", "outcome", "outcomes", "ok", "words", "schedule"),
    sentences(
        ("every, and there is no other", "every", "blocked", ["blocked"], True, "", ""),
        ("every, and there are others", "every", "blocked", ["completed", "blocked", "leak"], False, "found: completed, leak", "to completed"),
        ("every completed, and a leak", "every", "completed", ["completed", "leak"], True, "", ""),
        ("every leak, and completed", "every", "leak", ["completed"], False, "found: completed", "to completed"),
        ("every panic of one function", "every", "panic:f", ["panic:g"], False, "found: panic:g", "to panic:g"),
        ("every, and no outcome", "every", "completed", [], False, "no schedule has an end", ""),
        ("some, and it is there", "some", "blocked", ["completed", "blocked"], True, "", "to blocked"),
        ("some, and it is not", "some", "blocked", ["completed", "leak"], False, "found: completed, leak", ""),
        ("some completed, and a leak before it", "some", "completed", ["leak", "completed"], True, "", "to completed"),
        ("some completed, and only a leak", "some", "completed", ["leak"], True, "", "to leak"),
    ),
)  # fmt: skip
def test_a_claim_about_an_outcome(
    over: str, outcome: str, outcomes: list[str], ok: bool, words: str, schedule: str
) -> None:
    made = claim(said(over, outcome), *map(found, outcomes))
    assert (made.text, made.ok, made.found) == (f"{over} end: outcome == {outcome}", ok, words)
    assert made.schedule == schedule
    assert (made.state, made.step) == ((f"pq1-{schedule[3:]}", 9) if schedule else ("", 0))


def test_in_a_bounded_search_only_what_was_found_decides_about_an_outcome() -> None:
    unknown = "the search was bounded by 10,000 sampled schedules"
    rows = [
        (said("every", "completed"), None, unknown),
        (said("every", "blocked"), False, "found: completed"),
        (said("some", "completed"), True, ""),
        (said("some", "blocked"), None, unknown),
    ]
    for evidence, ok, words in rows:
        made = claim(evidence, found("completed"), bound="10,000 sampled schedules")
        assert (made.ok, made.found) == (ok, words)


def test_a_livelock_that_a_fair_schedule_leaves_is_not_an_end() -> None:
    assert claim(said("every", "completed"), found("completed"), HANGS).ok is True
    assert claim(said("every", "completed"), found("completed"), found("livelock")).ok is False
    assert claim(said("some", "livelock"), found("completed"), HANGS).ok is True
    fair = found("livelock", schedule="fair")
    assert claim(said("some", "livelock"), HANGS, fair).schedule == "fair"


def test_a_reduced_search_does_not_know_what_always_holds_but_finds_what_does_not() -> None:
    holds, violated, ends = said("always"), said("always"), said("every")
    holds.note(0, True)
    violated.note(0, False)
    ends.note_end(1, True)
    made = [claim(one, found("completed"), reduced=True) for one in (holds, violated, ends)]
    assert [one.ok for one in made] == [None, False, True]
    assert made[0].found == "a reduced search leaves states out"
