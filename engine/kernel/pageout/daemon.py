"""The pageout daemon's main loop, run by two threads: the primary daemon and the emergency pager (spec 22).

The loop is split into turns. Each turn does one part of it - one queue of a scan, one page of the cache scan,
one of the decisions in between - and stores in the daemon's row what the next turn needs. A daemon can
therefore be suspended and resumed between any two steps by starting the same turn again.

`vm.daemon.phase` is the part that comes next; the letters and numbers in the comments are the
specification's. The emergency pager monitors the primary daemon and works only while that has been silent for
two seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.constants import HZ, MAXSCAN_DIVIDER, V_INACTIVE_COUNT, V_INACTIVE_TARGET
from engine.kernel.memory_pressure import (
    quotient,
    vm_page_count_min,
    vm_page_count_target,
    vm_paging_needed,
    vm_paging_target,
)
from engine.kernel.pageout.active import vm_pageout_scan_active
from engine.kernel.pageout.cache import _free_one_cached, _relieve_shortage
from engine.kernel.pageout.hold import vm_pageout_scan_hold
from engine.kernel.pageout.inactive import vm_pageout_scan_inactive
from engine.kernel.pageout.setup import become_system_thread, vm_pageout_setup
from engine.kernel.pageout.stats import vm_pageout_page_stats
from engine.kernel.sleep import (
    CHAN_EMERG_PAGER,
    CHAN_FREE_COUNT,
    CHAN_PAGEDAEMON_TIME,
    CHAN_PAGES_NEEDED,
    tsleep,
    wakeup,
)
from engine.kernel.stats import vmstats_rollup
from engine.machine.machine import Machine, Steps
from engine.machine.tables import (
    PHASE_ACTIVE,
    PHASE_CACHE,
    PHASE_CATASTROPHE,
    PHASE_DECIDE,
    PHASE_HOLD,
    PHASE_IDLE,
    PHASE_INACTIVE,
    PHASE_MONITOR,
    PHASE_ROLLUP,
    PHASE_SHORTAGE,
    PHASE_START,
    PHASE_STATS,
    PHASE_TARGET,
)

PRIMARY: Final = 0
EMERGENCY: Final = 1
"""Rows of the daemon table."""

GIVE_UP_LEVEL: Final = 10


def PQAVERAGE(vm: Machine, n: int) -> int:  # noqa: N802  # the kernel's name
    """Pages of each queue to look at for `n` in all: twice the average, so that half the queues are enough.

    Source: sys/vm/vm_pageout.c PQAVERAGE
    """
    half = max(1, vm.colors // 2)
    if n >= 0:
        return (n + vm.colors - 1) // half + 1
    return -((vm.colors - 1 - n) // half) - 1


def vm_pageout_thread(vm: Machine, turns: int = 0) -> Steps[None]:
    """Run a pageout daemon permanently: the primary one, or the emergency pager on its own thread.

    turns: the number of parts of the loop after which to return, which the kernel never does; 0 = never.

    Locks:   none on entry, and none between two parts.
    Blocks:  yes, whenever there is nothing to do.
    Returns: never; after `turns` parts, the daemon's row says what comes next.
    Errors:  those of the scans.
    Source:  sys/vm/vm_pageout.c vm_pageout_thread
    """
    while True:
        yield "choose the daemon's next phase"
        d = EMERGENCY if vm.curthread == vm.emergpager else PRIMARY
        yield from _TURNS[vm.daemon.phase[d]](vm, d)
        turns -= 1
        if turns == 0:
            return


def _level(vm: Machine, d: int) -> int:
    """The level L that is passed to the scans."""
    return vm.daemon.passes[d] // MAXSCAN_DIVIDER


def _first_phase(d: int) -> int:
    return PHASE_MONITOR if d == EMERGENCY else PHASE_HOLD


def _rollup_and_stamp(vm: Machine, d: int) -> Steps[None]:
    """Roll up the counters; the primary daemon also records that it is alive."""
    yield from vmstats_rollup(vm)
    if d == PRIMARY:
        yield "stamp vm_pagedaemon_time"
        vm.glob.vm_pagedaemon_time[0] = vm.glob.ticks[0]


# --- start ------------------------------------------------------------------------------------------------


def _start(vm: Machine, d: int) -> Steps[None]:
    yield "become a system thread"
    become_system_thread(vm)
    if d == EMERGENCY:
        yield from _await_primary(vm)
    else:
        yield "check whether the limits are set"
        # A machine that was settled after its boot already has limits, perhaps ones set by the scenario.
        if not vm.glob.sequence_emerg_pager[0]:
            yield from vm_pageout_setup(vm)
    yield "begin the loop"
    vm.daemon.phase[d] = _first_phase(d)


def _await_primary(vm: Machine) -> Steps[None]:
    while True:
        yield "check whether the primary daemon has finished its setup"
        if vm.glob.sequence_emerg_pager[0]:
            return
        yield from tsleep(vm, CHAN_EMERG_PAGER, False, "pstartup", HZ)


# --- A1 to A3: waiting for something to do ----------------------------------------------------------------


def _monitor(vm: Machine, d: int) -> Steps[None]:
    """Sleep until the primary daemon is needed but has been silent for two seconds (spec 22, A1)."""
    yield "choose how long to watch the primary daemon"
    timo = HZ if vm.glob.vm_pages_needed[0] else 10 * HZ
    yield from tsleep(vm, CHAN_PAGEDAEMON_TIME, False, "psleep", timo)
    yield "check whether the primary daemon is needed but stalled"
    silent = (vm.glob.ticks[0] - vm.glob.vm_pagedaemon_time[0]) & 0xFFFFFFFF
    recently = silent < 2 * HZ or silent >> 31
    if vm.glob.vm_pages_needed[0] == 0 or recently:
        vm.daemon.passes[d] = 0
    else:
        vm.daemon.phase[d] = PHASE_TARGET


def _scan_hold(vm: Machine, d: int) -> Steps[None]:
    """Scan one hold queue in each loop, even with nothing else to do (spec 22, A2)."""
    yield "choose the hold queue to scan"
    q = vm.daemon.q3[d]
    yield from vm_pageout_scan_hold(vm, q)
    yield "advance to the next hold queue"
    vm.daemon.q3[d] = q + 1
    vm.daemon.phase[d] = PHASE_IDLE


def _idle(vm: Machine, d: int) -> Steps[None]:
    """Sleep until pages are needed; at each timeout, age the active queues (spec 22, A3)."""
    yield "check whether pages are needed"
    if vm.glob.vm_pages_needed[0]:
        vm.daemon.phase[d] = PHASE_TARGET
        return
    interval = vm.glob.vm_pageout_stats_interval[0] * HZ
    timed_out = yield from tsleep(vm, CHAN_PAGES_NEEDED, False, "psleep", interval)
    yield "check why the daemon woke up"
    if timed_out and not vm_paging_needed(vm, 0) and vm.glob.vm_pages_needed[0] == 0:
        vm.daemon.left[d] = vm.colors
        vm.daemon.phase[d] = PHASE_STATS
        return
    vm.glob.vm_pagedaemon_time[0] = vm.glob.ticks[0]
    yield "set vm_pages_needed to 1"
    vm.glob.vm_pages_needed[0] = 1
    yield from wakeup(vm, CHAN_PAGEDAEMON_TIME)
    yield "begin a pass"
    vm.daemon.phase[d] = PHASE_TARGET


def _stats(vm: Machine, d: int) -> Steps[None]:
    """Age one active queue after another while idle (spec 22, A3)."""
    yield "choose the active queue to age"
    left = vm.daemon.left[d]
    yield from vm_pageout_page_stats(vm, vm.colors - left)
    yield "advance to the next active queue"
    vm.daemon.left[d] = left - 1
    if left == 1:
        vm.daemon.phase[d] = PHASE_HOLD


# --- A4 to A7: the shortages, and the two scans -----------------------------------------------------------


def _target(vm: Machine, d: int) -> Steps[None]:
    """Compute how many pages to reclaim (spec 22, A4)."""
    yield "count the pass"
    vm.cpu.v_pdwakeups[vm.mycpu] += 1
    yield from _rollup_and_stamp(vm, d)
    yield "compute the page shortage"
    avail = vm_paging_target(vm) + vm.glob.vm_pageout_deficit[0]
    vm.daemon.avail_shortage[d] = avail
    yield "clear the page deficit"
    vm.glob.vm_pageout_deficit[0] = 0
    vm.daemon.vnodes_skipped[d] = 0
    vm.daemon.recycle_count[d] = 0
    _begin_scan(vm, d, PHASE_INACTIVE if avail > 0 else PHASE_SHORTAGE)


def _begin_scan(vm: Machine, d: int, phase: int) -> None:
    vm.daemon.left[d] = vm.colors
    vm.daemon.delta[d] = 0
    vm.daemon.phase[d] = phase


def _next_queue(vm: Machine, d: int, q: int) -> int:
    """The queue after `q`: the two daemons go in opposite directions."""
    return (q + (-1 if d == EMERGENCY else 1)) & vm.color_mask


def _inactive(vm: Machine, d: int) -> Steps[None]:
    """Scan one inactive queue; the quota stays the one of the first queue (spec 22, A5)."""
    yield "choose the inactive queue and its quota"
    q, avail = vm.daemon.q1[d], vm.daemon.avail_shortage[d]
    delta, skipped, *_ = yield from vm_pageout_scan_inactive(vm, _level(vm, d), q, PQAVERAGE(vm, avail))
    yield "check whether enough pages were found"
    vm.daemon.vnodes_skipped[d] += skipped
    vm.daemon.delta[d] += delta
    vm.daemon.left[d] -= 1
    vm.daemon.q1[d] = _next_queue(vm, d, q)
    enough = avail - vm.daemon.delta[d] <= 0
    if not enough and _others_helped(vm):
        avail, enough = 0, True
    if enough or vm.daemon.left[d] == 0:
        vm.daemon.avail_shortage[d] = avail - vm.daemon.delta[d]
        vm.daemon.phase[d] = PHASE_SHORTAGE


def _others_helped(vm: Machine) -> bool:
    """Whether enough pages became free meanwhile to stop the scan, for example because a process exited."""
    hysteresis = vm.glob.vm_page_free_hysteresis[0]
    return not vm_page_count_target(vm) and not vm_page_count_min(vm, hysteresis)


def _shortage(vm: Machine, d: int) -> Steps[None]:
    """Compute how many pages to deactivate: more if the inactive scan fell short (spec 22, A6)."""
    yield from _rollup_and_stamp(vm, d)
    yield "compute the shortage of inactive pages"
    target, avail = vm.vmstats.count[V_INACTIVE_TARGET], vm.daemon.avail_shortage[d]
    need = target - vm.vmstats.count[V_INACTIVE_COUNT]
    if avail > 0:
        need += min(2 * avail, quotient(target, 10))
    if d == PRIMARY and need > 0:
        yield "let the pmap free unused memory"
        vm.effects.append(("collect",))
    yield "start the active scan or skip it"
    if d == EMERGENCY:
        need = max(need, vm.glob.vm_emerg_launder[0])
    vm.daemon.inactive_shortage[d] = need
    _begin_scan(vm, d, PHASE_ACTIVE if need > 0 else PHASE_ROLLUP)


def _active(vm: Machine, d: int) -> Steps[None]:
    """Scan one active queue (spec 22, A7)."""
    yield "choose the active queue and its quotas"
    q, avail, need = vm.daemon.q2[d], vm.daemon.avail_shortage[d], vm.daemon.inactive_shortage[d]
    quotas = PQAVERAGE(vm, avail), PQAVERAGE(vm, need)
    delta, recycled = yield from vm_pageout_scan_active(vm, _level(vm, d), q, *quotas)
    yield "check whether enough pages were deactivated"
    vm.daemon.recycle_count[d] += recycled
    vm.daemon.delta[d] += delta
    vm.daemon.left[d] -= 1
    vm.daemon.q2[d] = _next_queue(vm, d, q)
    total = vm.daemon.delta[d]
    done = need - total <= 0 and avail - total <= 0
    if not done and vm.vmstats.count[V_INACTIVE_COUNT] > vm.vmstats.count[V_INACTIVE_TARGET]:
        need, done = 0, True
    if done or vm.daemon.left[d] == 0:
        # A page that was merely deactivated counts as reclaimed: it soon will be.
        vm.daemon.inactive_shortage[d] = need - total
        vm.daemon.avail_shortage[d] = avail - total
        vm.daemon.phase[d] = PHASE_ROLLUP


# --- A8 and A9: the cache, and the next action ------------------------------------------------------------


def _rollup(vm: Machine, d: int) -> Steps[None]:
    """Roll up the counters before the cache scan (spec 22, A8)."""
    yield from _rollup_and_stamp(vm, d)
    yield "begin the cache scan"
    vm.daemon.phase[d] = PHASE_CACHE


def _cache(vm: Machine, d: int) -> Steps[None]:
    """Free one cached page (spec 22, A8)."""
    if not (yield from _free_one_cached(vm)):
        yield "end the cache scan"
        vm.daemon.phase[d] = PHASE_CATASTROPHE


def _catastrophe(vm: Machine, d: int) -> Steps[None]:
    """Act on a remaining shortage (spec 22, A8)."""
    yield "read the results of the pass"
    reached = vm.daemon.avail_shortage[d], _level(vm, d), vm.daemon.vnodes_skipped[d]
    yield from _relieve_shortage(vm, *reached, vm.daemon.recycle_count[d])
    yield "end the pass"
    vm.daemon.phase[d] = PHASE_DECIDE


def _decide(vm: Machine, d: int) -> Steps[None]:
    """Start another pass, at once or after a nap, or release the waiters (spec 22, A9)."""
    yield "decide what to do next"
    if vm.daemon.avail_shortage[d] > 0:
        yield from _try_again(vm, d)
    else:
        vm.daemon.passes[d] = 0
        if vm.glob.vm_pages_needed[0]:
            yield from _satisfied(vm)
    yield "end the loop"
    vm.daemon.phase[d] = _first_phase(d)


def _try_again(vm: Machine, d: int) -> Steps[None]:
    """Retry with pages still short: the longer the shortage lasts, the longer the nap (spec 22, A9)."""
    yield "count the failed pass"
    vm.daemon.passes[d] += 1
    full = vm.glob.swap_pager_full[0]
    if _level(vm, d) >= GIVE_UP_LEVEL:
        yield from _nap(vm, HZ if full else HZ // 10)
    elif vm.glob.vm_pages_needed[0] <= 1:
        if d == PRIMARY:
            vm.glob.vm_pages_needed[0] = 1
        yield from _nap(vm, 2)
    elif full:
        yield from _nap(vm, HZ // 5)


def _nap(vm: Machine, timo: int) -> Steps[None]:
    yield from tsleep(vm, CHAN_PAGES_NEEDED, False, "pdelay", timo)


def _satisfied(vm: Machine) -> Steps[None]:
    """Wake the threads that wait for memory, whatever the value of vm_pages_waiting (spec 22, A9)."""
    yield "check whether pages are still needed"
    needed = vm_paging_needed(vm, 0)
    wake = not needed or not vm_page_count_min(vm, vm.glob.vm_page_free_hysteresis[0])
    vm.glob.vm_pages_needed[0] = 2 if needed else 0
    if wake:
        yield from wakeup(vm, CHAN_FREE_COUNT)


_TURNS: Final[dict[int, Callable[[Machine, int], Steps[None]]]] = {
    PHASE_START: _start,
    PHASE_MONITOR: _monitor,
    PHASE_HOLD: _scan_hold,
    PHASE_IDLE: _idle,
    PHASE_STATS: _stats,
    PHASE_TARGET: _target,
    PHASE_INACTIVE: _inactive,
    PHASE_SHORTAGE: _shortage,
    PHASE_ACTIVE: _active,
    PHASE_ROLLUP: _rollup,
    PHASE_CACHE: _cache,
    PHASE_CATASTROPHE: _catastrophe,
    PHASE_DECIDE: _decide,
}
"""The function of each phase. Each sets the phase that comes next in the daemon's row."""
