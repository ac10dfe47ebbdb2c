"""Allocation: thresholds by class, the reuse of a cached page, and a new page's state (spec 03)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PG_NEED_COMMIT,
    PG_NOSYNC,
    PG_REFERENCED,
    PG_SWAPPED,
    PG_UNQUEUED,
    PG_WRITEABLE,
    TDF_PREEMPTED,
    TDF_SYSTHREAD,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    VM_ALLOC_FORCE_ZERO,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_ALLOC_QUICK,
    VM_ALLOC_SYSTEM,
    VM_ALLOC_ZERO,
    VMSTATS_SIZE,
)
from engine.errors import KernelPanic
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_busy_try, vm_page_busy_wait
from engine.kernel.color import vm_get_pg_color
from engine.kernel.locks import vm_page_spin_lock
from engine.kernel.tokens import lwkt_gettoken, lwkt_gettoken_shared
from tests.engine.kernel.checked_crew import ASLEEP, DONE, THERE, Crew, configuration, unchecked

NORMAL, QUICK, SYSTEM, INTERRUPT = VM_ALLOC_NORMAL, VM_ALLOC_QUICK, VM_ALLOC_SYSTEM, VM_ALLOC_INTERRUPT
OBJ = 1


def view(crew: Crew, **counts: int) -> None:
    """Give thread 0's cpu a view with these counters and limits."""
    for name, value in counts.items():
        crew.vm.gd_vmstats.view[FIELDS[name]] = value


FIELDS = {"free": V_FREE_COUNT, "cache": V_CACHE_COUNT}


# v_free_reserved is 10 and v_interrupt_free_min 5 in all of these.
THRESHOLDS = [
    # class, free, cache, whether a page comes
    ("NORMAL at the reserve", NORMAL, 10, 0, True),
    ("NORMAL below it", NORMAL, 9, 0, False),
    ("QUICK at the reserve", QUICK, 10, 0, True),
    ("QUICK below it, whatever is cached", QUICK, 9, 3, False),
    ("SYSTEM below the reserve, nothing cached", SYSTEM, 9, 0, True),
    ("SYSTEM below the reserve, something cached", SYSTEM, 9, 1, False),
    ("SYSTEM one above the interrupts' share", SYSTEM, 6, 0, True),
    ("SYSTEM at the interrupts' share", SYSTEM, 5, 0, False),
    ("INTERRUPT with one free page", INTERRUPT, 1, 0, True),
    ("INTERRUPT with none", INTERRUPT, 0, 0, False),
    ("NORMAL and INTERRUPT together", NORMAL | INTERRUPT, 1, 0, True),
]


@pytest.mark.parametrize(
    ("request_", "free", "cache", "comes"),
    [row[1:] for row in THRESHOLDS],
    ids=[row[0] for row in THRESHOLDS],
)
def test_how_deep_each_class_may_dig(request_: int, free: int, cache: int, comes: bool) -> None:
    crew = Crew(configuration(limits={"v_free_reserved": 10, "v_interrupt_free_min": 5}))
    view(crew, free=free, cache=cache)
    m = crew.call(vm_page_alloc, NULL, 0, request_)
    assert (m != NULL) is comes
    assert crew.vm.glob.vm_pageout_deficit[0] == int(not comes)
    assert crew.vm.glob.vm_pages_needed[0] == 1


def test_a_system_thread_digs_as_deep_as_a_system_request() -> None:
    crew = Crew(configuration(limits={"v_free_reserved": 10, "v_interrupt_free_min": 5}))
    crew.vm.thread.flags[0] = TDF_SYSTHREAD
    view(crew, free=6, cache=0)
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) != NULL
    view(crew, free=5, cache=0)
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) == NULL


def test_a_request_of_no_class_is_a_panic() -> None:
    with pytest.raises(KernelPanic) as caught:
        Crew().call(vm_page_alloc, NULL, 0, VM_ALLOC_ZERO | VM_ALLOC_NULL_OK)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_alloc")


