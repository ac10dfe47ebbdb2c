"""The groups of bookkeeping columns: each name is a column, in one group only."""

from __future__ import annotations

from itertools import combinations

from engine.machine import bookkeeping
from engine.scenario.loader import load

GROUPS = {
    "LISTS": bookkeeping.LISTS,
    "LOCKS": bookkeeping.LOCKS,
    "STATES": bookkeeping.STATES,
    "PROGRESS": bookkeeping.PROGRESS,
    "SCHEDULE": bookkeeping.SCHEDULE,
}


def test_every_name_is_a_column() -> None:
    columns = set(load("life-of-a-page").start().vm.memory.places)
    assert set().union(*GROUPS.values(), bookkeeping.PLUMBING) <= columns


def test_a_column_is_in_one_group_only() -> None:
    both = {(one, other) for one, other in combinations(GROUPS, 2) if GROUPS[one] & GROUPS[other]}
    assert both == set()


def test_every_link_and_lock_of_the_tables_is_in_a_group() -> None:
    columns = load("life-of-a-page").start().vm.memory.places
    links = {name for name in columns if name.endswith(("_head", "_tail", "spin", "run_next", "sleep_next"))}
    assert links <= bookkeeping.LISTS | bookkeeping.LOCKS
    assert {name for name in columns if ".schedule_" in name} == bookkeeping.SCHEDULE
