"""Busy pages: hard (LOCKED, exclusive), soft (a count, shared), and waiting for either.

busy_count changes only by compare-and-set and has no owner. A sleeper first joins the sleep queue, then sets
WANTED, and sleeps only if that succeeded: the release that sees WANTED comes after the interlock, so its
wakeup cannot be lost. Every sleeper sets PG_REFERENCED.
Source: spec 05.
"""

from __future__ import annotations

from engine.constants import PBUSY_LOCKED, PBUSY_MASK, PBUSY_WANTED, PG_REFERENCED, Page
from engine.errors import kkassert, kpanic
from engine.kernel.arguments import Int
from engine.kernel.sleep import CHAN_PAGE, tsleep, tsleep_interlock, wakeup
from engine.machine.machine import Machine, Steps


def _sleep_on_page(vm: Machine, m: Page, seen: int, wmesg: str) -> Steps[bool]:
    """Interlock, set WANTED over `seen`, set PG_REFERENCED, sleep; false when `seen` was out of date."""
    yield from tsleep_interlock(vm, CHAN_PAGE + m)
    yield "compare-and-set WANTED"
    if not vm.cmpset(vm.page.busy_count, m, seen, seen | PBUSY_WANTED):
        return False
    yield "set PG_REFERENCED"
    vm.page.flags[m] |= PG_REFERENCED
    yield from tsleep(vm, CHAN_PAGE + m, True, wmesg, 0)
    return True


def vm_page_busy_wait(vm: Machine, m: Page, also_m_busy: Int, wmesg: str = "pgbsy") -> Steps[None]:
    """Hard-busy page `m`, sleeping while it is hard-busied; with `also_m_busy`, while any bit is set.

    Locks:   no spinlock on entry; the page hard-busied on return.
    Blocks:  yes.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_busy_wait
    """
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if busy & PBUSY_LOCKED or (also_m_busy and busy):
            yield from _sleep_on_page(vm, m, busy, wmesg)
            continue
        yield "compare-and-set LOCKED"
        if vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_LOCKED):
            return


def vm_page_busy_try(vm: Machine, m: Page, also_m_busy: Int) -> Steps[bool]:
    """Hard-busy page `m` without waiting; with `also_m_busy`, only if no bit of busy_count is set.

    Locks:   any on entry; the page hard-busied on success.
    Blocks:  no.
    Returns: True on failure.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_busy_try
    """
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if busy & PBUSY_LOCKED or (also_m_busy and busy & PBUSY_MASK):
            return True
        yield "compare-and-set LOCKED"
        if vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_LOCKED):
            return False


def _clear_locked(vm: Machine, m: Page) -> Steps[int]:
    """Clear LOCKED and WANTED together; return what busy_count was."""
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        yield "compare-and-clear LOCKED and WANTED"
        if vm.cmpset(vm.page.busy_count, m, busy, busy & ~(PBUSY_LOCKED | PBUSY_WANTED)):
            return busy


def vm_page_wakeup(vm: Machine, m: Page) -> Steps[None]:
    """Release the hard busy of page `m` and wake the threads that wait for it.

    Locks:   the page hard-busied on entry, not on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the page is not hard-busied.
    Source:  sys/vm/vm_page.c vm_page_wakeup
    """
    yield "check that the page is hard-busied"
    if not vm.page.busy_count[m] & PBUSY_LOCKED:
        raise kpanic("vm_page_wakeup", "vm_page_wakeup: page not busy!!!", "LOCKED is not set", m)
    busy = yield from _clear_locked(vm, m)
    if busy & PBUSY_WANTED:
        yield from wakeup(vm, CHAN_PAGE + m)


def vm_page_sleep_busy(vm: Machine, m: Page, also_m_busy: Int, wmesg: str = "pgslp") -> Steps[None]:
    """Sleep once if page `m` is busy; it may be busy again on return.

    Locks:   no spinlock on entry.
    Blocks:  at most once.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_sleep_busy
    """
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if not busy & PBUSY_LOCKED and not (also_m_busy and busy & PBUSY_MASK):
            return
        if (yield from _sleep_on_page(vm, m, busy, wmesg)):
            return


def vm_page_sbusy_try(vm: Machine, m: Page) -> Steps[bool]:
    """Soft-busy page `m` unless it is hard-busied.

    Locks:   none; the page soft-busied once more on success.
    Blocks:  no.
    Returns: True on failure.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_sbusy_try
    """
    # Adding one and undoing it on failure would be simpler, but a transient count can trip the assertions of
    # a thread that frees the page at that moment.
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if busy & PBUSY_LOCKED:
            return True
        yield "compare-and-set the soft count + 1"
        if vm.cmpset(vm.page.busy_count, m, busy, busy + 1):
            return False


def vm_page_sbusy_hold(vm: Machine, m: Page) -> Steps[None]:
    """Add one soft busy to page `m`, which the caller has already busied.

    Locks:   any busy of the page on entry; one more soft busy on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_sbusy_hold
    """
    yield "increment the soft count"
    vm.page.busy_count[m] += 1


def vm_page_sbusy_drop(vm: Machine, m: Page) -> Steps[None]:
    """Drop one soft busy of page `m`; the last one wakes the waiters if no bit but WANTED is left.

    Locks:   one soft busy on entry, not on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none, even when the count was 0 and now wraps through all bits.
    Source:  sys/vm/vm_page.c vm_page_sbusy_drop
    """
    yield "decrement the soft count"
    old = vm.fetchadd(vm.page.busy_count, m, -1)
    if old - 1 == PBUSY_WANTED:
        yield from _clear_wanted(vm, m)


def _clear_wanted(vm: Machine, m: Page) -> Steps[None]:
    yield "clear WANTED"
    vm.page.busy_count[m] &= ~PBUSY_WANTED
    yield from wakeup(vm, CHAN_PAGE + m)


def vm_page_io_start(vm: Machine, m: Page) -> Steps[None]:
    """Add one soft busy for an I/O to page `m`, which the caller has hard-busied.

    Locks:   the page hard-busied.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when it is not, with the count already raised.
    Source:  sys/vm/vm_page.c vm_page_io_start
    """
    yield "increment the soft count"
    old = vm.fetchadd(vm.page.busy_count, m, 1)
    kkassert(bool(old & PBUSY_LOCKED), "vm_page_io_start", "a hard-busied page", m)


def vm_page_io_finish(vm: Machine, m: Page) -> Steps[None]:
    """Drop one soft busy for an I/O on page `m`. It wakes no waiter, so WANTED can stay set.

    Locks:   one soft busy on entry, not on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when the soft count was 0, with busy_count already damaged.
    Source:  sys/vm/vm_page.c vm_page_io_finish
    """
    yield "decrement the soft count"
    old = vm.fetchadd(vm.page.busy_count, m, -1)
    kkassert(bool(old & PBUSY_MASK), "vm_page_io_finish", "a soft count above 0", m)


def vm_page_flash(vm: Machine, m: Page) -> Steps[None]:
    """Wake the threads that wait for page `m` without releasing it.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_flash
    """
    yield "read busy_count"
    if vm.page.busy_count[m] & PBUSY_WANTED:
        yield from _clear_wanted(vm, m)
