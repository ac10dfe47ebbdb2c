"""Mappings as the page layer sees them, and pages of devices (spec 01, 05)."""

from __future__ import annotations

import pytest

from engine.constants import (
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_REFERENCED,
    PG_UNQUEUED,
    PG_WRITEABLE,
    VM_PROT_NONE,
    VM_PROT_READ,
    VM_PROT_WRITE,
)
from engine.errors import KernelPanic
from engine.kernel.fictitious import vm_page_initfake
from engine.kernel.free import vm_page_free
from engine.kernel.pmap import vm_page_protect
from tests.engine.kernel.stepping import Crew, unchecked

W, M, MM, R = PG_WRITEABLE, PG_MAPPED, PG_MAPPEDMULTI, PG_REFERENCED

PROTECTED = [
    # prot, (flags, modified, referenced) before and after, dirty after
    ("removing everything", VM_PROT_NONE, (W | M | MM, 1, 2), (R, 0, 0), 0xFF),
    ("removing what was only looked at", VM_PROT_NONE, (M, 0, 1), (R, 0, 0), 0),
    ("removing what was not even looked at", VM_PROT_NONE, (M, 0, 0), (0, 0, 0), 0),
    ("removing nothing", VM_PROT_NONE, (0, 1, 1), (0, 1, 1), 0),
    ("a stale WRITEABLE without a mapping stays", VM_PROT_NONE, (W, 1, 1), (W, 1, 1), 0),
    ("allowing reading only", VM_PROT_READ, (W | M, 1, 1), (M, 0, 1), 0xFF),
    ("allowing reading where nobody writes", VM_PROT_READ, (M, 1, 1), (M, 1, 1), 0),
    ("any other protection does nothing", VM_PROT_WRITE, (W | M, 1, 1), (W | M, 1, 1), 0),
]


@pytest.mark.parametrize(
    ("prot", "before", "after", "dirty"), [row[1:] for row in PROTECTED], ids=[row[0] for row in PROTECTED]
)
def test_restricting_the_mappings(
    prot: int, before: tuple[int, int, int], after: tuple[int, int, int], dirty: int
) -> None:
    crew = Crew()
    page = crew.vm.page
    m = crew.page(busy=True, flags=before[0], pmap_modified=before[1], pmap_referenced=before[2])
    crew.call(vm_page_protect, m, prot)
    assert (page.flags[m], page.pmap_modified[m], page.pmap_referenced[m]) == after
    assert page.dirty[m] == dirty


@pytest.mark.parametrize("prot", [VM_PROT_NONE, VM_PROT_READ, VM_PROT_WRITE])
def test_restricting_wants_the_page_busied(prot: int) -> None:
    crew = Crew()
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_protect, crew.page(), prot)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_protect")


def test_unmapping_a_modified_cached_page_is_a_panic() -> None:
    crew = Crew(check=unchecked)
    m = crew.page("CACHE", busy=True, flags=M | W, pmap_modified=1)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_protect, m, VM_PROT_NONE)
    assert caught.value.function == "vm_page_dirty"


def test_a_fake_page_stands_for_device_memory_busied_and_wired() -> None:
    crew = Crew()
    page, m = crew.vm.page, crew.vm.fake_base
    crew.call(vm_page_initfake, m, 0xFEE00000, 0)
    assert (page.flags[m], page.busy_count[m], page.wire_count[m]) == (
        PG_FICTITIOUS | PG_UNQUEUED,
        PBUSY_LOCKED,
        1,
    )
    assert (crew.vm.phys_addr(m), page.pat_mode[m], page.queue[m]) == (0xFEE00000, 0, 0)
    crew.call(vm_page_free, m)
    assert (page.busy_count[m], page.wire_count[m]) == (0, 1)


def test_making_a_fake_page_again_only_changes_its_attribute() -> None:
    crew = Crew()
    m = crew.vm.fake_base + 1
    crew.call(vm_page_initfake, m, 0xFEE00000, 0)
    crew.call(vm_page_free, m)
    crew.call(vm_page_initfake, m, 0xD0000000, 4)
    assert (crew.vm.phys_addr(m), crew.vm.page.pat_mode[m]) == (0xFEE00000, 4)
    assert crew.vm.page.busy_count[m] == 0
