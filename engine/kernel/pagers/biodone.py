"""The interrupt thread: it finishes each I/O that no thread waits for as a whole.

It runs before the other threads of its cpu as soon as the device has completed an I/O, except while one of
them holds a spinlock or spins for one. Afterwards it gives the cpu back to the thread that it interrupted.
Source: spec 23, sections 3 and 4; DESIGN, decision 6.
"""

from __future__ import annotations

from engine.constants import NULL
from engine.kernel.pagers.bio import finished_ios
from engine.kernel.pagers.swap_read import swap_read_done
from engine.kernel.pagers.swap_write import swap_write_done
from engine.kernel.sleep import CHAN_BIO, fall_asleep
from engine.machine.machine import Machine, Steps
from engine.machine.tables import BUF_SWAP_READ


def biodone(vm: Machine) -> Steps[None]:
    """Finish the first I/O that the device has completed, or sleep until there is one.

    The check and the start of the sleep are one step: no interrupt is lost.

    Locks:   none on entry or return.
    Blocks:  yes, until there is an I/O to finish, and wherever finishing it blocks.
    Returns: nothing; it is called repeatedly.
    Errors:  those of the completions.
    Source:  sys/kern/vfs_bio.c biodone
    """
    yield "look for a finished I/O"
    row = next(iter(finished_ios(vm)), NULL)
    if row == NULL:
        fall_asleep(vm, vm.curthread, CHAN_BIO, "biodone", 0)
        yield "run again after the interrupt"
    elif vm.buf.kind[row] == BUF_SWAP_READ:
        yield from swap_read_done(vm, row)
    else:
        yield from swap_write_done(vm, row)
