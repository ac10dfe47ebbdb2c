"""The verbs of a trace's driver: the actions of the recording harness on the kernel from outside.

All except io_complete and pageout_page are plain functions of the machine, which cannot be interrupted.
Source: golden/FORMAT.md section 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.constants import NULL, OBJPC_TRY_TO_CACHE, OBJT_VNODE, P_LOWMEMKILL, PG_SWAPPED, Obj, Page, Thread
from engine.inputs.traces.values import Impossible
from engine.kernel.age import vm_page_deactivate, vm_page_try_to_cache
from engine.kernel.busy import vm_page_busy_wait, vm_page_io_finish, vm_page_wakeup
from engine.kernel.memory_pressure import vm_page_count_severe
from engine.kernel.pageout.page import vm_pageout_page
from engine.kernel.sleep import due, expire, ticks_to_deadline
from engine.kernel.valid_dirty import vm_page_undirty
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_OBJECT, SLEEPING


def object_create(vm: Machine, obj: Obj, kind: int, pg_color: int, size: int, address: int) -> None:
    """Create an empty object."""
    table = vm.object
    table.type[obj] = kind
    table.pg_color[obj] = pg_color
    table.size[obj] = size
    table.address[obj] = address
    table.ref_count[obj] = 1


def object_set_ref(vm: Machine, obj: Obj, ref_count: int) -> None:
    """Set an object's ref_count."""
    vm.object.ref_count[obj] = ref_count


def object_set_size(vm: Machine, obj: Obj, size: int) -> None:
    """Set an object's size."""
    vm.object.size[obj] = size


def object_set_flags(vm: Machine, obj: Obj, flags: int) -> None:
    """Set an object's flags."""
    vm.object.flags[obj] = flags


def object_lock_foreign(vm: Machine, obj: Obj, locked: int) -> None:
    """Set whether a thread outside the trace holds an object's token."""
    vm.object.locked_elsewhere[obj] = locked


def object_set_pager(vm: Machine, obj: Obj, mode: int) -> None:
    """Set the result of writes by an object's pager."""
    vm.object.put_result[obj] = mode


def object_set_vnode(vm: Machine, obj: Obj, vget_fails: int) -> None:
    """Set whether vget() of an object's vnode fails."""
    vm.object.vget_fails[obj] = vget_fails


def io_complete(vm: Machine, obj: Obj) -> Steps[int]:
    """Complete all pending writes of an object's pager, in the order of their start.

    Returns: the number of pages.
    """
    yield "take the pending writes"
    pending = tuple(_take_pending(vm, obj))
    for m, flags in pending:
        yield from _complete_write(vm, obj, m, flags)
    return len(pending)


def _take_pending(vm: Machine, obj: Obj) -> Iterator[tuple[Page, int]]:
    count = kept = 0
    while count < vm.io.length and vm.io.page[count] != NULL:
        row = vm.io.object[count], vm.io.page[count], vm.io.flags[count]
        vm.io.page[count] = NULL
        if row[0] == obj:
            yield row[1], row[2]
        else:
            vm.io.object[kept], vm.io.page[kept], vm.io.flags[kept] = row
            kept += 1
        count += 1


def _complete_write(vm: Machine, obj: Obj, m: Page, flags: int) -> Steps[None]:
    yield from vm_page_busy_wait(vm, m, 0, "swadpg")
    yield from vm_page_undirty(vm, m)
    yield "record the swap block"
    if vm.object.type[obj] != OBJT_VNODE:
        vm.page.flags[m] |= PG_SWAPPED
    if vm_page_count_severe(vm):
        yield from vm_page_deactivate(vm, m)
    yield from vm_page_io_finish(vm, m)
    if flags & OBJPC_TRY_TO_CACHE:
        yield from vm_page_try_to_cache(vm, m)
    else:
        yield from vm_page_wakeup(vm, m)
    yield "count the write as done"
    vm.object.paging_in_progress[obj] -= 1


def pageout_page(
    vm: Machine, m: Page, max_launder: int, pass_: int, vmflush_flags: int
) -> Steps[tuple[int, ...]]:
    """Call vm_pageout_page for one page, with no vnode that has failed before.

    Returns: (count, launder budget left, vnodes skipped, flushed, cleaned, second chances, reactivated).
    """
    decision = yield from vm_pageout_page(vm, m, max_launder, NO_OBJECT, pass_, vmflush_flags)
    return decision[:-1]


def swap_assign(vm: Machine, obj: Obj, pindex: int) -> None:
    """Give an object a swap block at `pindex`."""
    slot = vm.swap_slots.slot((obj, pindex))
    vm.swap.block[slot] = slot
    vm.object.swblock_count[obj] += 1


def set_threshold(vm: Machine, field: int, value: int) -> None:
    """Set a limit in the global vmstats; a cpu sees it after its next hardclock."""
    vm.vmstats.count[field] = value


def thread_flags(vm: Machine, t: Thread, flags: int) -> None:
    """Set the flags of thread `t`: 1 system, 2 preempting interrupt, 4 of a process to be killed."""
    vm.thread.flags[t] = flags & 3
    vm.thread.p_flags[t] = P_LOWMEMKILL if flags & 4 else 0


def spin_hold(vm: Machine, m: Page) -> None:
    """Take a page's spinlock for a cpu outside the trace."""
    if vm.page.spin[m]:
        raise Impossible("args", {"page": vm.page_number(m)}, "its spinlock is already held")
    vm.page.spin[m] = vm.thread.length + 1


def spin_release(vm: Machine, m: Page) -> None:
    """Undo spin_hold."""
    if not vm.page.spin[m]:
        raise Impossible("args", {"page": vm.page_number(m)}, "its spinlock is free")
    vm.page.spin[m] = 0


def tick(vm: Machine, n: int) -> None:
    """Advance the clock by `n` ticks and expire due sleeps; statistics are not rolled up."""
    while n > 0:
        left = ticks_to_deadline(vm)
        step = n if left is None else min(left, n)
        vm.glob.ticks[0] += step
        n -= step
        for t in due(vm):
            expire(vm, t)


def timeout(vm: Machine, t: Thread) -> None:
    """End a sleep as its timeout would, without advancing the clock."""
    if vm.thread.state[t] != SLEEPING:
        raise Impossible("args", {"thread": t}, "the thread does not sleep")
    expire(vm, t)
