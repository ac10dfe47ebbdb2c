"""Looking a page up in its object, and busying it on the way; the page hash that lookups feed.

Source: spec 06, lookups and hash; spec 03, vm_page_grab.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    NULL,
    OBJT_VNODE,
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MAPPEDMULTI,
    VM_ALLOC_FORCE_ZERO,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_ALLOC_RETRY,
    VM_ALLOC_SYSTEM,
    VM_ALLOC_ZERO,
    VM_PAGE_BITS_ALL,
    VM_PAGE_HASH_SET,
)
from engine.errors import KernelPanic, kkassert
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.bits import page_bits, zero_page
from engine.kernel.busy import _sleep_on_page, vm_page_sbusy_drop, vm_page_sbusy_try, vm_page_sleep_busy
from engine.kernel.objects import vm_object_drop, vm_object_hold_shared
from engine.kernel.pressure import vm_wait
from engine.kernel.tokens import held_mode, lwkt_gettoken, lwkt_reltoken
from engine.machine import Machine, Steps

CRC32C: Final = 0x82F63B78
"""Castagnoli's polynomial, reflected."""


def crc32c(octets: bytes) -> int:
    """The checksum that the kernel's hash is built on: CRC32C with initial and final inversion."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (CRC32C if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def hash_position(vm: Machine, obj: int, pindex: int) -> int:
    """The first of the VM_PAGE_HASH_SET elements that the page of `obj` at `pindex` may be in.

    The xor disturbs the low bits, so the sets are not aligned and overlap their neighbours.
    """
    address = vm.object.address[obj] & (1 << 64) - 1
    crc = crc32c(address.to_bytes(8, "little")) << 2 & 0xFFFFFFFF
    return (crc ^ crc >> 21) + pindex * 4 & vm.glob.vm_page_hash_size[0] - 1


def _hashable(vm: Machine, m: int) -> bool:
    known = vm.page.flags[m] & PG_MAPPEDMULTI and vm.page.object[m] != NULL and not vm.is_fake(m)
    if not known or not vm.glob.vm_page_hash_size[0]:
        return False
    return not vm.glob.vm_page_hash_vnode_only[0] or vm.object.type[vm.page.object[m]] == OBJT_VNODE


def vm_page_hash_enter(vm: Machine, m: int) -> Steps[None]:
    """Note in the page hash where page `m` is found, if it is mapped more than once.

    The hash is a guess that others check; it has no lock, and a reader may see half an element.

    Locks:   none; the page busied or its object's token held, so that it stays where it is.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Differs: under hash_rule lru the oldest element is replaced; the source's rule seldom finds it.
    Source:  sys/vm/vm_page.c vm_page_hash_enter
    """
    yield "see whether the page belongs in the hash"
    if not _hashable(vm, m):
        return
    obj, pindex = vm.page.object[m], vm.page.pindex[m]
    first = hash_position(vm, obj, pindex)
    yield "look for the page, or an element to replace"
    for slot in range(first, first + VM_PAGE_HASH_SET):
        if (vm.hash.m[slot], vm.hash.object[slot], vm.hash.pindex[slot]) == (m, obj, pindex):
            vm.hash.ticks[slot] = vm.glob.ticks[0]
            return
    best = _least_recent(vm, first)
    yield "write the element's page"
    vm.hash.m[best] = m
    yield "write the element's object"
    vm.hash.object[best] = obj
    yield "write the element's pindex"
    vm.hash.pindex[best] = pindex
    yield "write the element's ticks"
    vm.hash.ticks[best] = vm.glob.ticks[0]


def _least_recent(vm: Machine, first: int) -> int:
    """Which element of the set at `first` to replace."""
    now = vm.glob.ticks[0]
    slots = range(first, first + VM_PAGE_HASH_SET)
    if vm.rules.hash_rule == "lru":
        ages = {slot: now - vm.hash.ticks[slot] & 0xFFFFFFFF for slot in slots}
        return min(slots, key=lambda slot: (vm.hash.m[slot] != NULL, -ages[slot]))
    # The kernel compares each element with the first one only, and plainly, across the wrap of ticks too.
    best = first
    for slot in slots:
        age = (now - vm.hash.ticks[slot] + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
        if age < -1 or vm.hash.ticks[slot] < vm.hash.ticks[first]:
            best = slot
    return best


def _find(vm: Machine, obj: int, pindex: int, function: str) -> Steps[int]:
    yield "search the object's pages"
    kkassert(held_mode(vm, vm.curthread, obj) != 0, function, "the object token")
    return vm.find_page(obj, pindex)


def vm_page_lookup_busy_wait(
    vm: Machine, obj: int, pindex: int, also_m_busy: int, wmesg: str = "pglkbw"
) -> Steps[int]:
    """Find the page of `obj` at `pindex` and hard-busy it, sleeping while it is busy.

    After each sleep the page is searched for again: the token was released meanwhile.

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
    return NULL