def test_a_new_page_is_busied_unqueued_invalid_and_without_any_flag() -> None:
    crew = Crew()
    vm = crew.vm
    m = crew.page("FREE", act_count=9, pindex=77, flags=PG_REFERENCED | PG_NOSYNC | PG_SWAPPED)
    color = vm.page.pc[m]
    crew.call(lwkt_gettoken, OBJ)
    found = crew.call(vm_page_alloc, OBJ, color - vm.object.pg_color[OBJ], NORMAL)
    assert found == m
    page = vm.page
    assert (page.flags[m], page.act_count[m], page.valid[m], page.busy_count[m]) == (0, 0, 0, PBUSY_LOCKED)
    assert (crew.queue_of(m), page.object[m], page.pindex[m]) == ("NONE", OBJ, color)


def test_a_page_without_an_object_keeps_the_pindex_it_was_asked_for() -> None:
    crew = Crew()
    m = crew.call(vm_page_alloc, NULL, 12345, NORMAL)
    assert (crew.vm.page.object[m], crew.vm.page.pindex[m]) == (NULL, 12345)


@pytest.mark.parametrize("cpu", [0, 1])
def test_the_colour_is_the_cpus_or_the_one_asked_for(cpu: int) -> None:
    crew = Crew(configuration("4MiB:1x2x1", colors=16))
    color = crew.call(vm_get_pg_color, cpu, NULL, 3)
    assert crew.vm.page.pc[crew.call(vm_page_alloc, NULL, 3, NORMAL, t=cpu)] == color
    asked = NORMAL | VM_ALLOC_CPU_SPEC | cpu << VM_ALLOC_CPU_SHIFT
    assert crew.vm.page.pc[crew.call(vm_page_alloc, NULL, 3, asked, t=1 - cpu)] == color


@pytest.mark.parametrize("rule", ["alloc", "grab-only"])
def test_zeroing_depends_on_the_rule(rule: str) -> None:
    crew = Crew(configuration(zero_rule=rule))
    for flag in (VM_ALLOC_ZERO, VM_ALLOC_FORCE_ZERO):
        crew.effects.clear()
        m = crew.call(vm_page_alloc, NULL, 0, NORMAL | flag)
        assert (("zero_page", m) in crew.effects) is (rule == "alloc")
        assert crew.vm.page.valid[m] == 0


TAKEN = [("with NULL_OK it returns NULL", VM_ALLOC_NULL_OK, False), ("without it it panics", 0, True)]


@pytest.mark.parametrize(("flag", "panics"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_a_place_that_is_taken_frees_the_new_page(flag: int, panics: bool) -> None:
    crew = Crew()
    there = crew.page(obj=OBJ, pindex=4)
    free = crew.total(V_FREE_COUNT)
    crew.call(lwkt_gettoken, OBJ)
    if panics:
        with pytest.raises(KernelPanic) as caught:
            crew.call(vm_page_alloc, OBJ, 4, NORMAL | flag)
        assert caught.value.message == "PAGE RACE "
    else:
        assert crew.call(vm_page_alloc, OBJ, 4, NORMAL | flag) == NULL
    assert crew.vm.find_page(OBJ, 4) == there
    assert crew.total(V_FREE_COUNT) == free


def test_a_free_page_that_is_momentarily_busied_is_deactivated_and_another_one_taken() -> None:
    crew = Crew()
    m = crew.page("FREE")
    crew.call(vm_page_busy_try, m, 0, t=1)
    other = crew.call(vm_page_alloc, NULL, 0, NORMAL)
    assert other not in (m, NULL)
    assert (crew.queue_of(m), crew.vm.page.valid[m]) == ("INACTIVE", 0)
    assert crew.vm.cpu.v_reactivated[0] == 0


FREE_PAGES: list[tuple[str, dict[str, Any], str, str]] = [
    ("needs a commit", {"flags": PG_NEED_COMMIT}, "KKASSERT", ""),
    ("is unqueued", {"flags": PG_UNQUEUED}, "KKASSERT", ""),
    ("is held", {"hold_count": 1}, "panic", "m->hold_count is not zero pg "),
    ("is held and wired", {"hold_count": 1, "wire_count": 1}, "panic", "m->hold_count is not zero pg "),
    ("is wired", {"wire_count": 1}, "KKASSERT", ""),
]


@pytest.mark.parametrize(
    ("request_", "function"), [(QUICK, "vm_page_select_free"), (NORMAL, "vm_page_select_free_or_cache")]
)
@pytest.mark.parametrize(
    ("fields", "kind", "message"), [row[1:] for row in FREE_PAGES], ids=[row[0] for row in FREE_PAGES]
)
def test_a_free_page_in_a_wrong_state_is_a_panic(
    fields: dict[str, Any], kind: str, message: str, request_: int, function: str
) -> None:
    crew = Crew(check=unchecked)
    crew.page("FREE", **fields)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_alloc, NULL, 0, request_)
    assert (caught.value.kind, caught.value.function, caught.value.message) == (kind, function, message)


def test_a_dirty_free_page_is_a_panic() -> None:
    crew = Crew(check=unchecked)
    crew.page("FREE", dirty=1)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_alloc, NULL, 0, NORMAL)
    assert caught.value.message == "vm_page_alloc: free/cache page "


