"""The hold scan: pages that were freed while held, and that no one holds any more (spec 22, section F)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.constants import PQ_HOLD
from engine.kernel.free import vm_page_free
from engine.kernel.hold import vm_page_hold, vm_page_unhold
from engine.kernel.pageout.hold import vm_pageout_scan_hold
from tests.engine.kernel.stepping import Crew

Machine = Callable[..., Any]
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
COLOR = 5


def stranded(machine: Any, color: int = COLOR) -> int:
    """A page on HOLD that nobody holds: its last hold ended while it was being freed."""
    (m,) = machine.fill("INACTIVE", color, 1)
    machine.do(vm_page_hold, m)
    machine.do(vm_page_free, machine.busied(m))
    machine.vm.page.hold_count[m] = 0
    return int(m)


def test_a_stranded_page_is_freed_one_a_call_without_waking_anybody(paging: Machine) -> None:
    machine = paging()
    first, second = stranded(machine), stranded(machine)
    machine.vm.glob.vm_pages_waiting[0] = 1
    machine.do(vm_pageout_scan_hold, COLOR, thread=PRIMARY)
    assert (machine.queue_of(first), machine.queue_of(second)) == ("FREE", "HOLD")
    assert machine.order("FREE", COLOR)[0] == first
    assert machine.vm.page.hold_count[first] == 0
    ((_, fmt),) = machine.effects("kprintf")
    assert fmt.startswith("DEBUG: pageout HOLD->FREE")
    assert machine.effects("wakeup") == []


def test_a_held_page_at_the_head_hides_what_is_behind_it(paging: Machine) -> None:
    machine = paging()
    first, second = stranded(machine), stranded(machine)
    machine.vm.page.hold_count[first] = 1
    machine.do(vm_pageout_scan_hold, COLOR, thread=PRIMARY)
    assert machine.order("HOLD", COLOR) == [first, second]
    machine.do(vm_page_unhold, first)
    machine.do(vm_pageout_scan_hold, COLOR, thread=PRIMARY)
    assert machine.vm.queue.lcnt[PQ_HOLD + COLOR] == 0


def test_only_the_colour_asked_for_is_looked_at(paging: Machine) -> None:
    machine = paging()
    m = stranded(machine, COLOR)
    machine.do(vm_pageout_scan_hold, COLOR + 1, thread=PRIMARY)
    assert machine.queue_of(m) == "HOLD"
    machine.do(vm_pageout_scan_hold, COLOR + machine.vm.colors, thread=PRIMARY)
    assert machine.queue_of(m) == "FREE"


def test_the_hold_scan_takes_one_page_a_call_and_stops_at_a_held_one() -> None:
    crew = Crew()
    first, second, third = (crew.page("HOLD", pindex=index * 16) for index in range(3))
    color = crew.vm.page.pc[first]
    assert crew.pages("HOLD", color) == [first, second, third]
    for m in (first, third):
        crew.vm.page.hold_count[m] = 0
    crew.call(vm_pageout_scan_hold, color + 16)  # a colour is taken modulo the colours
    assert crew.pages("HOLD", color) == [second, third]
    printed = len(crew.effects)
    crew.call(vm_pageout_scan_hold, color)
    assert crew.pages("HOLD", color) == [second, third]
    assert crew.effects[printed:] == [], "the scan says nothing of a page that it leaves alone"
    assert ("kprintf", f"DEBUG: pageout HOLD->FREE {crew.vm.phys_addr(first):#x}") in [
        effect[:2] for effect in crew.effects
    ]


def test_the_hold_scan_of_an_empty_queue_takes_its_lock_and_leaves() -> None:
    crew = Crew()
    crew.call(vm_pageout_scan_hold, 3)
    assert crew.vm.queue.spin[PQ_HOLD + 3] == 0
