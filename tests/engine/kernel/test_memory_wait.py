"""Memory pressure: the predicates, who is told, who waits and until when (spec 08)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import NULL, P_LOWMEMKILL, V_FREE_COUNT, Thread
from engine.errors import KernelPanic
from engine.kernel.free import vm_page_free
from engine.kernel.memory_pressure import (
    pagedaemon_wakeup,
    vm_page_count_min,
    vm_page_count_severe,
    vm_page_count_target,
    vm_page_free_wakeup,
    vm_paging_needed,
    vm_paging_target,
)
from engine.kernel.memory_wait import vm_test_nominal, vm_wait, vm_wait_nominal, vm_wait_pfault
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGEOUT_PAGES_NEEDED, CHAN_PAGES_NEEDED, tsleep, wakeup
from engine.kernel.thresholds import (
    nice_margin,
    vm_paging_inactive,
    vm_paging_inactive_count,
    vm_paging_min,
    vm_paging_min_dnc,
    vm_paging_min_nice,
    vm_paging_severe,
    vm_paging_start,
    vm_paging_target1,
    vm_paging_target1_count,
    vm_paging_target2,
    vm_paging_target2_count,
    vm_paging_wait,
)
from tests.engine.kernel.stepping import ASLEEP, DONE, THERE, Crew, configuration, unchecked

LIMITS = {
    "v_free_reserved": 10,
    "v_free_severe": 20,
    "v_free_min": 40,
    "v_cache_min": 30,
    "v_free_target": 100,
    "v_pageout_free_min": 15,
    "v_inactive_target": 60,
}


def crew_with(free: int, cache: int = 0, rules: str = "source", **options: Any) -> Crew:
    """A crew that believes in so many free and cached pages, and in the limits above."""
    crew = Crew(configuration(rules=rules, **options), check=unchecked)
    crew.set_limits(v_free_count=free, v_cache_count=cache, v_inactive_count=0, **LIMITS)
    return crew


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
    (vm_paging_severe, (), 10, 9, True),
    (vm_paging_severe, (), 20, 0, False),
    (vm_paging_min, (), 39, 0, True),
    (vm_paging_min, (), 40, 0, False),
    (vm_paging_min_dnc, (2,), 41, 0, True),
    (vm_paging_min_dnc, (2,), 42, 0, False),
    (vm_paging_min_nice, (10,), 40, 0, False),
    (vm_paging_wait, (), 119, 0, True),
    (vm_paging_wait, (), 120, 0, False),
    (vm_paging_start, (0,), 139, 0, True),
    (vm_paging_start, (0,), 140, 0, False),
    (vm_paging_start, (0,), 39, 900, True),
    (vm_paging_start, (1,), 139, 0, False),
    (vm_paging_target1, (), 159, 0, True),
    (vm_paging_target1, (), 160, 0, False),
    (vm_paging_target2, (), 199, 0, True),
    (vm_paging_target2, (), 200, 0, False),
    (vm_paging_inactive, (), 99, 0, True),
    (vm_paging_inactive, (), 100, 0, False),
    (vm_test_nominal, (), 39, 0, True),
    (vm_test_nominal, (), 40, 0, False),
]


@pytest.mark.parametrize(("predicate", "arguments", "free", "cache", "holds"), PREDICATES)
def test_the_predicates_at_their_thresholds(
    predicate: Any, arguments: tuple[int, ...], free: int, cache: int, holds: bool
) -> None:
    assert crew_with(free, cache).call(predicate, *arguments) is holds


COUNTS: list[tuple[Any, int, int]] = [
    (vm_paging_target, 90, 40),
    (vm_paging_target1_count, 90, 70),
    (vm_paging_target2_count, 90, 110),
    (vm_paging_inactive_count, 90, 10),
    (vm_paging_target, 150, -20),
]


@pytest.mark.parametrize(("function", "free", "missing"), COUNTS)
def test_how_many_pages_are_missing(function: Any, free: int, missing: int) -> None:
    assert crew_with(free).call(function) == missing


def test_each_cpu_believes_its_own_view() -> None:
    crew = crew_with(100)
    crew.vm.gd_vmstats.view[V_FREE_COUNT] = 5
    assert [crew.call(vm_page_count_severe, t=t) for t in (0, 1)] == [True, False]


# v_free_min 1374: what spec 08 computes for the later kernel, and the document's own rule.
MARGINS = [
    ("formula", [(-20, 0), (-10, 343), (-1, 652), (0, 0), (1, 720), (10, 1029), (19, 1338), (20, 1373)]),
    ("monotone", [(-20, -1373), (-10, -686), (-1, -68), (0, 0), (1, 68), (10, 686), (20, 1373)]),
    ("none", [(-20, 0), (0, 0), (20, 0)]),
]


def test_without_a_limit_a_nice_value_adds_nothing() -> None:
    for rule in ("formula", "monotone", "none"):
        crew = Crew(configuration(nice_rule=rule))
        crew.set_limits(v_free_min=0)
        assert {nice_margin(crew.vm, nice) for nice in range(-20, 21)} == {0}


@pytest.mark.parametrize(("rule", "margins"), MARGINS, ids=[row[0] for row in MARGINS])
def test_what_a_nice_value_adds(rule: str, margins: list[tuple[int, int]]) -> None:
    crew = Crew(configuration(nice_rule=rule))
    crew.set_limits(v_free_min=1374)
    assert [(nice, nice_margin(crew.vm, nice)) for nice, _ in margins] == margins


# --- telling the daemon and the waiters -------------------------------------------------------------------


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
    # free, cache, waiting, hysteresis, whether the waiters go
    ("at the minimum and the hysteresis", 56, 0, 2, 16, True),
    ("one below", 55, 0, 2, 16, False),
    ("at a smaller hysteresis", 44, 0, 2, 4, True),
    ("free below the reserve, much cached", 9, 900, 2, 16, False),
    ("cached pages count", 20, 36, 2, 16, True),
    ("nobody waits", 500, 0, 0, 16, False),
]


@pytest.mark.parametrize(
    ("free", "cache", "waiting", "hysteresis", "go"),
    [row[1:] for row in RELEASED],
    ids=[row[0] for row in RELEASED],
)
def test_who_waits_for_memory_is_let_go_above_the_hysteresis(
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


def test_waiters_go_too_when_the_target_is_met_though_the_hysteresis_is_not() -> None:
    crew = crew_with(100)
    crew.vm.glob.vm_pages_waiting[0] = 1
    crew.vm.glob.vm_page_free_hysteresis[0] = 1000
    crew.call(vm_page_free_wakeup)
    assert crew.vm.glob.vm_pages_waiting[0] == 0


@pytest.mark.parametrize(("free", "cache", "woken"), [(14, 0, False), (15, 0, True), (10, 5, True)])
def test_a_pager_that_waits_goes_at_its_own_minimum(free: int, cache: int, woken: bool) -> None:
    crew = crew_with(free, cache)
    crew.vm.glob.vm_pageout_pages_needed[0] = 1
    crew.effects.clear()
    crew.call(vm_page_free_wakeup)
    assert crew.vm.glob.vm_pageout_pages_needed[0] == int(not woken)
    assert [effect[:2] for effect in crew.effects] == [("wakeup", CHAN_PAGEOUT_PAGES_NEEDED)] * woken


# --- waiting ----------------------------------------------------------------------------------------------


def test_a_wait_for_memory_registers_asks_the_daemon_and_sleeps_a_second() -> None:
    crew = crew_with(50)
    assert crew.start(0, vm_wait, 0) == ASLEEP
    glob, thread = crew.vm.glob, crew.vm.thread
    assert (glob.vm_pages_needed[0], glob.vm_pages_waiting[0]) == (1, 1)
    assert (thread.chan[0], thread.timo[0]) == (CHAN_FREE_COUNT, 100)
    assert crew.vm.object.token_owner[crew.vm.vm_token] == 0
    crew.tick(99)
    assert crew.asleep(0)
    crew.tick()
    assert crew.play(0) == DONE
    assert crew.vm.object.token_owner[crew.vm.vm_token] == 0


WAITED = [
    ("there is enough", 100, {}, DONE),
    ("there is not", 99, {}, ASLEEP),
    ("the later kernel asks for the minimum and nice + 1", 40, {"thresholds": "newer"}, DONE),
    ("the later kernel, below", 39, {"thresholds": "newer"}, ASLEEP),
    ("by the formula for nice 1: 20 more", 60, {"nice_rule": "formula"}, DONE),
    ("by the formula, one less", 59, {"nice_rule": "formula"}, ASLEEP),
]


@pytest.mark.parametrize(
    ("free", "options", "ends"), [row[1:] for row in WAITED], ids=[row[0] for row in WAITED]
)
def test_whether_a_wait_sleeps(free: int, options: dict[str, Any], ends: str) -> None:
    assert crew_with(free, **options).start(0, vm_wait, 5) == ends


def test_a_wait_sleeps_once_whatever_it_finds_then() -> None:
    crew = crew_with(50)
    assert crew.start(0, vm_wait, 7) == ASLEEP
    assert crew.vm.thread.timo[0] == 7
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE


@pytest.mark.parametrize(("free", "ends"), [(39, ASLEEP), (40, DONE)])
def test_a_pager_waits_on_its_own_channel_below_the_minimum(free: int, ends: str) -> None:
    for role in ("pagethread", "emergpager"):
        crew = crew_with(free)
        setattr(crew.vm, role, 0)
        assert crew.start(0, vm_wait, 0) == ends
        asleep = ends == ASLEEP
        assert crew.vm.glob.vm_pageout_pages_needed[0] == int(asleep)
        assert crew.vm.thread.chan[0] == (CHAN_PAGEOUT_PAGES_NEEDED if asleep else 0)
        assert crew.vm.glob.vm_pages_waiting[0] == 0


FAULTS = [
    # free, options, nice, whether a fault sleeps
    ("2020: between severe and the minimum it goes on", 20, {}, 0, DONE),
    ("2020: below severe it sleeps", 19, {}, 0, ASLEEP),
    ("2020: nice does not matter", 20, {}, 20, DONE),
    ("the document: below the minimum it sleeps", 39, {"nice_rule": "monotone"}, 0, ASLEEP),
    ("the document: at it it does not", 40, {"nice_rule": "monotone"}, 0, DONE),
    ("the document: a nice process sleeps earlier", 58, {"nice_rule": "monotone"}, 10, ASLEEP),
    ("the document: and up to there", 59, {"nice_rule": "monotone"}, 10, DONE),
    ("the document: a favoured one digs deeper", 21, {"nice_rule": "monotone"}, -10, DONE),
    ("the document: but not for ever", 20, {"nice_rule": "monotone"}, -10, ASLEEP),
    ("the document: never into the reserve", 9, {"nice_rule": "monotone"}, -20, ASLEEP),
    ("the later kernel: nice 0", 40, {"thresholds": "newer"}, 0, DONE),
    ("the later kernel: by its formula", 68, {"thresholds": "newer", "nice_rule": "formula"}, 10, ASLEEP),
    ("the later kernel: and up to there", 69, {"thresholds": "newer", "nice_rule": "formula"}, 10, DONE),
]


@pytest.mark.parametrize(
    ("free", "options", "nice", "ends"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_whether_a_page_fault_waits(free: int, options: dict[str, Any], nice: int, ends: str) -> None:
    crew = crew_with(free, **options)
    crew.vm.thread.nice[0] = nice
    assert crew.start(0, vm_wait_pfault) == ends


def test_a_fault_naps_until_there_is_memory() -> None:
    crew = crew_with(19)
    assert crew.start(0, vm_wait_pfault) == ASLEEP
    for _ in range(2):
        crew.call(wakeup, CHAN_FREE_COUNT, t=1)
        assert crew.play(0) == ASLEEP
    crew.set_limits(v_free_count=20)
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE
    assert crew.vm.glob.vm_pages_waiting[0] == 3


@pytest.mark.parametrize("process", [NULL, 2])
def test_a_process_about_to_be_killed_leaves_the_fault_after_its_nap(process: int) -> None:
    crew = crew_with(19)
    assert crew.start(0, vm_wait_pfault, process) == ASLEEP
    crew.vm.thread.p_flags[0 if process == NULL else process] = P_LOWMEMKILL
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE
    assert crew.vm.object.token_owner[crew.vm.vm_token] == 0


def test_the_nominal_wait_goes_on_until_the_minimum_is_there() -> None:
    crew = crew_with(39)
    assert crew.start(0, vm_wait_nominal) == ASLEEP
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == ASLEEP
    crew.set_limits(v_free_count=40)
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE


@pytest.mark.parametrize(
    "function", [vm_wait_pfault, vm_wait_nominal], ids=lambda function: function.__name__
)
def test_a_target_below_what_is_waited_for_makes_the_wait_go_round_for_ever(function: Any) -> None:
    crew = crew_with(19)
    crew.set_limits(v_free_target=5)
    crew.begin(0, function)
    with pytest.raises(AssertionError, match="not done after 300 steps"):
        crew.play(0, limit=300)


def test_a_wakeup_between_the_look_and_the_sleep_is_lost_and_the_second_makes_good_for_it() -> None:
    crew = crew_with(50)
    crew.begin(0, vm_wait, 0)
    assert crew.play(0, until="go to sleep") == THERE
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == ASLEEP
    crew.tick(100)
    assert crew.play(0) == DONE


def test_freeing_a_page_lets_the_waiters_go() -> None:
    crew = crew_with(99)
    m = crew.page(busy=True)
    crew.set_limits(v_free_count=99)
    assert crew.start(1, vm_wait, 0) == ASLEEP
    crew.call(vm_page_free, m)
    assert crew.play(1) == DONE
    assert (crew.vm.glob.vm_pages_waiting[0], crew.vm.cpu.v_ppwakeups[0]) == (0, 1)


def test_sleeping_on_nothing_or_with_a_spinlock_is_a_panic() -> None:
    with pytest.raises(KernelPanic) as caught:
        Crew().call(tsleep, 0, False, "nothing", 0)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "tsleep")