# --- reusing a cached page --------------------------------------------------------------------------------


def short_of_free(cached: int = 1, **fields: Any) -> tuple[Crew, list[int]]:
    """A machine whose free pages are one below the reserve, and cached pages of OBJ."""
    crew = Crew()
    pages = [crew.page("CACHE", obj=OBJ, pindex=index * 16, **fields) for index in range(cached)]
    free = crew.total(V_FREE_COUNT)
    crew.set_limits(v_free_reserved=free + 1, v_free_count=free, v_cache_count=cached)
    for cpu in range(crew.vm.ncpus):
        for field in (V_FREE_COUNT, V_CACHE_COUNT):
            crew.vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + field] = 0
    return crew, pages


def test_a_cached_page_is_freed_first_and_then_allocated() -> None:
    crew, [m] = short_of_free(valid=0xFF)
    freed = crew.vm.cpu.v_tfree[0]
    found = crew.call(vm_page_alloc, NULL, 0, NORMAL)
    assert found == m
    assert crew.vm.find_page(OBJ, 0) == NULL
    assert (crew.vm.page.object[m], crew.vm.page.valid[m]) == (NULL, 0)
    assert crew.vm.cpu.v_tfree[0] == freed + 1
    assert (crew.vm.object.hold_count[OBJ], crew.vm.object.token_owner[OBJ]) == (0, 0)


def test_cached_pages_are_reused_oldest_first() -> None:
    crew, pages = short_of_free(cached=2)
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) == pages[0]


REJECTED: list[tuple[str, dict[str, Any]]] = [
    ("a held page", {"hold_count": 1}),
    ("a wired page", {"wire_count": 1}),
    ("a page that needs a commit", {"flags": PG_NEED_COMMIT}),
    ("a dirty page", {"dirty": 1, "valid": 1}),
    ("a busied page", {"busy_count": PBUSY_LOCKED}),
    ("a soft-busied page", {"busy_count": 1}),
]


@pytest.mark.parametrize("fields", [row[1] for row in REJECTED], ids=[row[0] for row in REJECTED])
def test_a_cached_page_that_cannot_be_reused_is_deactivated_on_the_way(fields: dict[str, Any]) -> None:
    crew, [bad, good] = short_of_free(cached=2)
    crew.check = unchecked
    for name, value in fields.items():
        getattr(crew.vm.page, name)[bad] = value
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) == good
    assert crew.queue_of(bad) == "INACTIVE"
    assert crew.vm.page.busy_count[bad] == fields.get("busy_count", 0)
    assert crew.vm.cpu.v_reactivated[0] == 0, "it had left the cache before it was deactivated"


