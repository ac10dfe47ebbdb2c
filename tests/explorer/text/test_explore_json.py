"""The JSON of a search: the keys of the contract in their order, then those that were added."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from engine.explore.exploration import Claim, Exploration, Inevitable, ValueFound
from explorer.text.explore_json import facts
from tests.explorer.found_by_hand import COMPLETED, PANIC, SEARCH

TOP = ["format", "scenario", "rules", "complete", "bound", "states", "transitions", "outcomes", "values"]
OUTCOME = [
    *("outcome", "ends", "schedules", "probability", "schedule", "settings", "switches", "steps", "state"),
    "inevitable",
]
INEVITABLE = ["step", "thread", "action", "alternatives"]
VALUE = ["expr", "value", "schedules", "probability"]


def read(exploration: Exploration) -> dict[str, Any]:
    """What a program reads that gets the JSON."""
    found: dict[str, Any] = json.loads(json.dumps(facts(exploration)))
    return found


def test_the_keys_of_the_contract_come_first() -> None:
    search = replace(SEARCH, values=(ValueFound("app.n", 1, "1", 5, 0.5, 2),))
    found = read(search)
    assert list(found)[: len(TOP)] == TOP
    assert list(found["outcomes"][1])[: len(OUTCOME)] == OUTCOME
    assert list(found["outcomes"][1]["inevitable"])[: len(INEVITABLE)] == INEVITABLE
    assert list(found["values"][0])[: len(VALUE)] == VALUE


def test_it_has_what_was_found() -> None:
    found = read(replace(SEARCH, notes=("one",), expected=frozenset({"completed", "blocked"})))
    completed, panic = found.pop("outcomes")
    assert found == {
        "format": 1,
        "scenario": "trylock-skips",
        "rules": "document",
        "complete": True,
        "bound": None,
        "states": 1_508,
        "transitions": 2_739,
        "values": [],
        "claims": [],
        "expected": ["blocked", "completed"],
        "growing": None,
        "sampled": 0,
        "reduced": False,
        "notes": ["one"],
    }
    assert (completed["schedules"], completed["inevitable"], completed["race"]) == (
        COMPLETED.schedules,
        None,
        None,
    )
    assert panic == {
        "outcome": "panic:vm_page_alloc",
        "ends": 3,
        "schedules": 1_540,
        "probability": 8.3e-11,
        "schedule": "taker:57,mover:8,taker:1",
        "settings": {},
        "switches": 2,
        "steps": 66,
        "state": "pq1-panic",
        "inevitable": {
            "step": 65,
            "thread": "mover",
            "action": "join the queue",
            "alternatives": ["taker"],
            "others": [["completed"]],
        },
        "message": PANIC.message,
        "race": {
            "cell": "setup.m.queue",
            "first": {"thread": "taker", "step": 57, "action": "read the queue", "writes": False},
            "second": {"thread": "mover", "step": 65, "action": "join the queue", "writes": True},
        },
        "lost": 0,
        "starves": [],
        "cycle": 0,
        "sampled": 0,
    }


def test_a_long_count_is_a_string_and_an_unknown_one_is_null() -> None:
    counts = [10**4_000 - 1, 123 * 10**5_676, None]
    outcomes = tuple(replace(PANIC, schedules=count) for count in counts)
    found = read(replace(SEARCH, outcomes=outcomes))
    assert [one["schedules"] for one in found["outcomes"]] == [10**4_000 - 1, "1.23e5678", None]


def test_a_bounded_search_has_its_bound_and_the_cell_that_grows() -> None:
    found = read(replace(SEARCH, complete=False, bound="200 ticks", growing=("thread[a].var.n", 74_000)))
    assert (found["complete"], found["bound"]) == (False, "200 ticks")
    assert found["growing"] == {"cell": "thread[a].var.n", "values": 74_000}


def test_after_sampling_there_are_no_states() -> None:
    once = replace(PANIC, schedules=None, probability=None, inevitable=None, sampled=3)
    found = read(
        replace(SEARCH, complete=False, bound="9 sampled schedules", states=None, sampled=9, outcomes=(once,))
    )
    assert (found["states"], found["sampled"]) == (None, 9)
    (outcome,) = found["outcomes"]
    assert (outcome["schedules"], outcome["probability"], outcome["sampled"]) == (None, None, 3)


def test_what_was_inevitable_from_the_start_has_no_thread() -> None:
    found = read(replace(SEARCH, outcomes=(replace(PANIC, inevitable=Inevitable(0, "", "")),)))
    assert found["outcomes"][0]["inevitable"] == {
        "step": 0,
        "thread": None,
        "action": "",
        "alternatives": [],
        "others": [],
    }


def test_claims_and_values_have_their_keys() -> None:
    claim = Claim("always: app.n == 1", False, "it is 0", "app:3", "pq1-x", 3, "my.toml:12")
    found = read(replace(SEARCH, claims=(claim,), values=(ValueFound("app.n", 1, "1", None, 0.5, 2),)))
    assert found["claims"] == [
        {
            "text": "always: app.n == 1",
            "ok": False,
            "found": "it is 0",
            "schedule": "app:3",
            "state": "pq1-x",
            "step": 3,
            "place": "my.toml:12",
        }
    ]
    assert found["values"] == [
        {
            "expr": "app.n",
            "value": 1,
            "schedules": None,
            "probability": 0.5,
            "shown": "1",
            "ends": 2,
            "sampled": 0,
        }
    ]
