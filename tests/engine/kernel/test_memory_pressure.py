"""Memory pressure: the predicates, and waking the daemon and the waiters (spec 08)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import V_FREE_COUNT, Thread
from engine.kernel.memory_pressure import (
    pagedaemon_wakeup,
    quotient,
    vm_page_count_min,
    vm_page_count_severe,
    vm_page_count_target,
    vm_page_free_wakeup,
    vm_paging_needed,
    vm_paging_target,
)
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGEOUT_PAGES_NEEDED, CHAN_PAGES_NEEDED
from tests.engine.kernel.limited_crew import crew_with

PREDICATES: list[tuple[Any, tuple[int, ...], int, int, bool]] = [
    # predicate, arguments, free, cached, whether it holds
    (vm_page_count_severe, (), 10, 9, True),
    (vm_page_count_severe, (), 10, 10, False),
    (vm_page_count_severe, (), 9, 90, True),
    (vm_page_count_min, (0,), 20, 19, True),
    (vm_page_count_min, (0,), 20, 20, False),
    (vm_page_count_min, (5,), 20, 24, True),
    (vm_page_count_min, (5,), 20, 25, False),
    (vm_page_count_min, (0,), 9, 90, True),
    (vm_page_count_target, (), 50, 49, True),
    (vm_page_count_target, (), 50, 50, False),
    (vm_page_count_target, (), 9, 900, True),
    (vm_paging_needed, (0,), 40, 29, True),
    (vm_paging_needed, (0,), 40, 30, False),
    (vm_paging_needed, (0,), 39, 90, True),
    (vm_paging_needed, (-1,), 40, 90, True),
    (vm_paging_needed, (1,), 39, 30, False),
]


@pytest.mark.parametrize(("predicate", "arguments", "free", "cache", "holds"), PREDICATES)
def test_the_predicates_at_their_thresholds(
    predicate: Any, arguments: tuple[int, ...], free: int, cache: int, holds: bool
) -> None:
    assert crew_with(free, cache).call(predicate, *arguments) is holds


COUNTS: list[tuple[Any, int, int]] = [
    (vm_paging_target, 90, 40),
    (vm_paging_target, 150, -20),
]


@pytest.mark.parametrize(("function", "free", "missing"), COUNTS)
def test_how_many_pages_are_missing(function: Any, free: int, missing: int) -> None:
    assert crew_with(free).call(function) == missing


def test_each_cpu_uses_its_own_view() -> None:
    crew = crew_with(100)
    crew.vm.gd_vmstats.view[V_FREE_COUNT] = 5
    assert [crew.call(vm_page_count_severe, t=t) for t in (0, 1)] == [True, False]


NEEDED = [
    # free pages, vm_pages_needed before and after, whether the daemon is woken
    ("plenty", 200, 0, 0, False),
    ("short and idle", 50, 0, 1, True),
    ("short and asked already", 50, 1, 1, True),
    ("short while it works", 50, 2, 2, False),
    ("below the minimum while it works", 30, 2, 3, False),
]


@pytest.mark.parametrize(
    ("free", "before", "after", "wakes"), [row[1:] for row in NEEDED], ids=[row[0] for row in NEEDED]
)
def test_waking_the_daemon(free: int, before: int, after: int, wakes: bool) -> None:
    crew = crew_with(free)
    crew.vm.glob.vm_pages_needed[0] = before
    crew.effects.clear()
    crew.call(pagedaemon_wakeup)
    assert crew.vm.glob.vm_pages_needed[0] == after
    assert [effect[:2] for effect in crew.effects] == [("wakeup", CHAN_PAGES_NEEDED)] * wakes


def test_the_daemon_does_not_wake_itself() -> None:
    crew = crew_with(50)
    crew.vm.pagethread = Thread(0)
    crew.call(pagedaemon_wakeup)
    assert crew.vm.glob.vm_pages_needed[0] == 0


RELEASED = [
    # free, cache, waiting, hysteresis, whether the waiters are woken
    ("at the minimum and the hysteresis", 56, 0, 2, 16, True),
    ("one below", 55, 0, 2, 16, False),
    ("at a smaller hysteresis", 44, 0, 2, 4, True),
    ("free below the reserve, much cached", 9, 900, 2, 16, False),
    ("cached pages count", 20, 36, 2, 16, True),
    ("no thread waits", 500, 0, 0, 16, False),
]


@pytest.mark.parametrize(
    ("free", "cache", "waiting", "hysteresis", "go"),
    [row[1:] for row in RELEASED],
    ids=[row[0] for row in RELEASED],
)
def test_a_thread_that_waits_for_memory_is_woken_above_the_hysteresis(
    free: int, cache: int, waiting: int, hysteresis: int, go: bool
) -> None:
    crew = crew_with(free, cache)
    crew.vm.glob.vm_pages_waiting[0] = waiting
    crew.vm.glob.vm_page_free_hysteresis[0] = hysteresis
    crew.effects.clear()
    crew.call(vm_page_free_wakeup)
    assert crew.vm.glob.vm_pages_waiting[0] == (0 if go else waiting)
    assert crew.vm.cpu.v_ppwakeups[0] == int(go)
    assert [effect[:2] for effect in crew.effects] == [("wakeup", CHAN_FREE_COUNT)] * go


def test_waiters_are_also_woken_when_the_target_is_met_but_not_the_hysteresis() -> None:
    crew = crew_with(100)
    crew.vm.glob.vm_pages_waiting[0] = 1
    crew.vm.glob.vm_page_free_hysteresis[0] = 1000
    crew.call(vm_page_free_wakeup)
    assert crew.vm.glob.vm_pages_waiting[0] == 0


@pytest.mark.parametrize(("free", "cache", "woken"), [(14, 0, False), (15, 0, True), (10, 5, True)])
def test_a_pager_that_waits_is_woken_at_its_own_minimum(free: int, cache: int, woken: bool) -> None:
    crew = crew_with(free, cache)
    crew.vm.glob.vm_pageout_pages_needed[0] = 1
    crew.effects.clear()
    crew.call(vm_page_free_wakeup)
    assert crew.vm.glob.vm_pageout_pages_needed[0] == int(not woken)
    assert [effect[:2] for effect in crew.effects] == [("wakeup", CHAN_PAGEOUT_PAGES_NEEDED)] * woken


@pytest.mark.parametrize(
    ("n", "d", "expected"), [(7, 2, 3), (-7, 2, -3), (7, -2, -3), (-7, -2, 3), (0, -5, 0)]
)
def test_a_quotient_is_cut_towards_zero(n: int, d: int, expected: int) -> None:
    assert quotient(n, d) == expected
