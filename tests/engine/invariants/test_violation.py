"""What a check says: two ends that disagree, under the names that a cell can be looked up by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.constants import NULL, PQ_COUNT, PQ_FREE, PQ_INACTIVE, PQ_NONE
from engine.invariants.violation import (
    MOST,
    Violation,
    object_name,
    page_name,
    queue_cell,
    some,
    thread_name,
)


def test_a_violation_says_its_rule_and_both_ends() -> None:
    violation = Violation("list lengths", NULL, "queue[FREE,5].lcnt is 3", "2 pages say they are on it")
    assert str(violation) == "list lengths: queue[FREE,5].lcnt is 3, but 2 pages say they are on it"


@pytest.mark.parametrize("number", [0, MOST, MOST + 1])
def test_of_many_breaches_only_the_first_are_named(number: int) -> None:
    assert some(np.arange(number)) == list(range(min(number, 8)))


def test_a_page_is_named_by_its_physical_number(town: Any) -> None:
    vm = town.vm
    assert page_name(vm, 7) == f"page[{vm.first_page + 7:#x}]"
    assert page_name(vm, NULL) == "NULL"
    for m in (-2, vm.page.length):
        assert page_name(vm, m) == f"no page (index {m})"


def test_a_page_that_stands_for_device_memory_has_a_number_below_zero(town: Any) -> None:
    vm = town.vm
    number = vm.page_number(vm.fake_base)
    assert number < 0
    assert page_name(vm, vm.fake_base) == f"page[{number}]"


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
    assert queue_cell(q) == name


def test_an_object_is_named_as_in_its_scenario_or_by_its_row(town: Any) -> None:
    vm = town.vm
    assert [object_name(vm, obj) for obj in (0, 1)] == ["object[heap]", "object[file]"]
    assert object_name(vm, len(vm.object_names)) == f"object[{len(vm.object_names)}]"
    assert object_name(vm, vm.vm_token) == "object[vm_token]"
    assert object_name(vm, NULL) == f"object[{NULL}]"


def test_a_thread_is_named_as_in_its_scenario_or_by_its_row(town: Any) -> None:
    vm = town.vm
    assert thread_name(vm, town.thread["waiter"]) == "thread[waiter]"
    assert thread_name(vm, len(vm.thread_names)) == f"thread[{len(vm.thread_names)}]"
    assert thread_name(vm, NULL) == f"thread[{NULL}]"
