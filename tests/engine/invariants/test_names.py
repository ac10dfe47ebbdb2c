"""What a violation calls its two ends: the names that a cell can be looked up by."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import NULL, PQ_COUNT, PQ_FREE, PQ_INACTIVE, PQ_NONE
from engine.language.naming import object_text, page_text, queue_text, thread_text


def test_a_page_is_named_by_its_physical_number(town: Any) -> None:
    vm = town.vm
    assert page_text(vm, 7) == f"page[{vm.first_page + 7:#x}]"
    assert page_text(vm, NULL) == "NULL"
    for m in (-2, vm.page.length):
        assert page_text(vm, m) == f"no page (index {m})"


def test_a_page_that_stands_for_device_memory_has_a_number_below_zero(town: Any) -> None:
    vm = town.vm
    number = vm.page_number(vm.fake_base)
    assert number < 0
    assert page_text(vm, vm.fake_base) == f"page[{number}]"


@pytest.mark.parametrize(
    ("q", "name"),
    [
        (PQ_NONE, "queue[NONE,0]"),
        (PQ_FREE + 5, "queue[FREE,5]"),
        (PQ_INACTIVE - 1, "queue[FREE,1023]"),
        (PQ_COUNT - 1, "queue[HOLD,1023]"),
    ],
)
def test_a_queue_is_named_by_its_type_and_colour(q: int, name: str) -> None:
    assert queue_text(q) == name


def test_an_object_is_named_as_in_its_scenario_or_by_its_row(town: Any) -> None:
    vm = town.vm
    assert [object_text(vm, obj) for obj in (0, 1)] == ["object[heap]", "object[file]"]
    assert object_text(vm, len(vm.object_names)) == f"object[{len(vm.object_names)}]"
    assert object_text(vm, vm.vm_token) == "object[vm_token]"
    assert object_text(vm, NULL) == f"object[{NULL}]"


def test_a_thread_is_named_as_in_its_scenario_or_by_its_row(town: Any) -> None:
    vm = town.vm
    assert thread_text(vm, town.thread["waiter"]) == "thread[waiter]"
    assert thread_text(vm, len(vm.thread_names)) == f"thread[{len(vm.thread_names)}]"
    assert thread_text(vm, NULL) == f"thread[{NULL}]"
