"""The main loop of the primary pageout daemon: spec 22, section A, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import HZ, PQ_HOLD, V_INACTIVE_COUNT, V_INACTIVE_TARGET
from engine.kernel.memory_pressure import (
    vm_page_count_min,
    vm_page_count_target,
    vm_paging_needed,
    vm_paging_target,
)
from engine.kernel.pageout import daemon as pageout
from engine.kernel.pageout.daemon import PQAVERAGE
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGEDAEMON_TIME, CHAN_PAGES_NEEDED
from engine.machine.tables import (
    PHASE_ACTIVE,
    PHASE_DECIDE,
    PHASE_HOLD,
    PHASE_IDLE,
    PHASE_INACTIVE,
    PHASE_ROLLUP,
    PHASE_SHORTAGE,
    PHASE_TARGET,
)

Machine = Callable[..., Any]
LoopOf = Callable[..., Any]
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
PSLEEP = (CHAN_PAGES_NEEDED, "psleep", 500)
NEVER_MET = 1_000_000


def started(paging: Machine, loop: LoopOf, **limits: int) -> Any:
    """A daemon in its first sleep."""
    daemon = loop(paging())
    assert daemon.run() == PSLEEP
    daemon.paging.limits(**limits)
    return daemon


def missing(machine: Any, pages: int) -> None:
    """Let exactly `pages` be missing to the paging target; nothing else is below its limit."""
    machine.limits(v_free_min=0, v_free_reserved=0, v_cache_min=0, v_free_target=0)
    machine.limits(v_free_target=pages - vm_paging_target(machine.vm))


def inactive_target(machine: Any, short: int) -> None:
    """Let exactly `short` inactive pages be missing."""
    machine.limits(v_inactive_target=machine.vm.vmstats.count[V_INACTIVE_COUNT] + short)


# --- PQAVERAGE --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "average"),
    [
        *((0, 2), (1, 3), (512, 3), (513, 4), (1024, 4), (1318, 5)),
        *((5000, 12), (100000, 198), (-1, -3), (-1024, -4)),
    ],
)
def test_the_quota_of_a_queue_is_twice_the_average(paging: Machine, n: int, average: int) -> None:
    assert PQAVERAGE(paging(colors=1024).vm, n) == average


# --- A2, A3: waiting --------------------------------------------------------------------------------------


def test_an_idle_daemon_looks_at_one_hold_queue_and_then_at_all_active_queues_every_five_seconds(
    paging: Machine, loop: LoopOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []

    def scan(name: str) -> Any:
        def call(vm: Any, q: int) -> Any:
            yield "scan"
            seen.append((name, q))

        return call

    monkeypatch.setattr(pageout, "vm_pageout_page_stats", scan("stats"))
    monkeypatch.setattr(pageout, "vm_pageout_scan_hold", scan("hold"))
    daemon = loop(paging())
    for lap in range(2):
        assert daemon.run() == PSLEEP
        stats = [("stats", q) for q in range(16)] if lap else []
        assert seen == [*stats, ("hold", lap)]
        seen.clear()
        daemon.wake()
    assert daemon.scans == []


def test_an_idle_daemon_that_is_woken_goes_to_work_without_a_look_at_the_statistics(
    paging: Machine, loop: LoopOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pageout, "vm_pageout_page_stats", None)
    daemon = started(paging, loop)
    missing(daemon.paging, 0)
    daemon.wake(timeout=False)
    assert daemon.run() == PSLEEP
    assert daemon.vm.cpu.v_pdwakeups[0] == 1


@pytest.mark.parametrize("why", ["pages are needed nevertheless", "pages were requested just now"])
def test_a_daemon_whose_sleep_ends_when_pages_are_short_goes_to_work(
    paging: Machine, loop: LoopOf, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr(pageout, "vm_pageout_page_stats", None)
    daemon = started(paging, loop)
    missing(daemon.paging, 0)
    if why == "pages were requested just now":
        daemon.vm.glob.vm_pages_needed[0] = 1
    else:
        daemon.paging.view(v_free_min=NEVER_MET)
    daemon.wake()
    daemon.run()
    assert daemon.vm.cpu.v_pdwakeups[0] == 1


def test_going_to_work_is_noted_and_the_emergency_pager_woken(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop)
    daemon.vm.glob.ticks[0] = 4321
    daemon.wake(timeout=False)
    daemon.vm.effects.clear()
    assert daemon.finish_turn() == PHASE_TARGET
    assert (daemon.vm.glob.vm_pages_needed[0], daemon.vm.glob.vm_pagedaemon_time[0]) == (1, 4321)
    assert daemon.paging.effects("wakeup") == [(CHAN_PAGEDAEMON_TIME, ())]


def test_a_daemon_that_is_needed_does_not_sleep_before_its_pass_but_looks_at_a_hold_queue(
    paging: Machine, loop: LoopOf
) -> None:
    machine = paging()
    (m,) = machine.fill("INACTIVE", 0, 1)
    machine.vm.page.hold_count[m] = 1
    machine.do(pageout.vm_pageout_thread, 1, thread=PRIMARY)
    daemon = loop(machine)
    daemon.stands(PHASE_HOLD, q3=PQ_HOLD)
    machine.vm.glob.vm_pages_needed[0] = 1
    daemon.turn()
    assert (daemon.of("phase"), daemon.of("q3")) == (PHASE_IDLE, PQ_HOLD + 1)
    daemon.turn()
    assert daemon.of("phase") == PHASE_TARGET
    assert machine.effects("wakeup") == []


# --- A4: the target ---------------------------------------------------------------------------------------


def test_the_deficit_adds_to_the_shortage_and_is_cleared(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop)
    missing(daemon.paging, 10)
    daemon.vm.glob.vm_pageout_deficit[0] = 25
    daemon.stands(PHASE_TARGET, vnodes_skipped=4, recycle_count=5)
    daemon.turn()
    assert (daemon.of("avail_shortage"), daemon.vm.glob.vm_pageout_deficit[0]) == (35, 0)
    assert (daemon.of("vnodes_skipped"), daemon.of("recycle_count")) == (0, 0)
    assert daemon.of("phase") == PHASE_INACTIVE


def test_a_deficit_makes_the_daemon_scan_though_the_target_is_met(paging: Machine, loop: LoopOf) -> None:
    for deficit, phase in ((5, PHASE_SHORTAGE), (6, PHASE_INACTIVE)):
        daemon = started(paging, loop)
        missing(daemon.paging, -5)
        daemon.vm.glob.vm_pageout_deficit[0] = deficit
        daemon.stands(PHASE_TARGET)
        daemon.turn()
        assert daemon.of("phase") == phase


def test_a_pass_starts_with_a_rollup_and_a_time_stamp(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop)
    daemon.vm.glob.ticks[0] = 777
    daemon.vm.gd_vmstats.adj[10] = 5
    before = daemon.vm.vmstats.count[10]
    daemon.stands(PHASE_TARGET)
    daemon.turn()
    assert daemon.vm.vmstats.count[10] == before + 5
    assert daemon.vm.glob.vm_pagedaemon_time[0] == 777
    assert daemon.vm.cpu.v_pdwakeups[0] == 1


# --- A5: the inactive scan --------------------------------------------------------------------------------


def run_phase(daemon: Any, phase: int) -> None:
    """Make turns until the phase is over."""
    while daemon.of("phase") == phase:
        daemon.turn()


def test_every_queue_has_the_same_quota_and_the_next_pass_continues_where_this_one_stopped(
    paging: Machine, loop: LoopOf
) -> None:
    daemon = started(paging, loop, v_free_target=NEVER_MET)
    daemon.inactive = [30, 30, 30, 20]
    daemon.stands(PHASE_INACTIVE, avail_shortage=100, left=16, q1=14, passes=27)
    run_phase(daemon, PHASE_INACTIVE)
    quota = PQAVERAGE(daemon.vm, 100)
    assert daemon.scans == [("inactive", 2, q, quota) for q in (14, 15, 0, 1)]
    assert (daemon.of("avail_shortage"), daemon.of("q1"), daemon.of("phase")) == (-10, 2, PHASE_SHORTAGE)


def test_the_inactive_scan_ends_after_every_queue_was_looked_at_once(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop, v_free_target=NEVER_MET)
    daemon.inactive = [1] * 20
    daemon.stands(PHASE_INACTIVE, avail_shortage=100, left=16, q1=3)
    run_phase(daemon, PHASE_INACTIVE)
    assert [scan[2] for scan in daemon.scans] == [*range(3, 16), 0, 1, 2]
    assert (daemon.of("avail_shortage"), daemon.of("q1")) == (84, 3)


@pytest.mark.parametrize(
    ("hysteresis", "stops"),
    [
        pytest.param(40, True, id="40 pages above the minimum are enough"),
        pytest.param(41, False, id="41 are not, where 16 would have been"),
    ],
)
def test_the_inactive_scan_stops_with_nothing_short_when_others_have_freed_enough(
    paging: Machine, loop: LoopOf, hysteresis: int, stops: bool
) -> None:
    daemon = started(paging, loop)
    missing(daemon.paging, 0)
    daemon.paging.limits(v_free_min=-target_of_nothing(daemon) - 40)
    daemon.vm.glob.vm_page_free_hysteresis[0] = hysteresis
    assert not vm_page_count_target(daemon.vm)
    assert vm_page_count_min(daemon.vm, hysteresis) is not stops
    daemon.inactive = [3]
    daemon.stands(PHASE_INACTIVE, avail_shortage=100, left=16)
    run_phase(daemon, PHASE_INACTIVE)
    assert len(daemon.scans) == (1 if stops else 16)
    assert daemon.of("avail_shortage") == (-3 if stops else 97)


def target_of_nothing(daemon: Any) -> int:
    """The paging target if v_free_target and v_cache_min were 0: minus the free and cached pages."""
    view = daemon.vm.gd_vmstats.view
    return -int(view[10] + view[15])


def test_the_inactive_scan_continues_while_the_free_target_is_missed(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop)
    missing(daemon.paging, 1)
    daemon.stands(PHASE_INACTIVE, avail_shortage=100, left=16)
    run_phase(daemon, PHASE_INACTIVE)
    assert len(daemon.scans) == 16


# --- A6: the shortage of inactive pages -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "avail", "need"),
    [
        pytest.param(30, 0, 30, id="the inactive pages that are missing"),
        pytest.param(30, -50, 30, id="no bonus without a shortage"),
        pytest.param(30, 7, 44, id="and twice the shortage"),
        pytest.param(30, 5000, 130, id="but at most a tenth of the target"),
        pytest.param(-20, 7, -6, id="which may not be enough for a scan"),
    ],
)
def test_how_many_pages_are_to_be_deactivated(
    paging: Machine, loop: LoopOf, short: int, avail: int, need: int
) -> None:
    daemon = started(paging, loop)
    daemon.vm.vmstats.count[V_INACTIVE_TARGET] = 1000
    daemon.vm.vmstats.count[V_INACTIVE_COUNT] = 1000 - short
    daemon.stands(PHASE_SHORTAGE, avail_shortage=avail)
    daemon.turn()
    assert daemon.of("inactive_shortage") == need
    assert daemon.of("phase") == (PHASE_ACTIVE if need > 0 else PHASE_ROLLUP)
    assert daemon.paging.effects("collect") == ([()] if need > 0 else [])


def test_missing_pages_alone_do_not_start_the_active_scan(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop)
    inactive_target(daemon.paging, -1000)
    daemon.stands(PHASE_SHORTAGE, avail_shortage=100)
    daemon.turn()
    assert daemon.of("phase") == PHASE_ROLLUP


# --- A7: the active scan ----------------------------------------------------------------------------------


def test_the_active_scan_uses_both_shortages_and_counts_against_both(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop)
    inactive_target(daemon.paging, 1000)
    daemon.active = [30, 30, 30]
    daemon.stands(PHASE_ACTIVE, avail_shortage=85, inactive_shortage=40, left=16, q2=15, passes=31)
    run_phase(daemon, PHASE_ACTIVE)
    quotas = PQAVERAGE(daemon.vm, 85), PQAVERAGE(daemon.vm, 40)
    assert daemon.scans == [("active", 3, q, *quotas) for q in (15, 0, 1)]
    assert (daemon.of("avail_shortage"), daemon.of("inactive_shortage")) == (-5, -50)
    assert (daemon.of("q2"), daemon.of("phase")) == (2, PHASE_ROLLUP)


@pytest.mark.parametrize(("avail", "need", "scans"), [(1, 2, 2), (2, 1, 2), (1, 1, 1)])
def test_the_active_scan_stops_when_both_shortages_are_covered(
    paging: Machine, loop: LoopOf, avail: int, need: int, scans: int
) -> None:
    daemon = started(paging, loop)
    inactive_target(daemon.paging, 1000)
    daemon.active = [1] * 16
    daemon.stands(PHASE_ACTIVE, avail_shortage=avail, inactive_shortage=need, left=16)
    run_phase(daemon, PHASE_ACTIVE)
    assert len(daemon.scans) == scans


@pytest.mark.parametrize(
    ("over", "whose", "scans"),
    [
        pytest.param(1, "global", 1, id="more than the target, globally"),
        pytest.param(0, "global", 16, id="just the target"),
        pytest.param(1, "view", 16, id="more by this cpu's view alone"),
    ],
)
def test_the_active_scan_stops_when_enough_pages_are_inactive(
    paging: Machine, loop: LoopOf, over: int, whose: str, scans: int
) -> None:
    daemon = started(paging, loop)
    inactive_target(daemon.paging, 0)
    counts = daemon.vm.vmstats.count if whose == "global" else daemon.vm.gd_vmstats.view
    counts[V_INACTIVE_TARGET] -= over
    daemon.active = [3]
    daemon.stands(PHASE_ACTIVE, avail_shortage=500, inactive_shortage=500, left=16)
    run_phase(daemon, PHASE_ACTIVE)
    assert len(daemon.scans) == scans
    assert daemon.of("inactive_shortage") == (-3 if scans == 1 else 497)
    assert daemon.of("avail_shortage") == 497


# --- A8, A9: what next ------------------------------------------------------------------------------------


def decide(daemon: Any, avail: int, *, passes: int = 0, needed: int = 1, full: int = 0) -> Any:
    """Let the daemon decide at the end of a pass: what it sleeps on, or None when it retries at once."""
    daemon.vm.glob.vm_pages_needed[0] = needed
    daemon.vm.glob.swap_pager_full[0] = full
    daemon.stands(PHASE_DECIDE, avail_shortage=avail, passes=passes)
    daemon.vm.effects.clear()
    for action in daemon.paging.steps(pageout.vm_pageout_thread, 1, thread=daemon.thread, check=False):
        if action == "run again after the sleep":
            return daemon.paging.effects("sleep")[0]
    return None


@pytest.mark.parametrize(
    ("passes", "needed", "full", "timo"),
    [
        pytest.param(0, 1, 0, 2, id="two ticks without another request"),
        pytest.param(98, 1, 0, 2, id="as long as the new pass is below level 10"),
        pytest.param(0, 2, 0, None, id="at once after another request"),
        pytest.param(98, 2, 0, None, id="at once at level 9"),
        pytest.param(0, 2, 1, HZ // 5, id="but with swap full after a fifth of a second"),
        pytest.param(0, 1, 1, 2, id="which changes nothing without another request"),
        pytest.param(99, 1, 0, HZ // 10, id="at level 10 after a tenth of a second"),
        pytest.param(99, 9, 0, HZ // 10, id="after any number of requests"),
        pytest.param(99, 9, 1, HZ, id="and with swap full after a second"),
    ],
)
def test_how_long_the_daemon_naps_before_it_tries_again(
    paging: Machine, loop: LoopOf, passes: int, needed: int, full: int, timo: int | None
) -> None:
    daemon = started(paging, loop)
    nap = decide(daemon, 1, passes=passes, needed=needed, full=full)
    assert nap == (None if timo is None else (CHAN_PAGES_NEEDED, "pdelay", timo))
    assert daemon.of("passes") == passes + 1


@pytest.mark.parametrize(("needed", "left"), [(0, 1), (1, 1), (5, 5)])
def test_the_daemon_stays_in_demand_while_it_naps(
    paging: Machine, loop: LoopOf, needed: int, left: int
) -> None:
    daemon = started(paging, loop)
    decide(daemon, 1, needed=needed)
    assert daemon.vm.glob.vm_pages_needed[0] == left


@pytest.mark.parametrize(
    ("needed", "hysteresis", "left", "woken"),
    [
        pytest.param(False, 16, 0, True, id="enough: nothing is needed, and all may go"),
        pytest.param(True, 40, 2, True, id="above the minimum: they may go, but it is not enough"),
        pytest.param(True, 41, 2, False, id="below it: no thread is woken"),
    ],
)
def test_what_follows_a_pass_that_was_enough(
    paging: Machine, loop: LoopOf, needed: bool, hysteresis: int, left: int, woken: bool
) -> None:
    daemon = started(paging, loop)
    missing(daemon.paging, -100)
    daemon.paging.limits(v_free_min=-target_of_nothing(daemon) - 40)
    daemon.paging.limits(v_cache_min=41 if needed else 40)
    daemon.vm.glob.vm_page_free_hysteresis[0] = hysteresis
    daemon.vm.glob.vm_pages_waiting[0] = 3
    assert vm_paging_needed(daemon.vm, 0) is needed
    assert decide(daemon, 0, passes=33, needed=7) is None
    assert daemon.vm.glob.vm_pages_needed[0] == left
    assert daemon.paging.effects("wakeup") == ([(CHAN_FREE_COUNT, ())] if woken else [])
    assert (daemon.of("passes"), daemon.of("phase")) == (0, PHASE_HOLD)
    assert daemon.vm.glob.vm_pages_waiting[0] == 3


def test_with_nothing_needed_the_daemon_wakes_no_thread(paging: Machine, loop: LoopOf) -> None:
    daemon = started(paging, loop)
    assert decide(daemon, -1, passes=33, needed=0) is None
    assert daemon.paging.effects("wakeup") == []
    assert daemon.of("passes") == 0


def test_a_whole_pass_goes_through_all_its_parts_in_order(paging: Machine, loop: LoopOf) -> None:
    machine = paging()
    daemon = loop(machine)
    daemon.run()
    missing(machine, 16 * 2)
    inactive_target(machine, 10)
    daemon.inactive, daemon.active = [0] * 16, [11] + [0] * 15
    daemon.wake(timeout=False)
    assert daemon.run() == (CHAN_PAGES_NEEDED, "pdelay", 2)
    assert [scan[0] for scan in daemon.scans] == ["inactive"] * 16 + ["active"] * 16
    # 32 were missing, 11 were deactivated.
    assert (daemon.of("avail_shortage"), daemon.of("passes")) == (21, 1)
    daemon.scans.clear()
    missing(machine, -5)
    inactive_target(machine, -5)
    daemon.wake()
    assert daemon.run() == PSLEEP
    assert daemon.scans == []
    assert (daemon.vm.glob.vm_pages_needed[0], daemon.of("passes")) == (0, 0)


STEPS_OF_A_PASS = [
    "begin a pass",
    "compute the page shortage",
    "choose the inactive queue and its quota",
    "compute the shortage of inactive pages",
    "choose the active queue and its quotas",
    "begin the cache scan",
    "decide what to do next",
]
"""An announcement of each step A3 to A9 of the specification, in their order."""


def test_every_numbered_step_of_the_loop_is_announced_in_order(paging: Machine, loop: LoopOf) -> None:
    machine = paging()
    daemon = loop(machine)
    daemon.run()
    missing(machine, 50)
    inactive_target(machine, 10)
    daemon.wake(timeout=False)
    seen = []
    machine.occupy(PRIMARY)
    for action in daemon.calls:
        if action in STEPS_OF_A_PASS and action not in seen:
            seen.append(action)
        if machine.vm.thread.chan[PRIMARY]:
            break
    assert seen == STEPS_OF_A_PASS
