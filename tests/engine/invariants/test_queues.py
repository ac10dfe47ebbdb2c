"""Damage to the page queues: the violation, with both ends named."""

from __future__ import annotations

from typing import Any

from engine.constants import NULL, PQ_ACTIVE, PQ_COUNT, PQ_FREE, PQ_INACTIVE, PQ_NONE
from engine.kernel.queues import _unlink


def test_a_page_on_an_unknown_queue(town: Any, finds: Any) -> None:
    town.vm.page.queue[town.wired] = PQ_COUNT
    finds("queues", f"list links: {town.name(town.wired)}.queue is 5121, but the last queue is 5120")


def test_an_unknown_next_page(town: Any, finds: Any) -> None:
    town.vm.page.next[town.third] = 5000
    finds("queues", f"list links: {town.name(town.third)}.next is 5000, but the last page is {town.last}")


def test_an_unknown_previous_page(town: Any, finds: Any) -> None:
    town.vm.page.prev[town.first] = -2
    finds("queues", f"list links: {town.name(town.first)}.prev is -2, but the last page is {town.last}")


def test_an_unqueued_page_with_a_neighbour(town: Any, finds: Any) -> None:
    town.vm.page.next[town.wired] = town.first
    wired = town.name(town.wired)
    finds("queues", f"list links: {wired} is on no queue, but {wired}.next is {town.name(town.first)}")


def test_a_neighbour_that_does_not_link_back(town: Any, finds: Any) -> None:
    town.vm.page.prev[town.second] = town.third
    first, second, third = map(town.name, (town.first, town.second, town.third))
    finds(
        "queues", f"list links: {first}.next on queue[INACTIVE,0] is {second}, but {second}.prev is {third}"
    )


def test_a_neighbour_on_another_queue(town: Any, finds: Any) -> None:
    town.vm.page.queue[town.second] = PQ_ACTIVE
    first, second, third = map(town.name, (town.first, town.second, town.third))
    finds(
        "queues",
        (
            f"list links: {second}.next on queue[ACTIVE,0] is {third}, but {third}.queue is "
            "queue[INACTIVE,0]\n"
            f"list links: {first}.next on queue[INACTIVE,0] is {second}, but {second}.queue is "
            "queue[ACTIVE,0]\n"
            "list lengths: queue[INACTIVE,0].lcnt is 3, but it has 2 pages\n"
            "list lengths: queue[ACTIVE,0].lcnt is 2, but it has 3 pages"
        ),
    )


def test_a_list_that_leads_back_to_its_head(town: Any, finds: Any) -> None:
    town.vm.page.next[town.third] = town.first
    third, first = town.name(town.third), town.name(town.first)
    finds("queues", f"list links: {third}.next on queue[INACTIVE,0] is {first}, but {first}.prev is NULL")


def test_a_head_with_a_page_before_it(town: Any, finds: Any) -> None:
    town.vm.page.prev[town.first] = town.free
    first, free = town.name(town.first), town.name(town.free)
    after = town.name(town.vm.page.next[town.free])
    finds("queues", f"list links: {first}.prev on queue[INACTIVE,0] is {free}, but {free}.next is {after}")


def test_a_list_that_starts_with_its_second_page(town: Any, finds: Any) -> None:
    town.vm.queue.head[PQ_INACTIVE] = town.second
    says = f"{town.name(town.first)}.prev on queue[INACTIVE,0] is NULL"
    finds("queues", f"list ends: {says}, but queue[INACTIVE,0].head is {town.name(town.second)}")


def test_a_list_that_ends_nowhere(town: Any, finds: Any) -> None:
    town.vm.queue.tail[PQ_INACTIVE] = NULL
    says = f"{town.name(town.third)}.next on queue[INACTIVE,0] is NULL"
    finds("queues", f"list ends: {says}, but queue[INACTIVE,0].tail is NULL")


def test_an_empty_list_with_a_head(town: Any, finds: Any) -> None:
    town.vm.queue.head[PQ_INACTIVE + 7] = town.first
    head = f"queue[INACTIVE,7].head is {town.name(town.first)}"
    finds("queues", f"list ends: {head}, but no page of this queue is at its head")


def test_an_empty_list_with_a_tail(town: Any, finds: Any) -> None:
    town.vm.queue.tail[PQ_NONE] = town.wired
    tail = f"queue[NONE,0].tail is {town.name(town.wired)}"
    finds("queues", f"list ends: {tail}, but no page of this queue is at its tail")


def test_a_page_that_is_a_separate_ring(town: Any, finds: Any) -> None:
    _unlink(town.vm, PQ_INACTIVE, town.second)
    town.vm.page.next[town.second] = town.vm.page.prev[town.second] = town.second
    says = f"{town.name(town.second)}.queue is queue[INACTIVE,0]"
    finds("queues", f"list rings: {says}, but a walk from the queue's head does not reach the page")


def test_a_wrong_length(town: Any, finds: Any) -> None:
    town.vm.queue.lcnt[PQ_INACTIVE] = 4
    finds("queues", "list lengths: queue[INACTIVE,0].lcnt is 4, but it has 3 pages", "counters")


def test_a_page_on_the_queue_of_another_colour(town: Any, finds: Any) -> None:
    town.vm.page.pc[town.second] = 3
    finds("queues", f"queue colours: {town.name(town.second)}.queue is queue[INACTIVE,0], but its pc is 3")


def test_a_far_search_that_ended_outside(town: Any, finds: Any) -> None:
    town.vm.queue.lastq[PQ_FREE] = 1
    finds("queues", "last far search: queue[FREE,0].lastq is 1, but the machine has 1 colour")
