"""The page hash: a lockless hint to where a page that is mapped more than once can be found.

The hash is never authoritative. An element stays when its page is freed or renamed; a thread that finds a
page through it soft-busies the page and then checks again that it is the right one.
Source: spec 06, Hash.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from engine.constants import NULL, OBJT_VNODE, PG_MAPPEDMULTI, VM_PAGE_HASH_SET, Obj, Page
from engine.kernel.arguments import MaybePage, Quad
from engine.kernel.busy import vm_page_sbusy_drop, vm_page_sbusy_try
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE

CRC32C: Final = 0x82F63B78
"""Castagnoli's polynomial, reflected."""


def crc32c(octets: bytes) -> int:
    """The checksum that the kernel's hash uses: CRC32C with initial and final inversion."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (CRC32C if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@cache
def _address_key(address: int) -> int:
    """The part of a hash position that an object's address determines."""
    crc = crc32c((address & (1 << 64) - 1).to_bytes(8, "little")) << 2 & 0xFFFFFFFF
    return crc ^ crc >> 21


def hash_position(vm: Machine, obj: Obj, pindex: int) -> int:
    """The first of the VM_PAGE_HASH_SET elements that may hold the page of `obj` at `pindex`.

    The xor disturbs the low bits, so the sets are not aligned and overlap their neighbours.
    """
    return _address_key(vm.object.address[obj]) + pindex * 4 & vm.glob.vm_page_hash_size[0] - 1


def _hashable(vm: Machine, m: Page) -> bool:
    known = vm.page.flags[m] & PG_MAPPEDMULTI and vm.page.object[m] != NULL and not vm.is_fake(m)
    if not known or not vm.glob.vm_page_hash_size[0]:
        return False
    return not vm.glob.vm_page_hash_vnode_only[0] or vm.object.type[vm.page.object[m]] == OBJT_VNODE


def vm_page_hash_enter(vm: Machine, m: Page) -> Steps[None]:
    """Enter page `m` in the page hash if it is mapped more than once.

    Readers verify what they find; there is no lock, and a reader may see a half-written element.

    Locks:   none; the page busied or its object's token held, so that it keeps its object and index.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Differs: under hash_rule lru the oldest element is replaced; the source's rule seldom finds it.
    Source:  sys/vm/vm_page.c vm_page_hash_enter
    """
    yield "check whether the page belongs in the hash"
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
    """The element of the set at `first` to replace."""
    now = vm.glob.ticks[0]
    slots = range(first, first + VM_PAGE_HASH_SET)
    if vm.rules.hash_rule == "lru":
        ages = {slot: now - vm.hash.ticks[slot] & 0xFFFFFFFF for slot in slots}
        return min(slots, key=lambda slot: (vm.hash.m[slot] != NULL, -ages[slot]))
    # The kernel compares each element with the first one only, and as plain numbers, even when ticks wrap.
    best = first
    for slot in slots:
        age = (now - vm.hash.ticks[slot] + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
        if age < -1 or vm.hash.ticks[slot] < vm.hash.ticks[first]:
            best = slot
    return best


def vm_page_hash_get(vm: Machine, obj: Obj, pindex: Quad) -> Steps[MaybePage]:
    """Find the page of `obj` at `pindex` by the page hash alone, and soft-busy it.

    Locks:   none, not even the object's token; the page soft-busied on success.
    Blocks:  no.
    Returns: the page, or NULL when it is not in the hash or is hard-busied.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_hash_get
    """
    yield "compute the page's hash set"
    if not vm.glob.vm_page_hash_size[0]:
        return NO_PAGE
    first = hash_position(vm, obj, pindex)
    for slot in range(first, first + VM_PAGE_HASH_SET):
        yield "compare the element's object and pindex"
        if (vm.hash.object[slot], vm.hash.pindex[slot]) != (obj, pindex):
            continue
        yield "read the element's page"
        m = vm.hash.m[slot]
        if m == NULL:
            continue
        yield "check that it is the right page, without a lock"
        if not _is_page_of(vm, m, obj, pindex) or (yield from vm_page_sbusy_try(vm, m)):
            continue
        yield "check again now that the page cannot change"
        if _is_page_of(vm, m, obj, pindex):
            vm.hash.ticks[slot] = vm.glob.ticks[0]
            return m
        yield from vm_page_sbusy_drop(vm, m)
    return NO_PAGE


def _is_page_of(vm: Machine, m: Page, obj: Obj, pindex: int) -> bool:
    return (vm.page.object[m], vm.page.pindex[m]) == (obj, pindex)
