"""Unwiring the pages that a fault has wired.

Source: spec 21, F13; spec 25, section 5.
"""

from __future__ import annotations

from engine.constants import NULL, PTE_W
from engine.kernel.busy import vm_page_busy_wait, vm_page_wakeup
from engine.kernel.process.page_table import page_of_pte, pte_at
from engine.kernel.wire import vm_page_unwire
from engine.machine.machine import Machine, Steps


def vm_fault_unwire(vm: Machine, p: int, first: int, last: int) -> Steps[None]:
    """Unwire the pages that process `p` maps, wired, at pages `first` .. `last` - 1 of its address space.

    Locks:   the map's lock; takes each page's busy.
    Blocks:  yes, at busy pages.
    Returns: nothing.
    Errors:  those of vm_page_unwire.
    Source:  sys/vm/vm_fault.c vm_fault_unwire
    """
    yield "start at the first address"
    for vpn in range(first, last):
        yield "check whether the address is wired"
        pte = pte_at(vm, p, vpn)
        if not pte & PTE_W:
            continue
        m = page_of_pte(vm, pte)
        if m == NULL:
            continue
        yield from vm_page_busy_wait(vm, m, 0, "vmunw")
        yield "clear the entry's wired bit"
        slot = vm.pte_slots.slots[p, vpn]
        vm.pte.entry[slot] &= ~PTE_W
        yield from vm_page_unwire(vm, m, 1)
        yield from vm_page_wakeup(vm, m)