def vm_page_lookup_busy_try(vm: Machine, obj: int, pindex: int, also_m_busy: int) -> Steps[tuple[int, int]]:
    """Find the page of `obj` at `pindex` and hard-busy it unless it is busy (with `also`: any bit set).

    Locks:   the object's token, any mode; the page hard-busied on success.
    Blocks:  no.
    Returns: (page or NULL, 1 if it is busy).
    Errors:  KKASSERT without the token.
    Source:  sys/vm/vm_page.c vm_page_lookup_busy_try
    """
    m = yield from _find(vm, obj, pindex, "vm_page_lookup_busy_try")
    if m == NULL:
        return NULL, 0
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if busy & PBUSY_LOCKED or (also_m_busy and busy):
            return m, 1
        yield "compare-and-set LOCKED"
        if vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_LOCKED):
            yield from vm_page_hash_enter(vm, m)
            return m, 0


def _mappable(vm: Machine, m: int, offset: int, size: int) -> bool:
    valid = vm.page.valid[m]
    # A wholly valid page is not asked about the range, so a range beyond the page goes unnoticed.
    if valid != VM_PAGE_BITS_ALL:
        bits = page_bits(offset, size, m)
        if not valid or valid & bits != bits:
            return False
    return not vm.page.flags[m] & PG_FICTITIOUS


def vm_page_lookup_sbusy_try(vm: Machine, obj: int, pindex: int, offset: int, size: int) -> Steps[int]:
    """Find the page of `obj` at `pindex` and soft-busy it if the byte range in it is valid.

    Locks:   the object's token, any mode; the page soft-busied on success.
    Blocks:  no.
    Returns: the page, or NULL.
    Errors:  KKASSERT without the token.
    Source:  sys/vm/vm_page.c vm_page_lookup_sbusy_try
    """
    m = yield from _find(vm, obj, pindex, "vm_page_lookup_sbusy_try")
    if m == NULL:
        return NULL
    yield "see that the range is valid"
    if not _mappable(vm, m, offset, size):
        return NULL
    if (yield from vm_page_sbusy_try(vm, m)):
        return NULL
    yield "see again, now that the page cannot change"
    if _mappable(vm, m, offset, size):
        yield from vm_page_hash_enter(vm, m)
        return m
    yield from vm_page_sbusy_drop(vm, m)
    return NULL


def vm_page_grab(vm: Machine, obj: int, pindex: int, allocflags: int) -> Steps[int]:
    """Find the page of `obj` at `pindex` and hard-busy it, or allocate one.

    Locks:   none on entry; takes the object's token, shared, then exclusive if the page is missing.
    Blocks:  yes.
    Returns: the page, or NULL without VM_ALLOC_RETRY.
    Errors:  KKASSERT without an allocation class; a NULL dereference, as in the kernel, when the page was
             busy and VM_ALLOC_RETRY is not given.
    Source:  sys/vm/vm_page.c vm_page_grab
    """
    classes = VM_ALLOC_NORMAL | VM_ALLOC_INTERRUPT | VM_ALLOC_SYSTEM
    yield "see which class of memory is asked for"
    kkassert(bool(allocflags & classes), "vm_page_grab", "NORMAL, INTERRUPT or SYSTEM")
    yield from vm_object_hold_shared(vm, obj)
    shared = True
    while True:
        m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
        if busy:
            yield from vm_page_sleep_busy(vm, m, 1, "pgrbwt")
            m = NULL
        elif m == NULL:
            if shared:
                yield from _upgrade_token(vm, obj)
                shared = False
            m = yield from _grab_alloc(vm, obj, pindex, allocflags)
            if m == NULL and not allocflags & VM_ALLOC_RETRY:
                yield from vm_object_drop(vm, obj)
                return NULL
        if m != NULL or not allocflags & VM_ALLOC_RETRY:
            break
    yield from _grab_zero(vm, m, allocflags)
    yield from vm_object_drop(vm, obj)
    return m


def _upgrade_token(vm: Machine, obj: int) -> Steps[None]:
    """Release the token and take it exclusively; in between anything may happen."""
    yield from lwkt_reltoken(vm, obj)
    yield from lwkt_gettoken(vm, obj)


def _grab_alloc(vm: Machine, obj: int, pindex: int, allocflags: int) -> Steps[int]:
    if allocflags & VM_ALLOC_RETRY:
        allocflags |= VM_ALLOC_NULL_OK
    m = yield from vm_page_alloc(vm, obj, pindex, allocflags & ~VM_ALLOC_RETRY)
    if m == NULL:
        yield from vm_wait(vm, 0)
    return m


def _grab_zero(vm: Machine, m: int, allocflags: int) -> Steps[None]:
    yield "see whether the page has to be zeroed"
    if m == NULL:
        raise KernelPanic("fault", "vm_page_grab", "the page was busy and RETRY was not given: no page")
    zero = allocflags & (VM_ALLOC_ZERO | VM_ALLOC_FORCE_ZERO)
    if (vm.page.valid[m] == 0 and zero) or allocflags & VM_ALLOC_FORCE_ZERO:
        zero_page(vm, m)
        vm.page.valid[m] = VM_PAGE_BITS_ALL
