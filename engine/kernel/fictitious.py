"""Fictitious pages: a device driver's pages for addresses outside vm_page_array.

Source: spec 05, vm_page_initfake.
"""

from __future__ import annotations

from engine.constants import PBUSY_LOCKED, PG_FICTITIOUS, PG_UNQUEUED, PQ_NONE, Page
from engine.kernel.arguments import Memattr, Quad
from engine.kernel.pmap import pmap_page_set_memattr
from engine.machine.machine import Machine, Steps


def vm_page_initfake(vm: Machine, m: Page, paddr: Quad, memattr: Memattr) -> Steps[None]:
    """Make page `m` describe the device memory at `paddr`; one that already does only gets the attribute.

    Locks:   none; the page hard-busied and wired on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_initfake
    """
    yield "check whether the page is fictitious already"
    if not vm.page.flags[m] & PG_FICTITIOUS:
        vm.page.fake_addr[m] = paddr
        vm.page.queue[m] = PQ_NONE
        vm.page.flags[m] = PG_FICTITIOUS | PG_UNQUEUED
        vm.page.busy_count[m] = PBUSY_LOCKED
        vm.page.wire_count[m] = 1
        vm.page.spin[m] = 0
    yield from pmap_page_set_memattr(vm, m, memattr)
