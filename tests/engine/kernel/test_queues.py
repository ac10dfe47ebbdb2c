"""The page queues: joining and leaving them, and the counters of a cpu (spec 04, Primitives)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    QUEUE_BASES,
    V_ACTIVE_COUNT,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_INACTIVE_COUNT,
    Page,
)
from engine.errors import KernelPanic
from engine.kernel.age import vm_page_activate, vm_page_deactivate
from engine.kernel.locks import vm_page_queues_spin_unlock, vm_page_spin_lock, vm_page_spin_unlock
from engine.kernel.queues import (
    _vm_page_add_queue_spinlocked,
    base_queue,
    never_queued,
    vm_page_unqueue,
    vm_page_unqueue_nowakeup,
)
from tests.engine.kernel.checked_crew import Crew, unchecked

COUNTERS = {
    "FREE": V_FREE_COUNT,
    "INACTIVE": V_INACTIVE_COUNT,
    "ACTIVE": V_ACTIVE_COUNT,
    "CACHE": V_CACHE_COUNT,
    "HOLD": V_ACTIVE_COUNT,
}
QUEUES = tuple(COUNTERS)


def totals(crew: Crew) -> dict[int, int]:
    return {field: crew.total(field) for field in set(COUNTERS.values())}


def pages_on(crew: Crew, queue: str, number: int) -> tuple[list[int], int]:
    """Pages of one colour on a queue, and that colour."""
    pages = [crew.page(queue, pindex=index * crew.vm.colors) for index in range(number)]
    return pages, crew.vm.page.pc[pages[0]]


# --- which queue a page is on -----------------------------------------------------------------------------


@pytest.mark.parametrize("queue", QUEUES)
def test_the_type_of_a_pages_queue_is_the_queue_less_the_pages_colour(queue: str) -> None:
    crew = Crew()
    m = Page(crew.page(queue, pindex=3))
    assert crew.vm.page.pc[m] != 0
    assert base_queue(crew.vm, m) == QUEUE_BASES[queue]


def test_a_page_on_no_queue_has_no_type_of_queue() -> None:
    crew = Crew()
    m = Page(crew.page(pindex=3))
    assert base_queue(crew.vm, m) not in [QUEUE_BASES[queue] for queue in QUEUES]


@pytest.mark.parametrize(("flags", "never"), [(PG_FICTITIOUS, True), (PG_UNQUEUED, True), (0, False)])
def test_fictitious_and_unqueued_pages_are_never_on_a_queue(flags: int, never: bool) -> None:
    crew = Crew(check=unchecked)
    assert never_queued(crew.vm, Page(crew.page(flags=flags))) is never


# --- joining and leaving ----------------------------------------------------------------------------------


@pytest.mark.parametrize("athead", [False, True])
@pytest.mark.parametrize("queue", QUEUES)
def test_a_page_joins_at_the_tail_except_on_free_or_where_head_is_asked(queue: str, athead: bool) -> None:
    crew = Crew(check=unchecked)
    m = crew.page(pindex=crew.vm.colors)
    (there,), color = pages_on(crew, queue, 1)
    assert crew.vm.page.pc[m] == color
    q = QUEUE_BASES[queue] + color
    others = [page for page in crew.pages(queue, color) if page != there]
    before, length = totals(crew), crew.vm.queue.lcnt[q]
    crew.call(vm_page_spin_lock, m)
    crew.call(_vm_page_add_queue_spinlocked, m, q, athead)
    assert crew.vm.queue.spin[q] == 1, "the queue is left locked"
    crew.call(vm_page_queues_spin_unlock, q)
    crew.call(vm_page_spin_unlock, m)
    first = [m, there] if athead or queue == "FREE" else [there, m]
    assert [page for page in crew.pages(queue, color) if page not in others] == first
    assert crew.vm.queue.lcnt[q] == length + 1
    assert totals(crew) == {**before, COUNTERS[queue]: before[COUNTERS[queue]] + 1}


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("one that is on a queue", "ACTIVE", {}),
    ("a fictitious one", "NONE", {"flags": PG_FICTITIOUS}),
    ("an unqueued one", "NONE", {"flags": PG_UNQUEUED}),
]


@pytest.mark.parametrize(("queue", "fields"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_page_that_may_not_join_a_queue_is_a_panic(queue: str, fields: dict[str, Any]) -> None:
    crew = Crew(check=unchecked)
    m = crew.page(queue, **fields)
    crew.call(vm_page_spin_lock, m)
    with pytest.raises(KernelPanic) as caught:
        crew.call(_vm_page_add_queue_spinlocked, m, QUEUE_BASES["INACTIVE"], False)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_add_queue")


@pytest.mark.parametrize("leaves", [0, 1, 2])
def test_a_page_leaves_from_the_head_the_middle_or_the_tail(leaves: int) -> None:
    crew = Crew()
    pages, color = pages_on(crew, "ACTIVE", 3)
    m = pages.pop(leaves)
    crew.call(vm_page_unqueue_nowakeup, m)
    assert crew.pages("ACTIVE", color) == pages
    q = QUEUE_BASES["ACTIVE"] + color
    assert (crew.vm.queue.head[q], crew.vm.queue.tail[q]) == (pages[0], pages[-1])
    assert (crew.vm.page.next[m], crew.vm.page.prev[m], crew.vm.queue.lcnt[q]) == (NULL, NULL, 2)


@pytest.mark.parametrize("queue", ["NONE", *QUEUES])
def test_unqueueing_wakes_the_daemon_only_for_a_lost_free_or_cached_page(queue: str) -> None:
    crew = Crew(check=unchecked)
    crew.set_limits(v_free_min=100_000)
    m = crew.page(queue)
    after = totals(crew)
    if queue != "NONE":
        after[COUNTERS[queue]] -= 1
    crew.vm.glob.vm_pages_needed[0] = 0
    crew.call(vm_page_unqueue, m)
    assert (crew.queue_of(m), totals(crew)) == ("NONE", after)
    assert crew.vm.glob.vm_pages_needed[0] == int(queue in ("FREE", "CACHE"))
    crew.call(vm_page_unqueue, m)
    assert totals(crew) == after


@pytest.mark.parametrize("queue", ["NONE", *QUEUES])
def test_unqueueing_without_a_wakeup_wakes_no_thread_and_returns_the_old_queue(queue: str) -> None:
    crew = Crew(check=unchecked)
    crew.set_limits(v_free_min=100_000)
    m = crew.page(queue)
    crew.vm.glob.vm_pages_needed[0] = 0
    assert crew.call(vm_page_unqueue_nowakeup, m) == QUEUE_BASES[queue]
    assert (crew.queue_of(m), crew.vm.glob.vm_pages_needed[0]) == ("NONE", 0)


# --- counting ---------------------------------------------------------------------------------------------


def test_a_queue_move_changes_this_cpus_adjustment_and_view_and_nothing_else() -> None:
    crew = Crew()
    m = crew.page("ACTIVE")

    def elsewhere() -> tuple[int, int, int]:
        count = crew.vm.vmstats.count[V_INACTIVE_COUNT]
        return count, crew.adjusted(0, V_INACTIVE_COUNT), crew.viewed(0, V_INACTIVE_COUNT)

    before, seen, own = elsewhere(), crew.viewed(1, V_INACTIVE_COUNT), crew.adjusted(1, V_INACTIVE_COUNT)
    crew.call(vm_page_deactivate, m, t=1)
    assert elsewhere() == before
    assert (crew.viewed(1, V_INACTIVE_COUNT), crew.adjusted(1, V_INACTIVE_COUNT)) == (seen + 1, own + 1)


SYNCED = [
    # the adjustment before a removal, whether memory is short, the adjustment after
    ("far below, and short", -1024, True, 0),
    ("far below, and plenty", -1024, False, -1025),
    ("not far enough", -1023, True, -1024),
    ("positive", 5000, True, 4999),
]


@pytest.mark.parametrize(
    ("before", "short", "after"), [row[1:] for row in SYNCED], ids=[row[0] for row in SYNCED]
)
def test_only_a_removal_far_below_reaches_the_global_at_once(before: int, short: bool, after: int) -> None:
    crew = Crew(check=unchecked)
    m = crew.page("ACTIVE")
    crew.vm.gd_vmstats.adj[V_ACTIVE_COUNT] = before
    crew.set_limits(v_free_min=100 if short else -5000, v_free_count=500, v_cache_min=0)
    total, view = crew.total(V_ACTIVE_COUNT), crew.viewed(0, V_ACTIVE_COUNT)
    crew.call(vm_page_deactivate, m)
    assert crew.adjusted(0, V_ACTIVE_COUNT) == after
    assert crew.total(V_ACTIVE_COUNT) == total - 1
    assert crew.viewed(0, V_ACTIVE_COUNT) == view - 1


def test_an_insertion_never_reaches_the_global() -> None:
    crew = Crew(check=unchecked)
    m = crew.page()
    crew.set_limits(v_free_min=100_000)
    crew.vm.gd_vmstats.adj[V_ACTIVE_COUNT] = -3000
    crew.call(vm_page_activate, m)
    assert crew.adjusted(0, V_ACTIVE_COUNT) == -2999
