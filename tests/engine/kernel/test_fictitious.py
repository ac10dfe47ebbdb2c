"""Fictitious pages: what vm_page_initfake sets (spec 05)."""

from __future__ import annotations

from engine.constants import PBUSY_LOCKED, PG_FICTITIOUS, PG_UNQUEUED
from engine.kernel.fictitious import vm_page_initfake
from engine.kernel.free import vm_page_free
from tests.engine.kernel.checked_crew import Crew


def test_a_fake_page_describes_device_memory_busied_and_wired() -> None:
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
