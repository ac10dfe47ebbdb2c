"""Pending I/O: starting it, completing it, and waiting for it.

An I/O takes the machine's `io_delay` ticks. Its completion by the device is an event of the schedule. What
the kernel does then takes steps, because it may block: a thread that waits for the whole I/O finishes it
itself (`sync`); the interrupt thread finishes all others, one at a time in order of completion.
Source: spec 23, sections 3 and 4; DESIGN, decision 6.
"""

from __future__ import annotations

from engine.constants import NULL, Obj
from engine.errors import CapacityError
from engine.kernel.sleep import (
    CHAN_BIO,
    CHAN_BUF,
    CHAN_NSW,
    interrupt,
    leave,
    sleepers,
    tsleep,
    tsleep_interlock,
    wake_all,
    wakeup,
)
from engine.machine.machine import Machine, Steps
from engine.machine.tables import BUF_UNUSED, SLEEPING


def begin_io(vm: Machine, kind: int, obj: Obj, pindex: int, count: int, block: int = NULL) -> int:
    """Start an I/O of `count` pages of an object, from `pindex` on: part of a step.

    Returns: its row.
    Errors: CapacityError when too many are pending.
    """
    buf = vm.buf
    row = next((row for row in range(buf.length) if buf.kind[row] == BUF_UNUSED), NULL)
    if row == NULL:
        raise CapacityError(f"{buf.length} I/Os are under way; the model has no room for more")
    vm.glob.buf_sequence[0] += 1
    buf.kind[row] = kind
    buf.object[row], buf.pindex[row], buf.count[row], buf.block[row] = obj, pindex, count, block
    buf.requested[row], buf.flags[row], buf.sync[row] = NULL, 0, 0
    buf.done[row], buf.error[row] = 0, 0
    buf.started[row] = vm.glob.ticks[0]
    buf.sequence[row] = vm.glob.buf_sequence[0]
    vm.effects.append(("begin_io", row, kind, obj, pindex, count))
    return row


def release_io(vm: Machine, row: int) -> None:
    """Free the row of a finished I/O: part of a step."""
    vm.buf.kind[row] = BUF_UNUSED
    vm.buf.done[row] = 0


def _in_order(vm: Machine, done: int) -> list[int]:
    buf = vm.buf
    if not vm.glob.buf_sequence[0]:
        return []
    rows = [row for row in range(buf.length) if buf.kind[row] != BUF_UNUSED and buf.done[row] == done]
    return sorted(rows, key=lambda row: buf.sequence[row])


def pending_ios(vm: Machine) -> list[int]:
    """The I/Os that the device has not completed, in the order of their start."""
    return _in_order(vm, 0)


def finished_ios(vm: Machine) -> list[int]:
    """The I/Os that the device has completed and the interrupt thread has to finish, in their order."""
    return [row for row in _in_order(vm, 1) if not vm.buf.sync[row]]


def _ticks_left(vm: Machine, row: int) -> int:
    return vm.config.io_delay - (vm.glob.ticks[0] - vm.buf.started[row] & 0xFFFFFFFF)


def ticks_to_io(vm: Machine) -> int | None:
    """Ticks until the device completes its next I/O; None when it has none."""
    left = [_ticks_left(vm, row) for row in pending_ios(vm)]
    return max(min(left), 1) if left else None


def complete_due(vm: Machine) -> None:
    """Complete every I/O that is due: part of a tick."""
    for row in pending_ios(vm):
        if _ticks_left(vm, row) > 0:
            return
        complete(vm, row)


def complete(vm: Machine, row: int) -> None:
    """Complete an I/O, and wake the thread that has to finish it: an event, or part of a tick."""
    vm.buf.done[row] = 1
    vm.buf.error[row] = vm.object.io_fails[vm.buf.object[row]]
    vm.effects.append(("io_done", row, vm.buf.error[row]))
    if vm.buf.sync[row]:
        wake_all(vm, CHAN_BUF + row)
        return
    t = vm.biothread
    if t != NULL and vm.thread.state[t] == SLEEPING and vm.thread.chan[t] == CHAN_BIO:
        leave(vm, t)
        interrupt(vm, t)


def biowait(vm: Machine, row: int, wmesg: str) -> Steps[int]:
    """Wait until the device has completed an I/O.

    Locks:   no spinlock; tokens are released while asleep.
    Blocks:  yes.
    Returns: 0, or 1 after an error.
    Errors:  none.
    Source:  sys/kern/vfs_bio.c biowait
    """
    while True:
        yield "check whether the I/O is done"
        if vm.buf.done[row]:
            return vm.buf.error[row]
        yield from tsleep_interlock(vm, CHAN_BUF + row)
        yield "check again before sleeping"
        if not vm.buf.done[row]:
            yield from tsleep(vm, CHAN_BUF + row, True, wmesg, 0)


def getpbuf(vm: Machine) -> Steps[None]:
    """Get a buffer for one more asynchronous write; only a few may be pending at a time.

    Locks:   no spinlock; tokens are released while asleep.
    Blocks:  yes.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_pager.c getpbuf_kva
    """
    while True:
        yield "check whether another write may start"
        if vm.glob.nsw_wcount_async[0]:
            vm.glob.nsw_wcount_async[0] -= 1
            return
        yield from tsleep_interlock(vm, CHAN_NSW)
        yield "check again before sleeping"
        if not vm.glob.nsw_wcount_async[0]:
            yield from tsleep(vm, CHAN_NSW, True, "wswbuf1", 0)


def relpbuf(vm: Machine) -> Steps[None]:
    """Release the buffer of an asynchronous write.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_pager.c relpbuf
    """
    yield "allow another write to start"
    vm.glob.nsw_wcount_async[0] += 1
    if any(vm.thread.chan[t] == CHAN_NSW for t in sleepers(vm)):
        yield from wakeup(vm, CHAN_NSW)
