"""The markers that keep a scan's place in a queue (spec 22, B2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import NULL, PBUSY_LOCKED, PG_FICTITIOUS, PG_MARKER, PQ_INACTIVE, Queue
from engine.errors import KernelPanic
from engine.invariants import validate_machine
from engine.kernel.locks import vm_page_queues_spin_unlock
from engine.kernel.pageout.inactive import vm_pageout_scan_inactive
from engine.kernel.pageout.marker import _insert_marker, _remove_marker, behind_marker, marker, move_marker
from engine.kernel.search import vm_page_list_find

Machine = Callable[..., Any]
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
COLOR = 5
PLENTY = 1000
QUEUE = Queue(PQ_INACTIVE + COLOR)


def inactive(machine: Any, level: int = 0, quota: int = PLENTY, thread: int = PRIMARY) -> tuple[int, ...]:
    found: tuple[int, ...] = machine.do(vm_pageout_scan_inactive, level, COLOR, quota, thread=thread)
    return found


def test_a_marker_is_not_counted_and_leaves_no_trace(paging: Machine) -> None:
    machine = paging()
    vm, q = machine.vm, QUEUE
    (m,) = machine.fill("INACTIVE", COLOR, 1)
    mark = vm.marker_of(PRIMARY)
    before = vm.memory.digest()
    machine.do(_insert_marker, q, thread=PRIMARY)
    assert (machine.order("INACTIVE", COLOR), vm.queue.lcnt[q]) == ([mark, m], 1)
    assert vm.page.flags[mark] == PG_FICTITIOUS | PG_MARKER
    assert (vm.page.busy_count[mark], vm.page.wire_count[mark]) == (PBUSY_LOCKED, 1)
    machine.do(_remove_marker, q, thread=PRIMARY)
    machine.occupy(OTHER)
    assert vm.memory.digest() == before


def test_a_marker_moves_past_one_entry_at_a_time_up_to_the_tail(paging: Machine) -> None:
    machine = paging()
    vm, q = machine.vm, QUEUE
    first, second = machine.fill("INACTIVE", COLOR, 2)
    machine.do(_insert_marker, q, thread=PRIMARY)
    mark = marker(vm)
    assert behind_marker(vm) == first
    assert move_marker(vm, q, first)
    assert (machine.order("INACTIVE", COLOR), behind_marker(vm)) == ([first, mark, second], second)
    assert move_marker(vm, q, second)
    assert (machine.order("INACTIVE", COLOR), behind_marker(vm)) == ([first, second, mark], NULL)
    assert (vm.queue.head[q], vm.queue.tail[q], vm.page.prev[mark]) == (first, mark, second)
    validate_machine(vm)


def test_another_threads_marker_is_passed_like_an_entry_but_is_not_a_page(paging: Machine) -> None:
    machine = paging()
    vm, q = machine.vm, QUEUE
    (m,) = machine.fill("INACTIVE", COLOR, 1)
    machine.do(_insert_marker, q, thread=EMERGENCY)
    other = marker(vm)
    machine.do(vm_page_queues_spin_unlock, q, thread=EMERGENCY)
    machine.do(_insert_marker, q, thread=PRIMARY)
    assert marker(vm) != other
    assert not move_marker(vm, q, other)
    assert machine.order("INACTIVE", COLOR) == [other, marker(vm), m]


def test_an_entry_that_names_another_queue_stops_the_scan(paging: Machine) -> None:
    machine = paging()
    (m,) = machine.fill("INACTIVE", COLOR, 1)
    machine.do(_insert_marker, QUEUE, thread=PRIMARY)
    machine.vm.page.queue[m] += 1
    with pytest.raises(KernelPanic) as caught:
        move_marker(machine.vm, QUEUE, m)
    assert (caught.value.kind, caught.value.function, caught.value.page) == ("KKASSERT", "vm_pageout_scan", m)


def test_a_search_does_not_find_a_marker(paging: Machine) -> None:
    machine = paging()
    machine.vm.page.flags[machine.vm.marker_of(PRIMARY)] = 0
    machine.do(_insert_marker, QUEUE, thread=PRIMARY)
    machine.vm.queue.spin[QUEUE] = 0
    machine.vm.thread.queue_spin[PRIMARY] = 0
    assert machine.do(vm_page_list_find, PQ_INACTIVE, COLOR, check=False) == NULL


def test_a_scan_hops_over_the_marker_of_another_one_at_the_cost_of_an_entry(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    first, second = machine.fill("INACTIVE", COLOR, 2)
    hopped = []
    for action in machine.steps(vm_pageout_scan_inactive, 0, COLOR, PLENTY, thread=PRIMARY, check=False):
        if action == "let other threads run":
            # The primary daemon's marker is after the first page, which is cached by now.
            hopped.append(inactive(machine, thread=EMERGENCY)[0])
            machine.occupy(PRIMARY)
    # lcnt is 1, so the emergency pager looks at one entry only: the marker.
    assert (machine.value[0], hopped) == (1, [0])
    assert (machine.queue_of(first), machine.queue_of(second)) == ("CACHE", "INACTIVE")
