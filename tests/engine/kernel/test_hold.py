"""Holds and the HOLD queue: what a hold prevents, its end, and the tolerated race (spec 05)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    OBJT_VNODE,
    PBUSY_LOCKED,
    PG_NEED_COMMIT,
    V_ACTIVE_COUNT,
    V_FREE_COUNT,
    Page,
)
from engine.errors import KernelPanic
from engine.kernel.free import vm_page_free
from engine.kernel.hold import vm_page_clear_commit, vm_page_hold, vm_page_need_commit, vm_page_unhold
from engine.kernel.pageout.hold import vm_pageout_scan_hold
from tests.engine.kernel.checked_crew import DONE, THERE, Crew, unchecked

READ_HOLDS = "read hold_count"
SEE_HOLD = "check whether the page is on HOLD"


@pytest.mark.parametrize("queue", ["NONE", "ACTIVE", "INACTIVE", "CACHE", "HOLD"])
def test_a_hold_moves_nothing(queue: str) -> None:
    crew = Crew()
    m = crew.page(queue)
    held = crew.vm.page.hold_count[m]
    crew.call(vm_page_hold, m)
    assert (crew.queue_of(m), crew.vm.page.hold_count[m]) == (queue, held + 1)


@pytest.mark.parametrize(
    ("queue", "holds", "ends"),
    [("ACTIVE", 1, "ACTIVE"), ("NONE", 1, "NONE"), ("HOLD", 2, "HOLD"), ("HOLD", 1, "FREE")],
)
def test_only_the_last_unhold_of_a_freed_page_moves_it(queue: str, holds: int, ends: str) -> None:
    crew = Crew()
    m = crew.page(queue)
    crew.vm.page.hold_count[m] = holds
    active, free = crew.total(V_ACTIVE_COUNT), crew.total(V_FREE_COUNT)
    crew.vm.glob.vm_pages_waiting[0] = 1
    crew.call(vm_page_unhold, m)
    moved = int(ends == "FREE")
    assert (crew.queue_of(m), crew.vm.page.hold_count[m]) == (ends, holds - 1)
    assert crew.total(V_ACTIVE_COUNT) == active - moved
    assert crew.total(V_FREE_COUNT) == free + moved
    assert crew.vm.glob.vm_pages_waiting[0] == 1, "an unhold wakes no thread that waits for memory"
    if moved:
        assert crew.pages("FREE", crew.vm.page.pc[m])[0] == m


def test_a_held_page_that_is_freed_waits_on_hold_and_counts_as_active() -> None:
    crew = Crew()
    m = crew.page("ACTIVE", busy=True)
    crew.call(vm_page_hold, m)
    active = crew.total(V_ACTIVE_COUNT)
    crew.call(vm_page_free, m)
    assert crew.queue_of(m) == "HOLD"
    assert crew.total(V_ACTIVE_COUNT) == active
    assert crew.vm.page.busy_count[m] == 0


def test_an_unhold_after_the_free_has_looked_leaves_the_page_on_hold_until_the_scan_comes() -> None:
    crew = Crew()
    m = crew.page(busy=True)
    color = crew.vm.page.pc[m]
    crew.call(vm_page_hold, m)
    crew.begin(0, vm_page_free, m)
    assert crew.play(0, until="take the queue's spinlock") == THERE
    assert crew.start(1, vm_page_unhold, m) == DONE
    assert crew.play(0) == DONE
    assert (crew.queue_of(m), crew.vm.page.hold_count[m]) == ("HOLD", 0)
    crew.call(vm_pageout_scan_hold, color)
    assert (crew.queue_of(m), crew.vm.page.hold_count[m]) == ("FREE", 0)


def test_an_unhold_before_the_free_looks_lets_it_go_to_free() -> None:
    crew = Crew()
    m = crew.page(busy=True)
    crew.call(vm_page_hold, m)
    crew.begin(0, vm_page_free, m)
    assert crew.play(0, until=READ_HOLDS) == THERE
    assert crew.start(1, vm_page_unhold, m) == DONE
    assert crew.play(0) == DONE
    assert crew.queue_of(m) == "FREE"


def test_an_unhold_looks_again_under_the_lock_and_leaves_a_page_that_is_held_again() -> None:
    crew = Crew()
    m = crew.page("HOLD")
    crew.begin(1, vm_page_unhold, m)
    assert crew.play(1, until="take the page's spinlock") == THERE
    crew.call(vm_page_hold, m)
    assert crew.play(1) == DONE
    assert (crew.queue_of(m), crew.vm.page.hold_count[m]) == ("HOLD", 1)


def test_an_unhold_looks_again_under_the_lock_and_leaves_a_page_that_another_one_freed() -> None:
    crew = Crew()
    m = crew.page("HOLD")
    crew.begin(1, vm_page_unhold, m)
    assert crew.play(1, until="take the page's spinlock") == THERE
    crew.call(vm_page_hold, m)
    crew.call(vm_page_unhold, m)
    assert crew.queue_of(m) == "FREE"
    assert crew.play(1) == DONE
    assert crew.queue_of(m) == "FREE"
    assert crew.pages("FREE", crew.vm.page.pc[m]).count(Page(m)) == 1


REFUSED: list[tuple[str, Any, str, int, str, str, int]] = [
    ("holding a free page, which is held by then", vm_page_hold, "FREE", 0, "KKASSERT", "", 1),
    ("unholding what is not held", vm_page_unhold, "NONE", 0, "panic", "vm_page_unhold: pg ", 0),
    ("unholding a free page", vm_page_unhold, "FREE", 1, "panic", "vm_page_unhold: pg ", 1),
]


@pytest.mark.parametrize(
    ("function", "queue", "held", "kind", "message", "after"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_holding_refuses(
    function: Any, queue: str, held: int, kind: str, message: str, after: int
) -> None:
    crew = Crew(check=unchecked)  # a held free page is what the panic is about
    m = crew.page(queue, hold_count=held)
    with pytest.raises(KernelPanic) as caught:
        crew.call(function, m)
    panic = caught.value
    assert (panic.kind, panic.function, panic.message) == (kind, function.__name__, message)
    assert crew.vm.page.hold_count[m] == after


@pytest.mark.parametrize("kind", [0, OBJT_VNODE])
def test_a_page_that_needs_a_commit_marks_its_object(kind: int) -> None:
    crew = Crew()
    crew.vm.object.type[1] = kind
    m = crew.page(obj=1, busy=True)
    crew.call(vm_page_need_commit, m)
    assert crew.vm.page.flags[m] & PG_NEED_COMMIT
    assert crew.vm.object.flags[1] == OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY
    assert crew.vm.object.vnode_dirty[1] == int(kind == OBJT_VNODE)
    crew.call(vm_page_clear_commit, m)
    assert not crew.vm.page.flags[m] & PG_NEED_COMMIT
    assert crew.vm.object.flags[1] == OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY


def test_a_commit_without_an_object_is_a_null_dereference() -> None:
    crew = Crew()
    m = crew.page(busy_count=PBUSY_LOCKED)
    assert crew.vm.page.object[m] == NULL
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_need_commit, m)
    assert (caught.value.kind, caught.value.function) == ("fault", "vm_page_need_commit")
