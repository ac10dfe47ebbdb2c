"""The daemon's decision for one inactive page: spec 22, section C, rule by rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJ_DEAD,
    OBJ_MIGHTBEDIRTY,
    OBJPC_TRY_TO_CACHE,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_WINATCFLS,
    PG_WRITEABLE,
)
from engine.kernel.busy import vm_page_busy_try, vm_page_wakeup
from engine.kernel.hold import vm_page_hold
from engine.kernel.objects import vm_object_drop, vm_object_hold, vm_page_remove
from engine.kernel.pageout.page import vm_pageout_page
from engine.kernel.wire import vm_page_wire

Machine = Callable[..., Any]
ANON, FILE = 0, 1
NOTHING = (0, 8, 0, 0, 0, 0, 0, NULL)
"""The decision of a page that does not count, with a launder budget of 8 untouched."""


def decide(
    machine: Any, m: int, *, budget: int = 8, failed: int = NULL, level: int = 0, flags: int = 0
) -> tuple[int, ...]:
    """Busy the page and let the daemon decide about it."""
    decision: tuple[int, ...] = machine.do(vm_pageout_page, machine.busied(m), budget, failed, level, flags)
    return decision


def wired(machine: Any, m: int) -> int:
    machine.do(vm_page_wire, machine.busied(m))
    machine.do(vm_page_wakeup, m)
    return m


def last_of_two(machine: Any, **fields: int) -> tuple[int, int]:
    """The first of two pages of a queue, and its colour."""
    m, _ = machine.fill("INACTIVE", 5, 2, **fields)
    return m, 5


# --- rules 1 to 4: not usable, or used --------------------------------------------------------------------


def test_a_wired_page_leaves_the_queue(paging: Machine) -> None:
    machine = paging()
    m = wired(machine, machine.page("INACTIVE", 3))
    assert decide(machine, m) == NOTHING
    assert machine.queue_of(m) == "NONE"
    assert machine.vm.page.busy_count[m] == 0


def test_a_held_page_goes_to_the_tail_of_its_queue(paging: Machine) -> None:
    machine = paging()
    m, color = last_of_two(machine)
    machine.do(vm_page_hold, m)
    assert decide(machine, m) == NOTHING
    assert machine.order("INACTIVE", color)[-1] == m


def test_a_held_page_of_another_queue_stays_where_it_is(paging: Machine) -> None:
    machine = paging()
    m, other = machine.fill("ACTIVE", 5, 2)
    machine.do(vm_page_hold, m)
    assert decide(machine, m) == NOTHING
    assert machine.order("ACTIVE", 5) == [m, other]


@pytest.mark.parametrize("gone", [True, False], ids=["no object", "an object that nothing refers to"])
def test_references_to_a_page_without_a_user_do_not_count(paging: Machine, gone: bool) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, flags=PG_REFERENCED | PG_MAPPED, pmap_referenced=2)
    machine.vm.object.ref_count[ANON] = 0
    if gone:
        machine.vm.page.flags[m] = PG_REFERENCED
        machine.do(vm_object_hold, ANON)
        machine.do(vm_page_remove, machine.busied(m))
        machine.do(vm_object_drop, ANON)
        machine.do(vm_page_wakeup, m)
    assert decide(machine, m) == (1, 8, 0, 0, 1, 0, 0, NULL)
    assert machine.queue_of(m) == "CACHE"
    assert not machine.vm.page.flags[m] & PG_REFERENCED


@pytest.mark.parametrize(
    ("flags", "accessed", "act_count", "expected"),
    [
        pytest.param(PG_MAPPED, 1, 0, 9, id="an accessed mapping: 5 + 1 + 3"),
        pytest.param(PG_MAPPED | PG_REFERENCED, 1, 0, 10, id="the flag as well: 5 + 1 + 4"),
        pytest.param(PG_REFERENCED, 0, 0, 9, id="the flag alone: 5 + 0 + 4"),
        pytest.param(PG_MAPPED, 9, 0, 13, id="at most five mappings count"),
        pytest.param(PG_REFERENCED, 0, 63, 67, id="act_count goes past ACT_MAX"),
        pytest.param(PG_REFERENCED, 0, 254, 2, id="and wraps at 8 bits"),
    ],
)
def test_a_referenced_page_is_activated(
    paging: Machine, flags: int, accessed: int, act_count: int, expected: int
) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, flags=flags, pmap_referenced=accessed, act_count=act_count)
    assert decide(machine, m) == (0, 8, 0, 0, 0, 0, 1, NULL)
    assert machine.queue_of(m) == "ACTIVE"
    assert machine.vm.page.act_count[m] == expected
    assert not machine.vm.page.flags[m] & PG_REFERENCED


# --- rules 5 to 8: clean, or dirty for the first time -----------------------------------------------------


def test_an_invalid_page_is_freed_though_dirty(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, valid=0, dirty=1)
    assert decide(machine, m) == (1, 8, 0, 0, 1, 0, 0, NULL)
    assert machine.queue_of(m) == "FREE"
    assert machine.vm.cpu.v_dfree[0] == 1


def test_a_clean_page_is_cached(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3)
    assert decide(machine, m) == (1, 8, 0, 0, 1, 0, 0, NULL)
    assert machine.queue_of(m) == "CACHE"


def test_a_clean_page_counts_even_if_it_proves_dirty_on_the_way_to_the_cache(paging: Machine) -> None:
    """Its mapping is read-only now and is not read, but unmapping collects its earlier modified bit."""
    machine = paging()
    m = machine.page("INACTIVE", 3, flags=PG_MAPPED, pmap_modified=1)
    assert decide(machine, m)[0] == 1
    assert (machine.queue_of(m), machine.vm.page.dirty[m]) == ("INACTIVE", 0xFF)


def test_the_mappings_say_whether_a_clean_page_is_dirty(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, flags=PG_MAPPED | PG_WRITEABLE, pmap_modified=1)
    assert decide(machine, m) == (0, 8, 0, 0, 0, 1, 0, NULL)
    assert machine.vm.page.dirty[m] == 0xFF


def test_a_page_dirty_in_part_is_dirty_as_a_whole(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, dirty=1)
    decide(machine, m)
    assert machine.vm.page.dirty[m] == 0xFF


def test_a_clean_page_that_needs_a_commit_is_treated_as_dirty(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, flags=PG_NEED_COMMIT)
    assert decide(machine, m) == (0, 8, 0, 0, 0, 1, 0, NULL)
    assert machine.vm.page.flags[m] & PG_WINATCFLS


def test_at_level_0_a_dirty_page_goes_round_the_queue_once_more(paging: Machine) -> None:
    machine = paging()
    m, color = last_of_two(machine, dirty=0xFF)
    assert decide(machine, m) == (0, 8, 0, 0, 0, 1, 0, NULL)
    assert machine.order("INACTIVE", color)[-1] == m
    assert machine.vm.page.flags[m] == PG_WINATCFLS


@pytest.mark.parametrize(("level", "visits"), [(0, 3), (1, 2)])
def test_a_dirty_page_is_cached_on_its_third_visit_or_under_pressure_on_its_second(
    paging: Machine, level: int, visits: int
) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, dirty=0xFF)
    counted = 0
    while machine.queue_of(m) != "CACHE":
        decide(machine, m, level=level)
        counted += 1
    assert counted == visits


# --- rule 9: laundering -----------------------------------------------------------------------------------


def dirty_page(machine: Any, obj: int = ANON) -> int:
    """A dirty page on its second lap, first of two on its queue."""
    m: int = machine.fill("INACTIVE", 5, 2, obj, dirty=0xFF, flags=PG_WINATCFLS)[0]
    return m


def test_a_dirty_page_on_its_second_lap_is_written_in_place(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine)
    before = machine.order("INACTIVE", 5)
    assert decide(machine, m) == (1, 7, 0, 1, 0, 0, 0, NULL)
    assert machine.order("INACTIVE", 5) == before
    assert machine.vm.page.dirty[m] == 0
    assert machine.effects("put_pages") == [(ANON, 0, (m,))]


def test_a_page_that_is_written_at_once_carries_the_mark_of_the_second_lap(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, dirty=0xFF)
    machine.vm.object.put_result[ANON] = 2
    decide(machine, m, level=1)
    assert machine.vm.page.flags[m] & PG_WINATCFLS


def test_without_a_budget_a_dirty_page_stays_where_it_is(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine)
    before = machine.order("INACTIVE", 5)
    assert decide(machine, m, budget=0) == (0, 0, 0, 0, 0, 0, 0, NULL)
    assert machine.order("INACTIVE", 5) == before
    assert machine.vm.page.dirty[m] == 0xFF


def test_the_budget_can_go_below_zero(paging: Machine) -> None:
    machine = paging()
    pages = [machine.page("INACTIVE", n, dirty=0xFF, flags=PG_WINATCFLS) for n in range(4)]
    assert decide(machine, pages[1], budget=1) == (4, -3, 0, 4, 0, 0, 0, NULL)


@pytest.mark.parametrize(
    ("defer", "disable", "short", "written"),
    [
        pytest.param(0, 0, False, True, id="neither tunable"),
        pytest.param(1, 0, False, False, id="deferred"),
        pytest.param(1, 0, True, True, id="deferred, but memory is at its minimum"),
        pytest.param(0, 1, True, False, id="disabled"),
        pytest.param(1, 1, True, False, id="deferred and disabled"),
    ],
)
@pytest.mark.parametrize("kind", [0, 1], ids=["default", "swap"])
def test_two_tunables_say_whether_anonymous_pages_are_written(
    paging: Machine, kind: int, defer: int, disable: int, short: bool, written: bool
) -> None:
    machine = paging()
    m = dirty_page(machine)
    machine.vm.object.type[ANON] = kind
    machine.vm.glob.defer_swap_pageouts[0] = defer
    machine.vm.glob.disable_swap_pageouts[0] = disable
    if short:
        machine.view(v_free_min=100_000)
    assert (decide(machine, m)[0] == 1) is written
    assert (machine.order("INACTIVE", 5)[-1] == m) is not written


def test_the_tunables_do_not_concern_files(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine, FILE)
    machine.vm.glob.disable_swap_pageouts[0] = 1
    assert decide(machine, m)[0] == 1


def test_a_dirty_page_of_a_dead_object_goes_to_the_tail(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine)
    machine.vm.object.flags[ANON] = OBJ_DEAD
    assert decide(machine, m) == NOTHING
    assert machine.order("INACTIVE", 5)[-1] == m


# --- rule 9c: files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dirty", "skipped"), [(OBJ_MIGHTBEDIRTY, 1), (0, 0)])
def test_a_vnode_that_cannot_be_locked_is_remembered_and_counts_as_skipped_if_it_may_be_dirty(
    paging: Machine, dirty: int, skipped: int
) -> None:
    machine = paging()
    m = dirty_page(machine, FILE)
    before = machine.order("INACTIVE", 5)
    machine.vm.object.vget_fails[FILE] = 1
    machine.vm.object.flags[FILE] = dirty
    assert decide(machine, m) == (0, 8, skipped, 0, 0, 0, 0, FILE)
    assert (machine.vm.page.hold_count[m], machine.vm.page.busy_count[m]) == (0, 0)
    assert machine.order("INACTIVE", 5) == before


@pytest.mark.parametrize(
    ("failed", "asked"),
    [(NULL, "wait a while for the vnode's lock"), (FILE, "try the vnode's lock")],
)
def test_the_vnode_that_failed_last_is_not_waited_for_again(paging: Machine, failed: int, asked: str) -> None:
    machine = paging()
    m = machine.busied(dirty_page(machine, FILE))
    actions = list(machine.steps(vm_pageout_page, m, 8, failed, 0, 0))
    assert asked in actions


def test_a_page_of_a_file_on_another_queue_is_never_written(paging: Machine) -> None:
    machine = paging()
    m = machine.page("ACTIVE", 3, FILE, dirty=0xFF, flags=PG_WINATCFLS)
    machine.vm.object.flags[FILE] = OBJ_MIGHTBEDIRTY
    assert decide(machine, m) == (0, 8, 1, 0, 0, 0, 0, NULL)
    assert machine.vm.page.dirty[m] == 0xFF
    assert machine.vm.page.hold_count[m] == 0


def meanwhile(machine: Any, m: int, at: str, change: Callable[[], None]) -> tuple[int, ...]:
    """Decide about the page, with `change` made before the action `at`."""
    for action in machine.steps(vm_pageout_page, machine.busied(m), 8, NULL, 0, 0, check=False):
        if action == at:
            change()
    decision: tuple[int, ...] = machine.value
    return decision


UNBUSIED, REBUSIED = (
    "check whether it is still the same page",
    "check whether the page was wired or held meanwhile",
)


def test_a_page_busied_while_the_vnode_was_waited_for_is_left_alone(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine, FILE)
    machine.vm.object.flags[FILE] = OBJ_MIGHTBEDIRTY
    assert meanwhile(machine, m, UNBUSIED, lambda: machine.do(vm_page_busy_try, m, 0)) == NOTHING
    assert machine.vm.page.hold_count[m] == 0


def test_a_page_that_left_its_object_meanwhile_counts_as_skipped(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine, FILE)
    machine.vm.object.flags[FILE] = OBJ_MIGHTBEDIRTY

    def change() -> None:
        machine.vm.page.object[m] = ANON

    assert meanwhile(machine, m, UNBUSIED, change) == (0, 8, 1, 0, 0, 0, 0, NULL)


def test_a_page_wired_meanwhile_leaves_the_queue(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine, FILE)
    assert meanwhile(machine, m, REBUSIED, lambda: machine.do(vm_page_wire, m)) == NOTHING
    assert machine.queue_of(m) == "NONE"


def test_a_page_held_meanwhile_goes_to_the_tail(paging: Machine) -> None:
    machine = paging()
    m = dirty_page(machine, FILE)
    machine.vm.object.flags[FILE] = OBJ_MIGHTBEDIRTY
    decision = meanwhile(machine, m, REBUSIED, lambda: machine.do(vm_page_hold, m))
    assert decision == (0, 8, 1, 0, 0, 0, 0, NULL)
    assert machine.order("INACTIVE", 5)[-1] == m
    assert machine.effects("kprintf") == []


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [("object", ANON, "(A)"), ("valid", 0, "(B)"), ("dirty", 0, "(C)")],
    ids=["moved to another object", "invalid", "clean"],
)
def test_a_page_that_no_longer_has_to_be_written_is_reported_and_put_last(
    paging: Machine, field: str, value: int, why: str
) -> None:
    machine = paging()
    m = dirty_page(machine, FILE)

    def change() -> None:
        getattr(machine.vm.page, field)[m] = value

    assert meanwhile(machine, m, REBUSIED, change)[0] == 0
    assert machine.order("INACTIVE", 5)[-1] == m
    ((text, _),) = machine.effects("kprintf")
    assert text.endswith(f"failed{why}")


def test_a_clean_page_of_a_file_that_needs_a_commit_is_written(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 3, FILE, flags=PG_WINATCFLS | PG_NEED_COMMIT)
    assert decide(machine, m, flags=OBJPC_TRY_TO_CACHE)[0] == 1
