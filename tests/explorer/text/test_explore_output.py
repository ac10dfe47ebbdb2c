"""The text of a search: its columns, the details of each outcome, values, claims, and commands to run."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from typing import Any

from engine.explore.exploration import Claim, Exploration, ValueFound
from engine.scenario.loader import load
from engine.scenario.settings import setting
from explorer.cli.entry import build_parser
from explorer.session.command_line import asked_for
from explorer.text.explore_output import lines, run_command
from tests.explorer.found_by_hand import COMPLETED, PANIC, SEARCH

TEXT = """\
complete: 1,508 states, 2,739 steps between them, 0.04 s
completed   4 end states   2.94e13 schedules   99.999999992 % of random runs
panic       3 end states   1,540   schedules   1 in 12,000,000,000 random runs
  vm_page_alloc: expected: a page on no queue
  simplest: taker:57,mover:8,taker:1  (2 switches, 66 steps)
  inevitable after step 65, mover "join the queue"; if taker takes step 65 instead, the run can still complete
  race on setup.m.queue: taker read it in step 57 "read the queue", \
then mover wrote it in step 65 "join the queue"
not expected: panic:vm_page_alloc
"""


def text(exploration: Exploration, **more: Any) -> str:
    return "".join(f"{line}\n" for line in lines(exploration, **more))


def test_the_text_has_the_counts_in_columns_and_the_details_of_what_did_not_complete() -> None:
    assert text(SEARCH, seconds=0.04) == TEXT


def test_with_the_scenario_it_has_the_commands_that_lead_on() -> None:
    shown = text(SEARCH, seconds=0.04, scenario=load("trylock-skips"))
    command = "  run it: pageq run trylock-skips --schedule taker:57,mover:8,taker:1\n"
    following = (
        "on the screen: pageq tui trylock-skips, then :explore\nwhat it means: pageq help exploration\n"
    )
    assert command in shown
    assert shown.replace(command, "") == TEXT + following


def test_the_command_of_the_screen_opens_the_scenario_as_it_was_searched() -> None:
    scenario = load("trylock-skips", rules="source")
    shown = text(SEARCH, scenario=scenario)
    assert "on the screen: pageq tui trylock-skips --rules source, then :explore\n" in shown


def test_what_is_allowed_is_not_named_at_the_end() -> None:
    allowed = replace(SEARCH, expected=frozenset({"completed", "panic:vm_page_alloc"}))
    assert text(allowed, seconds=0.04) == TEXT.replace("not expected: panic:vm_page_alloc\n", "")


def test_a_column_that_no_outcome_has_takes_no_space() -> None:
    outcomes = tuple(replace(found, schedules=None, probability=None) for found in SEARCH.outcomes)
    found = text(replace(SEARCH, outcomes=outcomes, reduced=True)).splitlines()
    assert found[1].startswith("note: schedules are not counted: ")
    assert found[2] == "completed   4 end states"
    assert found[3] == "panic       3 end states"


def test_a_count_of_one_is_aligned_with_the_others() -> None:
    one = replace(PANIC, ends=1, schedules=1)
    rows = text(replace(SEARCH, outcomes=(replace(COMPLETED, ends=12), one))).splitlines()[1:3]
    assert rows == [
        "completed   12 end states   2.94e13 schedules   99.999999992 % of random runs",
        "panic        1 end state    1       schedule    1 in 12,000,000,000 random runs",
    ]


def test_two_panics_are_named_with_their_functions() -> None:
    other = replace(PANIC, outcome="panic:vm_page_wakeup")
    rows = text(replace(SEARCH, outcomes=(COMPLETED, PANIC, other))).splitlines()
    assert rows[1].startswith("completed              4 end states")
    assert rows[2].startswith("panic:vm_page_alloc    3 end states")
    assert [row for row in rows if row.startswith("panic:vm_page_wakeup   3 end states")]
    assert rows[-1] == "not expected: panic:vm_page_alloc, panic:vm_page_wakeup"


def test_the_notes_follow_the_first_line() -> None:
    noted = replace(SEARCH, notes=("the schedule of the file is ignored",))
    assert text(noted).splitlines()[1] == "note: the schedule of the file is ignored"


def test_the_values_of_each_expression_are_a_table() -> None:
    values = (
        ValueFound("taker.got", 84, "page 0x54", 100, 0.25, 2),
        ValueFound("taker.got", None, "NULL", 1, 0.75, 1),
        ValueFound("count(FREE)", 12, "12", 101, 1.0, 3),
    )
    found = text(replace(SEARCH, outcomes=(COMPLETED,), values=values)).splitlines()
    assert found[2:] == [
        "taker.got at the end:",
        "  page 0x54   2 end states   100 schedules   25 % of random runs",
        "  NULL        1 end state    1   schedule    75 % of random runs",
        "count(FREE) at the end:",
        "  12   3 end states   101 schedules   100 % of random runs",
    ]


def test_the_values_of_a_bounded_search_and_of_samples_say_so() -> None:
    value = ValueFound("app.n", 1, "1", None, 0.5, 1)
    bounded = replace(SEARCH, complete=False, bound="9 states", values=(value,))
    assert "  1   1 end state   at least 50 % of random runs\n" in text(bounded)
    sampled = replace(SEARCH, sampled=10, values=(replace(value, probability=None, sampled=7),))
    assert "  1   1 end state   7 of 10 sampled schedules\n" in text(sampled)


def test_each_claim_has_its_verdict_its_place_and_a_schedule_that_shows_it() -> None:
    claims = (
        Claim("every end: app.n == 1", True),
        Claim("always: count(FREE) > 0", False, "it is 0", "app:3", "pq1-x", 3, "a/my.toml:12"),
        Claim("some end: outcome == blocked", None, "the search is bounded"),
        Claim("some end: outcome == leak", True, schedule="app:5", step=5),
    )
    found = text(replace(SEARCH, outcomes=(COMPLETED,), claims=claims)).splitlines()
    assert found[2:] == [
        "claims about all schedules:",
        "  ok         every end: app.n == 1",
        "  FAILS      always: count(FREE) > 0 (my.toml:12)",
        "             it is 0",
        "             counterexample: app:3  (step 3)",
        "  not known  some end: outcome == blocked",
        "             the search is bounded",
        "  ok         some end: outcome == leak",
        "             example: app:5  (step 5)",
    ]


# --- the command that runs a schedule ---------------------------------------------------------------------


def parsed(command: str) -> argparse.Namespace:
    words = shlex.split(command)
    assert words[:2] == ["pageq", "run"]
    return build_parser("run").parse_args(words[1:])


def test_settings_that_a_schedule_needs_are_in_the_command_that_runs_it() -> None:
    found = replace(PANIC, settings={"machine.steps_per_tick": 0})
    shown = text(replace(SEARCH, outcomes=(found,)), scenario=load("trylock-skips"))
    command = "pageq run trylock-skips --schedule taker:57,mover:8,taker:1 --set machine.steps_per_tick=0"
    assert f"  run it: {command}\n" in shown


def test_the_command_makes_the_same_scenario_again() -> None:
    sets = (
        setting("machine.steps_per_tick", 7),
        setting("machine.interlock", True),
        setting("machine.boot", "stepped"),
    )
    scenario = load("trylock-skips", machine="64MiB:1x2x1", rules="source", settings=sets, seed=5)
    command = run_command(scenario, replace(PANIC, settings={"machine.steps_per_tick": 0}))
    again = asked_for(parsed(command))
    assert (again.name, again.machine, again.given_rules, again.seed) == (
        "trylock-skips",
        "64MiB:1x2x1",
        "source",
        5,
    )
    zero = setting("machine.steps_per_tick", 0)
    assert sorted(again.settings, key=str) == sorted((zero, *sets[1:]), key=str)
    assert again.schedule.text == "taker:57,mover:8,taker:1"
