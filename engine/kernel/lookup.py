"""Page lookup: find a page in its object, and busy it in the same call.

Source: spec 06, Lookups.
"""

from __future__ import annotations

from engine.constants import NULL, PBUSY_LOCKED, PG_FICTITIOUS, VM_PAGE_BITS_ALL, Obj, Page
from engine.errors import kkassert
from engine.kernel.arguments import Amount, HeldObj, Int, MaybePage, Quad
from engine.kernel.busy import _sleep_on_page, vm_page_sbusy_drop, vm_page_sbusy_try
from engine.kernel.hash import vm_page_hash_enter
from engine.kernel.tokens import held_mode
from engine.kernel.valid_dirty import bytes_valid
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE


def _find(vm: Machine, obj: Obj, pindex: int, function: str) -> Steps[MaybePage]:
    yield "search the object's pages"
    kkassert(held_mode(vm, vm.curthread, obj) != 0, function, "the object token")
    return vm.find_page(obj, pindex)


def vm_page_lookup(vm: Machine, obj: HeldObj, pindex: Quad) -> Steps[MaybePage]:
    """Find the page of `obj` at `pindex`.

    Locks:   the object's token, any mode; the page is neither busied nor held on return.
    Blocks:  no.
    Returns: the page, or NULL.
    Errors:  KKASSERT without the token.
    Source:  sys/vm/vm_page.c vm_page_lookup
    """
    m = yield from _find(vm, obj, pindex, "vm_page_lookup")
    if m != NULL:
        yield from vm_page_hash_enter(vm, m)
    return m


def vm_page_next(vm: Machine, m: Page) -> Steps[MaybePage]:
    """Find the page that follows page `m` in its object: the one at the next pindex, or none.

    Locks:   the object's token, any mode (not asserted).
    Blocks:  no.
    Returns: the page, or NULL; NULL too for a page without an object.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_next
    """
    yield "look up the next page of the object"
    obj, pindex = vm.page.object[m], vm.page.pindex[m] + 1
    if obj == NULL or pindex == 0:
        return NO_PAGE
    return vm.find_page(obj, pindex if pindex < 1 << 63 else pindex - (1 << 64))


def vm_page_lookup_busy_wait(
    vm: Machine, obj: HeldObj, pindex: Quad, also_m_busy: Int, wmesg: str = "pglkbw"
) -> Steps[MaybePage]:
    """Find the page of `obj` at `pindex` and hard-busy it, sleeping while it is busy.

    The page is looked up again after each sleep, since the token was released in the meantime.

    Locks:   the object's token, any mode; the page hard-busied on success.
    Blocks:  yes.
    Returns: the page, or NULL.
    Errors:  KKASSERT without the token.
    Source:  sys/vm/vm_page.c vm_page_lookup_busy_wait
    """
    m = yield from _find(vm, obj, pindex, "vm_page_lookup_busy_wait")
    while m != NULL:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if busy & PBUSY_LOCKED or (also_m_busy and busy):
            if (yield from _sleep_on_page(vm, m, busy, wmesg)):
                m = yield from _find(vm, obj, pindex, "vm_page_lookup_busy_wait")
            continue
        yield "compare-and-set LOCKED"
        if vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_LOCKED):
            yield from vm_page_hash_enter(vm, m)
            return m
    return NO_PAGE


def vm_page_lookup_busy_try(
    vm: Machine, obj: HeldObj, pindex: Quad, also_m_busy: Int
) -> Steps[tuple[MaybePage, int]]:
    """Find the page of `obj` at `pindex` and hard-busy it unless it is busy (`also_m_busy`: any bit set).

    Locks:   the object's token, any mode; the page hard-busied on success.
    Blocks:  no.
    Returns: (page or NULL, 1 if it is busy).
    Errors:  KKASSERT without the token.
    Source:  sys/vm/vm_page.c vm_page_lookup_busy_try
    """
    m = yield from _find(vm, obj, pindex, "vm_page_lookup_busy_try")
    if m == NULL:
        return NO_PAGE, 0
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if busy & PBUSY_LOCKED or (also_m_busy and busy):
            return m, 1
        yield "compare-and-set LOCKED"
        if vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_LOCKED):
            yield from vm_page_hash_enter(vm, m)
            return m, 0


def _mappable(vm: Machine, m: Page, offset: int, size: int) -> bool:
    # The range of a fully valid page is not checked, so a range beyond the page is accepted.
    whole = vm.page.valid[m] == VM_PAGE_BITS_ALL
    return (whole or bytes_valid(vm, m, offset, size)) and not vm.page.flags[m] & PG_FICTITIOUS


def vm_page_lookup_sbusy_try(
    vm: Machine, obj: HeldObj, pindex: Quad, offset: Amount, size: Amount
) -> Steps[MaybePage]:
    """Find the page of `obj` at `pindex` and soft-busy it if the byte range in it is valid.

    Locks:   the object's token, any mode; the page soft-busied on success.
    Blocks:  no.
    Returns: the page, or NULL.
    Errors:  KKASSERT without the token.
    Source:  sys/vm/vm_page.c vm_page_lookup_sbusy_try
    """
    m = yield from _find(vm, obj, pindex, "vm_page_lookup_sbusy_try")
    if m == NULL:
        return NO_PAGE
    yield "check that the range is valid"
    if not _mappable(vm, m, offset, size):
        return NO_PAGE
    if (yield from vm_page_sbusy_try(vm, m)):
        return NO_PAGE
    yield "check again now that the page cannot change"
    if _mappable(vm, m, offset, size):
        yield from vm_page_hash_enter(vm, m)
        return m
    yield from vm_page_sbusy_drop(vm, m)
    return NO_PAGE
