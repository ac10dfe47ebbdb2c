"""The end of each pass: cached pages are freed, and the measures to take when that was not enough.

Source: spec 22, section E; spec 24, section 1.
"""

from __future__ import annotations

from engine.constants import (
    HZ,
    NULL,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PQ_CACHE,
    PQ_PRIME2,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_TARGET,
)
from engine.kernel.age import _vm_page_deactivate_locked, vm_page_deactivate
from engine.kernel.arguments import Int, Long
from engine.kernel.busy import vm_page_busy_try, vm_page_wakeup
from engine.kernel.locks import vm_page_spin_unlock
from engine.kernel.memory_pressure import (
    pagedaemon_wakeup,
    quotient,
    vm_page_count_min,
    vm_page_count_target,
    vm_paging_target,
)
from engine.kernel.pageout.oom import vm_pageout_oom
from engine.kernel.pageout.page import vm_pageout_page_free
from engine.kernel.remarks import kprintf
from engine.kernel.search import vm_page_list_find
from engine.kernel.sleep import CHAN_DAEMON_NEEDED, lwkt_yield, wakeup
from engine.machine.machine import Machine, Steps


def vm_pageout_scan_cache(
    vm: Machine, avail_shortage: Long, pass_: Int, vnodes_skipped: Long, recycle_count: Long
) -> Steps[None]:
    """Free cached pages until enough are free, then act on any remaining shortage.

    Locks:   none on entry; as vm_page_list_find and vm_page_free.
    Blocks:  yes, while mappings are removed.
    Returns: nothing.
    Errors:  those of vm_page_free.
    Source:  sys/vm/vm_pageout.c vm_pageout_scan_cache
    """
    while (yield from _free_one_cached(vm)):
        pass
    yield from _relieve_shortage(vm, avail_shortage, pass_, vnodes_skipped, recycle_count)


def _enough_free(vm: Machine) -> bool:
    """Check the global counters, which a cpu's own frees reach only at a tick or a rollup."""
    count = vm.vmstats.count
    return count[V_FREE_COUNT] >= quotient(count[V_FREE_MIN] + count[V_FREE_TARGET], 2)


def _row(vm: Machine) -> int:
    return int(vm.curthread == vm.emergpager)


def _step_rover(vm: Machine) -> None:
    """The primary daemon goes up through the colours and the emergency pager down."""
    row = _row(vm)
    vm.daemon.cache_rover[row] += -PQ_PRIME2 if row else PQ_PRIME2


def _rovers_meet(vm: Machine) -> bool:
    """Whether both daemons are at the same of several colours; one colour leaves no other to go to."""
    rover = vm.daemon.cache_rover
    return vm.colors > 1 and not (rover[0] ^ rover[1]) & vm.color_mask


def _free_one_cached(vm: Machine) -> Steps[bool]:
    """Free a cached page near the rover's colour, or deactivate one that cannot be freed.

    Locks:   none on entry; as vm_page_list_find and vm_page_free.
    Blocks:  yes, while mappings are removed.
    Returns: whether to continue; False when enough pages are free or none is cached.
    Errors:  those of vm_page_free.
    Differs: with one colour, which the kernel never has, both daemons may be at it.
    """
    yield "compare the global free count with its target"
    rover = vm.daemon.cache_rover
    if _enough_free(vm):
        return False
    if _rovers_meet(vm):
        _step_rover(vm)
        return True
    m = yield from vm_page_list_find(vm, PQ_CACHE, rover[_row(vm)] & vm.color_mask)
    if m == NULL:
        return False
    if (yield from vm_page_busy_try(vm, m, 1)):
        yield from _vm_page_deactivate_locked(vm, m, 0)
        yield from vm_page_spin_unlock(vm, m)
        return True
    yield from vm_page_spin_unlock(vm, m)
    yield from pagedaemon_wakeup(vm)
    yield from lwkt_yield(vm)
    yield "check whether the cached page may be freed"
    if vm.page.flags[m] & (PG_UNQUEUED | PG_NEED_COMMIT) or vm.page.hold_count[m] or vm.page.wire_count[m]:
        yield from vm_page_deactivate(vm, m)
        yield from vm_page_wakeup(vm, m)
        return True
    yield from vm_pageout_page_free(vm, m)
    yield "advance to another colour"
    _step_rover(vm)
    return True


# --- the measures when that was not enough ----------------------------------------------------------------


def _relieve_shortage(
    vm: Machine, avail_shortage: int, pass_: int, vnodes_skipped: int, recycle_count: int
) -> Steps[None]:
    """Speed up the syncer, request a process swapout, warn, and as the last resort kill a process.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    """
    yield "check whether the paging target is missed"
    if vm_paging_target(vm) > 0:
        if vnodes_skipped and vm_page_count_min(vm, 0):
            yield from speedup_syncer(vm)
        yield "check whether to swap a process out"
        if vm.glob.vm_swap_enabled[0] and vm_page_count_target(vm):
            yield from vm_req_vmdaemon(vm)
    yield from _warn(vm, avail_shortage, pass_, recycle_count)
    yield "check whether memory and swap are exhausted"
    if _out_of_memory(vm, avail_shortage, pass_):
        vm.glob.lastkillticks[0] = vm.glob.ticks[0]
        yield from vm_pageout_oom(vm)


def speedup_syncer(vm: Machine) -> Steps[None]:
    """Let the file system syncer write dirty files sooner.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Differs: the model has no syncer; the request is only reported.
    Source:  sys/kern/vfs_sync.c speedup_syncer
    """
    yield "speed up the syncer"
    vm.effects.append(("speedup_syncer",))


def vm_req_vmdaemon(vm: Machine) -> Steps[None]:
    """Ask the swapout thread to swap processes out, at most once a second.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_pageout.c vm_req_vmdaemon
    """
    yield "check the time of the last swapout request"
    ticks, last = vm.glob.ticks[0], vm.glob.vmdaemon_lastrun[0]
    if ticks > last + HZ or ticks < last:
        yield from wakeup(vm, CHAN_DAEMON_NEEDED)
        yield "record the time of the swapout request"
        vm.glob.vmdaemon_lastrun[0] = ticks


def _warn(vm: Machine, avail_shortage: int, pass_: int, recycle_count: int) -> Steps[None]:
    yield "check whether swap is almost full"
    if not vm.glob.swap_pager_almost_full[0] or pass_ <= 0 or vm.curthread == vm.emergpager:
        return
    if vm_page_count_min(vm, recycle_count) or avail_shortage > 0:
        ago = vm.glob.ticks[0] - vm.glob.swap_fail_ticks[0]
        fmt = "Warning: system low on memory+swap shortage %ld for %d ticks!\n"
        text = f"Warning: system low on memory+swap shortage {avail_shortage} for {ago} ticks!\n"
        kprintf(vm, text, fmt)


def _out_of_memory(vm: Machine, avail_shortage: int, pass_: int) -> bool:
    """Whether to kill: swap full for two levels of passes, memory still short, at most once a second."""
    glob = vm.glob
    if not glob.swap_pager_full[0] or pass_ <= 1 or vm.curthread == vm.emergpager:
        return False
    rested = (glob.ticks[0] - glob.lastkillticks[0]) & 0xFFFFFFFF >= HZ
    return avail_shortage > 0 and vm_paging_target(vm) > 0 and rested
