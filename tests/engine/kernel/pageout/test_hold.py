"""The hold scan: pages that were freed while held and are no longer held (spec 22, section F)."""

from __future__ import annotations

from engine.constants import PQ_HOLD
from engine.kernel.hold import vm_page_unhold
from engine.kernel.pageout.hold import vm_pageout_scan_hold
from tests.engine.kernel.checked_crew import Crew


def crew_with(*holds: int) -> tuple[Crew, list[int], int]:
    """A crew, pages on HOLD with the given hold counts, and their colour.

    A page on HOLD that is not held: its last hold ended while it was being freed.
    """
    crew = Crew()
    pages = [crew.page("HOLD", pindex=index * crew.vm.colors) for index in range(len(holds))]
    for m, count in zip(pages, holds, strict=True):
        crew.vm.page.hold_count[m] = count
    color = crew.vm.page.pc[pages[0]]
    assert crew.pages("HOLD", color) == pages
    return crew, pages, color


def test_a_stranded_page_is_freed_one_a_call_without_waking_a_thread() -> None:
    crew, [first, second], color = crew_with(0, 0)
    crew.vm.glob.vm_pages_waiting[0] = 1
    crew.effects.clear()
    crew.call(vm_pageout_scan_hold, color)
    assert (crew.queue_of(first), crew.pages("HOLD", color)) == ("FREE", [second])
    assert crew.pages("FREE", color)[0] == first
    assert crew.vm.page.hold_count[first] == 0
    says = f"DEBUG: pageout HOLD->FREE {crew.vm.phys_addr(first):#x}"
    assert crew.effects == [("kprintf", says, "DEBUG: pageout HOLD->FREE %p")]


def test_a_held_page_at_the_head_hides_the_pages_after_it_and_is_not_reported() -> None:
    crew, [held, stranded], color = crew_with(1, 0)
    crew.effects.clear()
    crew.call(vm_pageout_scan_hold, color)
    assert (crew.pages("HOLD", color), crew.effects) == ([held, stranded], [])
    crew.call(vm_page_unhold, held)
    crew.call(vm_pageout_scan_hold, color)
    assert crew.vm.queue.lcnt[PQ_HOLD + color] == 0


def test_only_the_colour_asked_for_is_looked_at_modulo_the_colours() -> None:
    crew, [m], color = crew_with(0)
    crew.call(vm_pageout_scan_hold, color + 1)
    assert crew.queue_of(m) == "HOLD"
    crew.call(vm_pageout_scan_hold, color + crew.vm.colors)
    assert crew.queue_of(m) == "FREE"


def test_the_scan_of_an_empty_queue_takes_and_releases_its_lock() -> None:
    crew = Crew()
    crew.begin(0, vm_pageout_scan_hold, 3)
    crew.step(0)
    assert crew.vm.queue.spin[PQ_HOLD + 3] == 1
    crew.play(0)
    assert crew.vm.queue.spin[PQ_HOLD + 3] == 0
