"""What a search found in words: each sentence is true of what it is made from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.explore.exploration import Exploration, Inevitable
from explorer.views.exploration_words import (
    counts_words,
    ending_words,
    ends_words,
    head_words,
    inevitable_words,
    loop_words,
    lost_words,
    race_words,
    runs_words,
    simplest_words,
)
from tests.explorer.found_by_hand import COMPLETED, PANIC, SEARCH

HEADS: list[tuple[dict[str, Any], str]] = [
    ({}, "complete: 1,508 states, 2,739 steps between them, 0.04 s"),
    ({"states": 1, "transitions": 1}, "complete: 1 state, 1 step between them, 0.04 s"),
    ({"reduced": True}, "complete, reduced: 1,508 states, 2,739 steps between them, 0.04 s"),
    (
        {"settings": {"machine.steps_per_tick": 0}},
        "complete: 1,508 states, 2,739 steps between them, 0.04 s, with machine.steps_per_tick = 0",
    ),
    (
        {"complete": False, "bound": "200 ticks", "growing": ("thread[daemon].var.color", 74_000)},
        "bounded (by 200 ticks): 1,508 states, 2,739 steps between them, 0.04 s; "
        "thread[daemon].var.color took 74,000 values",
    ),
    (
        {"complete": False, "bound": "9 sampled schedules", "states": None, "sampled": 9},
        "bounded (by 9 sampled schedules): 2,739 steps, 0.04 s",
    ),
]


@pytest.mark.parametrize(("changes", "text"), HEADS, ids=[text for _, text in HEADS])
def test_the_first_line_says_whether_it_is_complete_and_how_large_it_was(
    changes: dict[str, Any], text: str
) -> None:
    assert head_words(replace(SEARCH, **changes), 0.041) == text


def test_the_time_is_there_only_if_it_is_known() -> None:
    assert head_words(SEARCH) == "complete: 1,508 states, 2,739 steps between them"
    assert head_words(SEARCH, 64.4).endswith(", 64 s")


def uncounted(**changes: Any) -> Exploration:
    return replace(SEARCH, outcomes=(replace(COMPLETED, schedules=None),), **changes)


def test_it_says_why_schedules_are_not_counted() -> None:
    assert counts_words(SEARCH) == ""
    assert counts_words(uncounted()) == "schedules are not counted: some run without an end"
    assert "a reduced search leaves out" in counts_words(uncounted(reduced=True))
    assert "the search is bounded" in counts_words(uncounted(complete=False))
    assert counts_words(uncounted(complete=False, sampled=10)) == ""
    bounded = replace(SEARCH, complete=False)
    assert counts_words(bounded) == "only the schedules that were searched are counted"
    assert counts_words(replace(SEARCH, outcomes=(), complete=False)) == ""


def test_the_share_of_random_runs_uses_the_other_outcomes() -> None:
    assert runs_words(SEARCH, COMPLETED) == "99.999999992 % of random runs"
    assert runs_words(SEARCH, PANIC) == "1 in 12,000,000,000 random runs"


def test_in_a_bounded_search_a_share_is_a_lower_bound() -> None:
    half = replace(COMPLETED, probability=0.5)
    bounded = replace(SEARCH, complete=False, outcomes=(half, replace(PANIC, probability=0.0)))
    assert runs_words(bounded, half) == "at least 50 % of random runs"
    assert runs_words(bounded, bounded.outcomes[1]) == ""


def test_of_samples_their_number_is_said() -> None:
    once = replace(PANIC, sampled=1, probability=None)
    assert runs_words(replace(SEARCH, sampled=10_000), once) == "1 of 10,000 sampled schedules"


def test_an_unknown_share_is_left_out() -> None:
    assert runs_words(SEARCH, replace(PANIC, probability=None)) == ""


def test_a_livelock_has_loops_and_can_have_no_share() -> None:
    loop = replace(PANIC, outcome="livelock", ends=1, probability=0.0, cycle=3)
    assert ends_words(loop) == ("1", "loop")
    assert ends_words(replace(PANIC, ends=1_234)) == ("1,234", "end states")
    assert runs_words(SEARCH, loop) == "0 % of random runs"
    assert loop_words(loop) == "the last 3 steps repeat; fair: each thread that can run again and again does"
    one = replace(loop, cycle=1, starves=("a",))
    assert loop_words(one) == "the last 1 step repeats; starves a if a is never chosen"
    two = replace(loop, starves=("a", "b"))
    assert loop_words(two) == "the last 3 steps repeat; starves a and b if a and b are never chosen"
    assert loop_words(PANIC) == ""


def test_the_simplest_schedule_has_its_switches_and_steps() -> None:
    assert simplest_words(SEARCH, PANIC) == "simplest: taker:57,mover:8,taker:1  (2 switches, 66 steps)"
    none = replace(PANIC, schedule="", switches=0, steps=0)
    assert simplest_words(SEARCH, none) == "simplest: no step is taken  (0 switches, 0 steps)"
    one = replace(PANIC, schedule="a:1,b:1", switches=1, steps=1)
    assert simplest_words(SEARCH, one) == "simplest: a:1,b:1  (1 switch, 1 step)"


@pytest.mark.parametrize("changes", [{"complete": False}, {"reduced": True}], ids=["bounded", "reduced"])
def test_where_not_all_were_searched_a_simpler_schedule_is_not_excluded(changes: dict[str, Any]) -> None:
    words = simplest_words(replace(SEARCH, **changes), PANIC)
    assert words == "simplest found: taker:57,mover:8,taker:1  (2 switches, 66 steps)"


POINTS = [
    (None, ""),
    (Inevitable(7, "", ""), "inevitable from the start"),
    (Inevitable(1_065, "tick", "a clock tick"), 'inevitable after step 1,065, tick "a clock tick"'),
    (
        Inevitable(65, "mover", "join the queue", ("taker",), (("completed",),)),
        'inevitable after step 65, mover "join the queue"; '
        "if taker takes step 65 instead, the run can still complete",
    ),
    (
        Inevitable(
            5, "a", "go", ("b", "c", "d"), (("completed", "panic:f"), ("blocked",), ("completed", "panic:f"))
        ),
        'inevitable after step 5, a "go"; '
        "if b or d takes step 5 instead, the run can still complete or panic in f; "
        "if c takes step 5 instead, the run can still block",
    ),
]


@pytest.mark.parametrize(("point", "text"), POINTS, ids=[text or "unknown" for _, text in POINTS])
def test_the_point_of_no_return_names_who_could_have_avoided_it(point: Inevitable | None, text: str) -> None:
    assert inevitable_words(replace(PANIC, inevitable=point)) == text


OUTCOMES = "completed,blocked,deadlock,livelock,panic:f,script error,leak,unlock_order,invariant"


@pytest.mark.parametrize("outcome", OUTCOMES.split(","))
def test_every_outcome_has_a_verb(outcome: str) -> None:
    assert ending_words(outcome)


def test_a_race_names_the_cell_and_both_sides_in_their_order() -> None:
    assert PANIC.race is not None
    assert race_words(PANIC.race) == (
        'race on setup.m.queue: taker read it in step 57 "read the queue", '
        'then mover wrote it in step 65 "join the queue"'
    )


def test_lost_wakeups_are_counted() -> None:
    assert lost_words(PANIC) == ""
    assert lost_words(replace(PANIC, lost=1)) == "of 3 end states, 1 is a lost wakeup"
    assert lost_words(replace(PANIC, lost=2)) == "of 3 end states, 2 are lost wakeups"
