"""The emergency pager's loop: where it differs from the primary daemon's (spec 22, section A)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import HZ, TDF_SYSTHREAD, V_INACTIVE_COUNT, V_INACTIVE_TARGET
from engine.kernel.pageout.setup import vm_pageout_setup
from engine.kernel.sleep import CHAN_EMERG_PAGER, CHAN_PAGEDAEMON_TIME, CHAN_PAGES_NEEDED
from engine.machine.tables import (
    PHASE_ACTIVE,
    PHASE_DECIDE,
    PHASE_INACTIVE,
    PHASE_MONITOR,
    PHASE_SHORTAGE,
    PHASE_TARGET,
)

Machine = Callable[..., Any]
LoopOf = Callable[..., Any]
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
LONG, SHORT = (CHAN_PAGEDAEMON_TIME, "psleep", 10 * HZ), (CHAN_PAGEDAEMON_TIME, "psleep", HZ)


def watching(paging: Machine, loop: LoopOf) -> Any:
    """An emergency pager in its first sleep."""
    daemon = loop(paging(), EMERGENCY)
    assert daemon.run() == LONG
    return daemon


def test_the_emergency_pager_waits_for_the_primary_daemons_setup(paging: Machine, loop: LoopOf) -> None:
    machine = paging()
    machine.vm.glob.sequence_emerg_pager[0] = 0
    daemon = loop(machine, EMERGENCY)
    assert daemon.run() == (CHAN_EMERG_PAGER, "pstartup", HZ)
    daemon.wake()
    assert daemon.run() == (CHAN_EMERG_PAGER, "pstartup", HZ)
    machine.do(vm_pageout_setup, thread=PRIMARY)
    assert daemon.run() == LONG
    assert machine.vm.thread.flags[EMERGENCY] == TDF_SYSTHREAD


def test_it_checks_more_often_while_pages_are_needed(paging: Machine, loop: LoopOf) -> None:
    daemon = watching(paging, loop)
    daemon.vm.glob.vm_pages_needed[0] = 1
    daemon.vm.glob.vm_pagedaemon_time[0] = daemon.vm.glob.ticks[0]
    daemon.wake()
    assert daemon.run() == SHORT


@pytest.mark.parametrize(
    ("silent", "needed", "works"),
    [
        pytest.param(2 * HZ, 1, True, id="two seconds of silence"),
        pytest.param(2 * HZ - 1, 1, False, id="not quite two seconds"),
        pytest.param(50 * HZ, 0, False, id="no pages are needed"),
        pytest.param(-1, 1, False, id="a sign of life from the future"),
    ],
)
def test_it_works_only_while_the_primary_daemon_is_silent(
    paging: Machine, loop: LoopOf, silent: int, needed: int, works: bool
) -> None:
    daemon = watching(paging, loop)
    daemon.vm.glob.vm_pages_needed[0] = needed
    daemon.vm.glob.vm_pagedaemon_time[0] = daemon.vm.glob.ticks[0] - silent
    daemon.vm.daemon.passes[daemon.row] = 55
    daemon.wake()
    before = daemon.vm.glob.vm_pagedaemon_time[0]
    assert daemon.finish_turn() == (PHASE_TARGET if works else PHASE_MONITOR)
    assert daemon.of("passes") == (55 if works else 0)
    assert daemon.vm.glob.vm_pagedaemon_time[0] == before


def test_it_goes_down_through_the_queues(paging: Machine, loop: LoopOf) -> None:
    daemon = watching(paging, loop)
    daemon.paging.limits(v_free_target=1_000_000)
    daemon.inactive = [1, 1, 1]
    daemon.stands(PHASE_INACTIVE, avail_shortage=3, left=16)
    while daemon.of("phase") == PHASE_INACTIVE:
        daemon.turn()
    assert [scan[2] for scan in daemon.scans] == [0, 15, 14]
    daemon.scans.clear()
    daemon.active = [1, 1, 1]
    daemon.paging.limits(v_inactive_target=1_000_000)
    daemon.stands(PHASE_ACTIVE, avail_shortage=0, inactive_shortage=3, left=16, delta=0)
    while daemon.of("phase") == PHASE_ACTIVE:
        daemon.turn()
    assert [scan[2] for scan in daemon.scans] == [0, 15, 14]
    assert (daemon.of("q1"), daemon.of("q2")) == (13, 13)
    assert daemon.vm.daemon.q1[0] == 0


@pytest.mark.parametrize(("short", "need"), [(-500, 100), (99, 100), (101, 101)])
def test_it_always_deactivates_some_pages_and_does_not_call_the_pmap(
    paging: Machine, loop: LoopOf, short: int, need: int
) -> None:
    daemon = watching(paging, loop)
    daemon.vm.vmstats.count[V_INACTIVE_TARGET] = 1000
    daemon.vm.vmstats.count[V_INACTIVE_COUNT] = 1000 - short
    daemon.stands(PHASE_SHORTAGE, avail_shortage=0)
    daemon.turn()
    assert (daemon.of("inactive_shortage"), daemon.of("phase")) == (need, PHASE_ACTIVE)
    assert daemon.paging.effects("collect") == []


def test_how_many_it_deactivates_at_least_is_tunable(paging: Machine, loop: LoopOf) -> None:
    daemon = watching(paging, loop)
    daemon.vm.glob.vm_emerg_launder[0] = 250
    daemon.paging.limits(v_inactive_target=0)
    daemon.stands(PHASE_SHORTAGE)
    daemon.turn()
    assert daemon.of("inactive_shortage") == 250


def test_it_does_not_stamp_the_primary_daemons_time(paging: Machine, loop: LoopOf) -> None:
    daemon = watching(paging, loop)
    daemon.vm.glob.vm_pagedaemon_time[0] = 7
    daemon.stands(PHASE_TARGET)
    daemon.turn()
    assert daemon.vm.glob.vm_pagedaemon_time[0] == 7
    assert daemon.vm.cpu.v_pdwakeups[0] == 1


def test_its_nap_does_not_change_the_demand(paging: Machine, loop: LoopOf) -> None:
    daemon = watching(paging, loop)
    daemon.vm.glob.vm_pages_needed[0] = 0
    daemon.wake()
    daemon.stands(PHASE_DECIDE, avail_shortage=1)
    assert daemon.run() == (CHAN_PAGES_NEEDED, "pdelay", 2)
    assert daemon.vm.glob.vm_pages_needed[0] == 0


def test_a_whole_pass_ends_when_the_primary_daemon_is_back(paging: Machine, loop: LoopOf) -> None:
    daemon = watching(paging, loop)
    vm = daemon.vm
    vm.glob.vm_pages_needed[0] = 1
    vm.glob.vm_pagedaemon_time[0] = vm.glob.ticks[0] - 500
    daemon.paging.limits(v_free_target=1_000_000)
    daemon.wake()
    assert daemon.run() == (CHAN_PAGES_NEEDED, "pdelay", 2)
    assert [scan[2] for scan in daemon.scans[:16]] == [0, *range(15, 0, -1)]
    assert daemon.of("passes") == 1
    daemon.scans.clear()
    vm.glob.vm_pagedaemon_time[0] = vm.glob.ticks[0]
    daemon.wake()
    assert daemon.run() == SHORT
    daemon.wake()
    assert daemon.run() == SHORT
    assert (daemon.scans, daemon.of("passes")) == ([], 0)


def test_the_daemons_have_separate_loops(paging: Machine, loop: LoopOf) -> None:
    daemon = watching(paging, loop)
    before = [getattr(daemon.vm.daemon, name)[PRIMARY - 1] for name in ("phase", "passes", "q1", "q2", "q3")]
    daemon.paging.limits(v_free_target=1_000_000)
    daemon.stands(PHASE_TARGET)
    daemon.run()
    after = [getattr(daemon.vm.daemon, name)[PRIMARY - 1] for name in ("phase", "passes", "q1", "q2", "q3")]
    assert after == before
