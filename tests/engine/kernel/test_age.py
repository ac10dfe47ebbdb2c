"""Page ageing: every move between the queues, and what each refuses (spec 04)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    ACT_INIT,
    NULL,
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_UNQUEUED,
    PG_WINATCFLS,
    PG_WRITEABLE,
    PQ_INACTIVE,
    V_ACTIVE_COUNT,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_INACTIVE_COUNT,
)
from engine.errors import KernelPanic
from engine.kernel.age import (
    vm_page_activate,
    vm_page_cache,
    vm_page_deactivate,
    vm_page_dontneed,
    vm_page_soft_activate,
    vm_page_try_to_cache,
    vm_page_try_to_free,
)
from engine.kernel.hold import vm_page_hold
from engine.kernel.wire import vm_page_wire
from tests.engine.kernel.checked_crew import DONE, THERE, Crew, unchecked

LOCKED = PBUSY_LOCKED
QUEUES = ("NONE", "FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD")
COUNTERS = {
    "FREE": V_FREE_COUNT,
    "INACTIVE": V_INACTIVE_COUNT,
    "ACTIVE": V_ACTIVE_COUNT,
    "CACHE": V_CACHE_COUNT,
    "HOLD": V_ACTIVE_COUNT,
}


def totals(crew: Crew) -> dict[int, int]:
    return {field: crew.total(field) for field in set(COUNTERS.values())}


def moved(before: dict[int, int], old: str, new: str) -> dict[int, int]:
    """The totals after one page went from `old` to `new`."""
    after = dict(before)
    for queue, change in ((old, -1), (new, 1)):
        if queue != "NONE":
            after[COUNTERS[queue]] += change
    return after


@pytest.mark.parametrize("function", [vm_page_activate, vm_page_soft_activate])
@pytest.mark.parametrize("queue", QUEUES)
def test_activating_moves_a_page_from_anywhere_to_the_tail_of_active(function: Any, queue: str) -> None:
    crew = Crew(check=unchecked)  # a free or held page is nothing to activate, and nothing forbids it
    other = crew.page("ACTIVE", pindex=16)
    m = crew.page(queue)
    color, before = crew.vm.page.pc[m], totals(crew)
    assert crew.vm.page.pc[other] == color
    crew.call(function, m)
    assert crew.pages("ACTIVE", color) == [other, m]
    assert crew.vm.page.act_count[m] == ACT_INIT
    assert totals(crew) == moved(before, queue, "ACTIVE")
    assert crew.vm.cpu.v_reactivated[0] == int(queue == "CACHE")


@pytest.mark.parametrize("flag", [PG_FICTITIOUS, PG_UNQUEUED])
def test_a_page_that_is_never_queued_only_gets_the_activity(flag: int) -> None:
    crew = Crew(check=unchecked)
    m = crew.page(flags=flag, act_count=2)
    crew.call(vm_page_activate, m)
    assert (crew.queue_of(m), crew.vm.page.act_count[m]) == ("NONE", ACT_INIT)
    crew.call(vm_page_deactivate, m)
    assert crew.queue_of(m) == "NONE"


def test_an_activity_above_the_initial_one_stays() -> None:
    crew = Crew()
    m = crew.page("INACTIVE", act_count=40)
    crew.call(vm_page_activate, m)
    assert crew.vm.page.act_count[m] == 40


@pytest.mark.parametrize("queue", QUEUES)
def test_deactivating_moves_a_page_to_the_tail_of_inactive_and_counts_it_in(queue: str) -> None:
    crew = Crew(check=unchecked)
    vm = crew.vm
    first = crew.page("INACTIVE", pindex=16)
    m = crew.page(queue)
    color, before = vm.page.pc[m], totals(crew)
    adds = vm.queue.adds[PQ_INACTIVE + color]
    vm.page.flags[m] |= PG_WINATCFLS | PG_REFERENCED
    vm.page.act_count[m] = 7
    crew.call(vm_page_deactivate, m)
    assert crew.pages("INACTIVE", color)[-2:] == [first, m]
    stayed = queue == "INACTIVE"
    assert vm.page.flags[m] == PG_REFERENCED | (PG_WINATCFLS if stayed else 0)
    assert vm.page.act_count[m] == 7
    assert vm.queue.adds[PQ_INACTIVE + color] == adds + (not stayed)
    assert totals(crew) == (before if stayed else moved(before, queue, "INACTIVE"))
    assert vm.cpu.v_reactivated[0] == int(queue == "CACHE")


def test_a_page_that_became_active_before_the_lock_is_left_where_it_is() -> None:
    crew = Crew()
    m = crew.page("INACTIVE")
    crew.begin(0, vm_page_activate, m)
    assert crew.play(0, until="take the page's spinlock") == THERE
    crew.call(vm_page_activate, m, t=1)
    before = totals(crew)
    assert crew.play(0) == DONE
    assert totals(crew) == before
    assert crew.pages("ACTIVE", crew.vm.page.pc[m]) == [m]


def test_between_two_queues_a_page_is_on_none_under_its_own_lock() -> None:
    crew = Crew()
    m = crew.page("INACTIVE")
    crew.begin(0, vm_page_activate, m)
    assert crew.play(0, until="raise act_count to at least ACT_INIT") == THERE
    assert crew.queue_of(m) == "NONE"
    assert crew.vm.page.spin[m] == 1
    assert crew.vm.thread.queue_spin[0] == 0
    assert crew.start(1, vm_page_deactivate, m) == "waits for a lock"
    assert crew.play(0) == DONE
    assert crew.play(1) == DONE
    assert crew.queue_of(m) == "INACTIVE"


CACHED = [
    # queue, fields, where it ends
    ("a clean page", "INACTIVE", {}, "CACHE"),
    ("a clean active page", "ACTIVE", {}, "CACHE"),
    ("one on no queue", "NONE", {}, "CACHE"),
    ("one with nothing valid", "INACTIVE", {"valid": 0}, "CACHE"),
    ("a cached page stays", "CACHE", {}, "CACHE"),
    ("a dirty page is deactivated", "ACTIVE", {"dirty": 1}, "INACTIVE"),
    ("a mapped one is unmapped first", "INACTIVE", {"flags": PG_MAPPED}, "CACHE"),
    ("one that unmapping dirties", "ACTIVE", {"flags": PG_MAPPED, "pmap_modified": 1}, "INACTIVE"),
    ("one that needs a commit", "ACTIVE", {"flags": PG_NEED_COMMIT}, "ACTIVE"),
    ("one that is never queued", "NONE", {"flags": PG_UNQUEUED}, "NONE"),
    ("a fictitious one", "NONE", {"flags": PG_FICTITIOUS}, "NONE"),
    ("a soft-busied one", "ACTIVE", {"busy_count": LOCKED | 1}, "ACTIVE"),
    ("a wired one", "ACTIVE", {"wire_count": 1}, "ACTIVE"),
    ("a held one", "ACTIVE", {"hold_count": 1}, "ACTIVE"),
]


@pytest.mark.parametrize(
    ("queue", "fields", "ends"), [row[1:] for row in CACHED], ids=[row[0] for row in CACHED]
)
def test_caching_always_unbusies(queue: str, fields: dict[str, Any], ends: str) -> None:
    crew = Crew(check=unchecked)
    m = crew.page(queue, **({"busy_count": LOCKED} | fields))
    crew.call(vm_page_cache, m)
    assert crew.queue_of(m) == ends
    assert not crew.vm.page.busy_count[m] & LOCKED
    assert not (ends == "CACHE" and crew.vm.page.flags[m] & PG_MAPPED)


def test_cached_pages_keep_their_object_and_queue_up_at_the_tail() -> None:
    crew = Crew()
    pages = [crew.page("CACHE", obj=1, pindex=index * 16) for index in range(2)]
    assert crew.pages("CACHE", crew.vm.page.pc[pages[0]]) == pages
    assert [crew.vm.page.object[m] for m in pages] == [1, 1]


RECHECKED: list[tuple[str, Any]] = [("held", vm_page_hold), ("wired", vm_page_wire)]


@pytest.mark.parametrize("function", [row[1] for row in RECHECKED], ids=[row[0] for row in RECHECKED])
def test_a_page_pinned_while_its_mappings_go_is_not_cached(function: Any) -> None:
    crew = Crew()
    m = crew.page("INACTIVE", busy=True, flags=PG_MAPPED)
    crew.begin(0, vm_page_cache, m)
    assert crew.play(0, until="look again now that nothing maps the page") == THERE
    crew.call(function, m, t=1)
    assert crew.play(0) == DONE
    assert (crew.queue_of(m), crew.vm.page.busy_count[m]) == ("INACTIVE", 0)


def test_a_mapped_cached_page_is_a_panic() -> None:
    crew = Crew(check=unchecked)
    m = crew.page("CACHE", busy=True, flags=PG_MAPPED)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_cache, m)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_cache")


TRIED = [
    # queue, fields, try_to_cache returns and leaves on, try_to_free returns and leaves on
    ("a clean page", "INACTIVE", {}, (True, "CACHE"), (True, "FREE")),
    ("a dirty one is not even moved", "ACTIVE", {"dirty": 1}, (False, "ACTIVE"), (False, "ACTIVE")),
    ("a held one", "ACTIVE", {"hold_count": 1}, (False, "ACTIVE"), (False, "ACTIVE")),
    ("a wired one", "ACTIVE", {"wire_count": 1}, (False, "ACTIVE"), (False, "ACTIVE")),
    ("a cached one", "CACHE", {}, (False, "CACHE"), (True, "FREE")),
    ("one that needs a commit", "ACTIVE", {"flags": PG_NEED_COMMIT}, (False, "ACTIVE"), (False, "ACTIVE")),
    ("a free one", "FREE", {}, None, (False, "FREE")),
    ("one on hold", "HOLD", {"hold_count": 0}, None, (False, "HOLD")),
    (
        "one that proves dirty",
        "ACTIVE",
        {"flags": PG_MAPPED | PG_WRITEABLE, "pmap_modified": 1},
        (False, "INACTIVE"),
        (False, "ACTIVE"),
    ),
    (
        "one that proves dirty and is inactive",
        "INACTIVE",
        {"flags": PG_MAPPED | PG_WRITEABLE, "pmap_modified": 1},
        (False, "INACTIVE"),
        (False, "INACTIVE"),
    ),
    (
        "one that only unmapping dirties",
        "ACTIVE",
        {"flags": PG_MAPPED, "pmap_modified": 1},
        (True, "INACTIVE"),
        (False, "ACTIVE"),
    ),
    ("a mapped clean one", "ACTIVE", {"flags": PG_MAPPED | PG_WRITEABLE}, (True, "CACHE"), (True, "FREE")),
]


@pytest.mark.parametrize(
    ("queue", "fields", "cached"),
    [(row[1], row[2], row[3]) for row in TRIED if row[3]],
    ids=[row[0] for row in TRIED if row[3]],
)
def test_trying_to_cache(queue: str, fields: dict[str, Any], cached: tuple[bool, str]) -> None:
    crew = Crew(check=unchecked)
    m = crew.page(queue, **({"busy_count": LOCKED} | fields))
    assert (crew.call(vm_page_try_to_cache, m), crew.queue_of(m)) == cached
    assert crew.vm.page.busy_count[m] == 0


@pytest.mark.parametrize(
    ("queue", "fields", "freed"),
    [(row[1], row[2], row[4]) for row in TRIED],
    ids=[row[0] for row in TRIED],
)
def test_trying_to_free(queue: str, fields: dict[str, Any], freed: tuple[bool, str]) -> None:
    crew = Crew(check=unchecked)
    m = crew.page(queue, **fields)
    assert (crew.call(vm_page_try_to_free, m), crew.queue_of(m)) == freed
    assert crew.vm.page.busy_count[m] == 0


@pytest.mark.parametrize("busy", [LOCKED, 1])
def test_trying_to_free_a_busied_page_fails_at_once(busy: int) -> None:
    crew = Crew()
    m = crew.page("ACTIVE", busy_count=busy)
    assert crew.call(vm_page_try_to_free, m) is False
    assert (crew.queue_of(m), crew.vm.page.busy_count[m]) == ("ACTIVE", busy)


def test_try_to_cache_says_yes_even_if_caching_declines() -> None:
    crew = Crew()
    m = crew.page("ACTIVE", busy_count=LOCKED | 1)
    assert crew.call(vm_page_try_to_cache, m) is True
    assert crew.queue_of(m) == "ACTIVE"


def test_a_page_held_while_it_is_unmapped_is_freed_to_hold() -> None:
    crew = Crew()
    m = crew.page("ACTIVE", flags=PG_MAPPED)
    crew.begin(0, vm_page_try_to_free, m)
    assert crew.play(0, until="check whether unmapping made it dirty") == THERE
    crew.call(vm_page_hold, m, t=1)
    assert crew.play(0) == DONE
    assert (crew.results[0], crew.queue_of(m)) == (True, "HOLD")


def test_a_page_wired_while_it_is_unmapped_is_a_panic_in_free() -> None:
    crew = Crew()
    m = crew.page("ACTIVE", flags=PG_MAPPED)
    crew.begin(0, vm_page_try_to_free, m)
    assert crew.play(0, until="check whether unmapping made it dirty") == THERE
    crew.call(vm_page_wire, m, t=1)
    with pytest.raises(KernelPanic) as caught:
        crew.play(0)
    assert caught.value.message == "vm_page_free: freeing wired page"


# --- dontneed ---------------------------------------------------------------------------------------------


def told_dontneed(crew: Crew, m: int) -> str:
    """Where vm_page_dontneed put an active page among one inactive page; it is active again afterwards."""
    color = crew.vm.page.pc[m]
    crew.call(vm_page_dontneed, m)
    inactive = crew.pages("INACTIVE", color)
    where = "alone" if m not in inactive else "head" if inactive[0] == m else "tail"
    crew.call(vm_page_activate, m)
    return where


def test_dontneed_leaves_alone_16_puts_48_at_the_tail_and_448_at_the_head_of_512() -> None:
    crew = Crew(check=unchecked)  # 1,024 calls
    assert crew.vm.page.pc[crew.page("INACTIVE", pindex=16)] == 0
    m = crew.page("ACTIVE")
    said = [told_dontneed(crew, m) for _ in range(1024)]
    runs = [(where, sum(1 for _ in group)) for where, group in _grouped(said)]
    period = [("head", 112), ("tail", 16)] * 3 + [("head", 112)]
    assert runs == [("alone", 15), *period, ("alone", 16), *period, ("alone", 1)]


def _grouped(words: list[str]) -> list[tuple[str, list[str]]]:
    groups: list[tuple[str, list[str]]] = []
    for word in words:
        if not groups or groups[-1][0] != word:
            groups.append((word, []))
        groups[-1][1].append(word)
    return groups


DONTNEED = [
    # the counter before, queue, fields, where it ends, at the head, activity after
    ("left alone, less active", 0, "ACTIVE", {"act_count": 5}, "ACTIVE", False, 4),
    ("left alone, hardly active", 0, "ACTIVE", {"act_count": 4}, "ACTIVE", False, 4),
    ("an inactive page stays, less active", 200, "INACTIVE", {"act_count": 9}, "INACTIVE", False, 8),
    ("a cached one stays", 200, "CACHE", {"act_count": 1}, "CACHE", False, 1),
    ("a clean one goes to the head", 200, "ACTIVE", {"act_count": 9}, "INACTIVE", True, 9),
    ("a dirty one to the tail", 200, "ACTIVE", {"act_count": 9, "dirty": 1}, "INACTIVE", False, 9),
    (
        "one that its mappings dirtied to the tail",
        200,
        "ACTIVE",
        {"act_count": 9, "flags": PG_WRITEABLE | PG_MAPPED, "pmap_modified": 1},
        "INACTIVE",
        False,
        9,
    ),
]


@pytest.mark.parametrize(
    ("weight", "queue", "fields", "ends", "athead", "activity"),
    [row[1:] for row in DONTNEED],
    ids=[row[0] for row in DONTNEED],
)
def test_where_dontneed_puts_a_page(
    weight: int, queue: str, fields: dict[str, Any], ends: str, athead: bool, activity: int
) -> None:
    crew = Crew(check=unchecked)
    vm = crew.vm
    other = crew.page("INACTIVE", pindex=16)
    m = crew.page(queue, busy=True, **fields)
    vm.glob.dontneed_weight[0] = weight
    vm.page.flags[m] |= PG_REFERENCED
    vm.page.pmap_referenced[m] = 1
    color = vm.page.pc[m]
    adds = vm.queue.adds[PQ_INACTIVE + color]
    crew.call(vm_page_dontneed, m)
    moves = queue != ends
    assert vm.glob.dontneed_weight[0] == weight + 1
    assert (crew.queue_of(m), vm.page.act_count[m]) == (ends, activity)
    assert bool(vm.page.flags[m] & PG_REFERENCED) is not moves
    if moves:
        ordered = [page for page in crew.pages("INACTIVE", color) if page in (m, other)]
        assert ordered == ([m, other] if athead else [other, m])
        assert vm.queue.adds[PQ_INACTIVE + color] == adds + (not athead)
        assert vm.page.pmap_referenced[m] == int(not vm.page.flags[m] & PG_MAPPED)
    assert vm.page.busy_count[m] == LOCKED


def test_reactivating_a_cached_page_wakes_the_daemon() -> None:
    crew = Crew()
    m = crew.page("CACHE", obj=1)
    crew.set_limits(v_free_min=100_000)
    crew.vm.glob.vm_pages_needed[0] = 0
    crew.call(vm_page_activate, m)
    assert crew.vm.glob.vm_pages_needed[0] == 1
    assert crew.vm.page.object[m] != NULL