def test_a_rejected_cached_page_wakes_its_waiter() -> None:
    crew, [bad, _] = short_of_free(cached=2)
    crew.vm.page.flags[bad] |= PG_NEED_COMMIT
    crew.begin(0, vm_page_alloc, NULL, 0, NORMAL)
    assert crew.play(0, until="check whether the cached page can be reused") == THERE
    assert crew.start(1, vm_page_busy_wait, bad, 0) == ASLEEP
    assert crew.play(0) == DONE
    assert crew.play(1) == DONE


def test_dirt_that_is_not_valid_passes_the_search_and_panics_in_alloc() -> None:
    crew, _ = short_of_free(dirty=1, valid=0)
    crew.check = unchecked
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_alloc, NULL, 0, NORMAL)
    assert caught.value.message == "Found dirty cache page "


LOCKS: list[tuple[str, Any, int]] = [
    ("another thread has the object", lwkt_gettoken, 1),
    ("another thread shares it", lwkt_gettoken_shared, 1),
    ("one shares it oneself", lwkt_gettoken_shared, 0),
]


@pytest.mark.parametrize(("function", "t"), [row[1:] for row in LOCKS], ids=[row[0] for row in LOCKS])
def test_a_cached_page_whose_object_is_locked_is_put_back_on_inactive(function: Any, t: int) -> None:
    crew, [m] = short_of_free()
    crew.call(function, OBJ, t=t)
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) == NULL
    assert (crew.queue_of(m), crew.vm.page.object[m], crew.vm.page.busy_count[m]) == ("INACTIVE", OBJ, 0)
    assert crew.vm.object.hold_count[OBJ] == 0


def test_a_mapped_cached_page_is_unmapped_before_it_is_freed() -> None:
    crew, [m] = short_of_free()
    crew.vm.page.flags[m] |= PG_WRITEABLE | 0x20
    crew.check = unchecked
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) == m


def test_a_preempting_interrupt_does_not_touch_the_cache_and_says_so() -> None:
    crew, [m] = short_of_free()
    crew.vm.thread.flags[0] = TDF_PREEMPTED
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) == NULL
    assert crew.queue_of(m) == "CACHE"
    assert any(str(effect[1]).startswith("vm_page_alloc(): warning") for effect in crew.effects)


@pytest.mark.parametrize("request_", [QUICK, SYSTEM])
def test_other_classes_leave_the_cache_alone(request_: int) -> None:
    crew, [m] = short_of_free()
    assert crew.call(vm_page_alloc, NULL, 0, request_) == NULL
    assert crew.queue_of(m) == "CACHE"


def test_counters_that_promise_too_much_are_rolled_up_and_looked_at_again() -> None:
    crew = Crew(configuration("1MiB:1x2x1", colors=1, limits={"v_free_reserved": 1}))
    while crew.total(V_FREE_COUNT):
        assert crew.call(vm_page_alloc, NULL, 0, INTERRUPT) != NULL
    assert crew.viewed(1, V_FREE_COUNT) > 0
    assert crew.call(vm_page_alloc, NULL, 0, INTERRUPT, t=1) == NULL
    assert crew.viewed(1, V_FREE_COUNT) == 0


def test_two_allocations_at_once_get_two_pages() -> None:
    crew = Crew(configuration(colors=1))
    for t in (0, 1):
        crew.begin(t, vm_page_alloc, NULL, 0, NORMAL)
    while any(crew.busy[:2]):
        for t in (0, 1):
            if crew.stands(t) is None:
                crew.step(t)
    assert crew.results[0] != crew.results[1]
    assert NULL not in crew.results[:2]


def test_a_search_skips_a_page_whose_spinlock_is_held() -> None:
    crew = Crew(configuration(colors=1))
    first = crew.page("FREE")
    crew.call(vm_page_spin_lock, first, t=1)
    assert crew.call(vm_page_alloc, NULL, 0, NORMAL) not in (first, NULL)
    assert crew.queue_of(first) == "FREE"
