"""Moving a page to another object or index: what moves, and what must be held (spec 06)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import NULL, OBJ_MIGHTBEDIRTY, OBJ_WRITEABLE, PBUSY_LOCKED
from engine.errors import KernelPanic
from engine.kernel.rename import vm_page_rename
from engine.kernel.tokens import lwkt_gettoken, lwkt_gettoken_shared
from tests.engine.kernel.checked_crew import Crew

OLD, NEW = 1, 2


def crew_with(old: Any = lwkt_gettoken, new: Any = lwkt_gettoken) -> Crew:
    crew = Crew()
    for function, obj in ((old, OLD), (new, NEW)):
        if function is not None:
            crew.call(function, obj)
    return crew


@pytest.mark.parametrize(
    ("queue", "ends"),
    [("NONE", "NONE"), ("ACTIVE", "ACTIVE"), ("INACTIVE", "INACTIVE"), ("CACHE", "INACTIVE")],
)
def test_a_renamed_page_is_dirty_and_no_longer_cached(queue: str, ends: str) -> None:
    crew = crew_with()
    vm = crew.vm
    m = crew.page(queue, obj=OLD, pindex=3, busy=True)
    crew.call(vm_page_rename, m, NEW, 8)
    assert (vm.find_page(OLD, 3), vm.find_page(NEW, 8)) == (NULL, m)
    assert (vm.page.object[m], vm.page.pindex[m], vm.page.dirty[m]) == (NEW, 8, 0xFF)
    assert (crew.queue_of(m), vm.page.busy_count[m]) == (ends, PBUSY_LOCKED)
    assert [vm.object.resident_page_count[obj] for obj in (OLD, NEW)] == [0, 1]
    assert vm.object.flags[NEW] == OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY


def test_a_page_can_move_within_its_object_and_from_no_object() -> None:
    crew = crew_with()
    inside, outside = crew.page(obj=OLD, pindex=3, busy=True), crew.page(busy=True)
    crew.call(vm_page_rename, inside, OLD, 4)
    crew.call(vm_page_rename, outside, OLD, 3)
    assert [crew.vm.find_page(OLD, pindex) for pindex in (3, 4)] == [outside, inside]
    assert crew.vm.object.resident_page_count[OLD] == 2


WANTED: list[tuple[str, Any, Any, bool]] = [
    ("the page busied", lwkt_gettoken, lwkt_gettoken, False),
    ("the new object's token", lwkt_gettoken, None, True),
    ("the new object's token exclusively", lwkt_gettoken, lwkt_gettoken_shared, True),
    ("the old object's token", None, lwkt_gettoken, True),
    ("the old object's token exclusively", lwkt_gettoken_shared, lwkt_gettoken, True),
]


@pytest.mark.parametrize(("old", "new", "busy"), [row[1:] for row in WANTED], ids=[row[0] for row in WANTED])
def test_what_a_rename_asserts(old: Any, new: Any, busy: bool) -> None:
    crew = crew_with(None, new)
    m = crew.page(obj=OLD, busy=busy)
    if old is not None:
        crew.call(old, OLD)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_rename, m, NEW, 8)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_rename")
    assert crew.vm.find_page(OLD, 0) == m


def test_a_target_that_is_taken_is_a_panic_with_the_page_in_no_object() -> None:
    crew = crew_with()
    there = crew.page(obj=NEW, pindex=8)
    m = crew.page(obj=OLD, busy=True)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_rename, m, NEW, 8)
    assert caught.value.message == "vm_page_rename: target exists ("
    assert crew.vm.page.object[m] == NULL
    assert crew.vm.find_page(NEW, 8) == there
