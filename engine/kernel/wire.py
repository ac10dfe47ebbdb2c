"""Wired pages: a wired page may be on a queue, but is never paged out.

Source: spec 05, Wire.
"""

from __future__ import annotations

from engine.constants import (
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    V_WIRE_COUNT,
    Page,
)
from engine.errors import kkassert, kpanic
from engine.kernel.age import vm_page_activate, vm_page_deactivate
from engine.kernel.arguments import Int
from engine.kernel.stats import count_pages
from engine.machine.machine import Machine, Steps


def vm_page_wire(vm: Machine, m: Page) -> Steps[None]:
    """Wire page `m` once more. The first wiring is counted in this cpu's adjustment, not in its view.

    Locks:   the page hard-busied.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when it is not hard-busied; panic when the count wraps.
    Source:  sys/vm/vm_page.c vm_page_wire
    """
    yield "check that the page is hard-busied"
    kkassert(bool(vm.page.busy_count[m] & PBUSY_LOCKED), "vm_page_wire", "a hard-busied page", m)
    if vm.page.flags[m] & PG_FICTITIOUS:
        return
    yield "increment wire_count"
    if vm.fetchadd(vm.page.wire_count, m, 1) == 0:
        count_pages(vm, V_WIRE_COUNT, 1)
    if vm.page.wire_count[m] == 0:
        raise kpanic("vm_page_wire", "vm_page_wire: wire_count overflow m=", "the count wrapped to 0", m)


def vm_page_unwire(vm: Machine, m: Page, activate: Int) -> Steps[None]:
    """Drop one wiring; the last one activates or deactivates the page.

    Locks:   the page hard-busied, also on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when it is not hard-busied; panic when it is not wired.
    Source:  sys/vm/vm_page.c vm_page_unwire
    """
    yield "check that the page is hard-busied and wired"
    kkassert(bool(vm.page.busy_count[m] & PBUSY_LOCKED), "vm_page_unwire", "a hard-busied page", m)
    if vm.page.flags[m] & PG_FICTITIOUS:
        return
    if not 0 < vm.page.wire_count[m] < 1 << 31:
        raise kpanic("vm_page_unwire", "vm_page_unwire: invalid wire count: ", "wire_count <= 0", m)
    yield "decrement wire_count"
    if vm.fetchadd(vm.page.wire_count, m, -1) != 1:
        return
    count_pages(vm, V_WIRE_COUNT, -1)
    if vm.page.flags[m] & PG_UNQUEUED:
        return
    if activate or vm.page.flags[m] & PG_NEED_COMMIT:
        yield from vm_page_activate(vm, m)
    else:
        yield from vm_page_deactivate(vm, m)


def vm_page_wire_quick(vm: Machine, m: Page) -> Steps[None]:
    """Wire page `m`, which is already wired, once more; it does not have to be busied.

    Locks:   none; a wiring of the caller's keeps the count above 0.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the page was not wired, with the count already raised.
    Source:  sys/vm/vm_page2.h vm_page_wire_quick
    """
    yield "increment wire_count"
    if vm.fetchadd(vm.page.wire_count, m, 1) == 0:
        raise kpanic(
            "vm_page_wire_quick", "vm_page_wire_quick: wire_count was 0", "the page was not wired", m
        )


def vm_page_unwire_quick(vm: Machine, m: Page) -> Steps[bool]:
    """Drop one wiring of page `m` unless it is the last one, which requires the page to be hard-busied.

    Locks:   none.
    Blocks:  no.
    Returns: True when it is the last one; in that case nothing was done.
    Errors:  KKASSERT when the page is not wired.
    Source:  sys/vm/vm_page2.h vm_page_unwire_quick
    """
    yield "check that the page is wired"
    kkassert(vm.page.wire_count[m] > 0, "vm_page_unwire_quick", "a wired page", m)
    while True:
        yield "read wire_count"
        wired = vm.page.wire_count[m]
        if wired == 1:
            return True
        yield "compare-and-set wire_count - 1"
        if vm.cmpset(vm.page.wire_count, m, wired, wired - 1):
            return False
