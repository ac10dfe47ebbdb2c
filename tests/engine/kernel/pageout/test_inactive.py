"""The scan of an inactive queue (spec 22, section B)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJPC_ALLOW_ACTIVE,
    OBJPC_TRY_TO_CACHE,
    PG_REFERENCED,
    PG_WINATCFLS,
    PQ_INACTIVE,
)
from engine.kernel.busy import vm_page_busy_try, vm_page_busy_wait, vm_page_sbusy_try, vm_page_wakeup
from engine.kernel.memory_pressure import vm_paging_target
from engine.kernel.pageout.inactive import launder_budget, vm_pageout_scan_inactive

Machine = Callable[..., Any]
ANON, FILE, DEVICE = 0, 1, 2
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
COLOR = 5
PLENTY = 1000
MOVE = "move the marker past the next page"


def inactive(machine: Any, level: int = 0, quota: int = PLENTY, thread: int = PRIMARY) -> tuple[int, ...]:
    found: tuple[int, ...] = machine.do(vm_pageout_scan_inactive, level, COLOR, quota, thread=thread)
    return found


@pytest.mark.parametrize(
    ("launder", "level", "budget"),
    [
        pytest.param(16384, 0, 102, id="a tenth of a queue's share"),
        pytest.param(16384, 3, 409, id="four times as much at level 3"),
        pytest.param(16384, 8, 921, id="just below a sixteenth of all"),
        pytest.param(16384, 9, 1025, id="at a sixteenth of all it is that and one"),
        pytest.param(16384, 5000, 1025, id="however high the level"),
        pytest.param(512, 0, 3, id="a machine of 2 GiB and 16 colours"),
        pytest.param(80, 0, 1, id="at least 1"),
        pytest.param(32, 0, 1, id="16 MiB: 1 < 2"),
        pytest.param(20, 0, 2, id="below 16 MiB: a sixteenth is 1, so 2"),
        pytest.param(0, 0, 1, id="before the setup"),
        pytest.param(-80, 0, -4, id="below zero nothing is written at all"),
    ],
)
def test_the_launder_budget(paging: Machine, launder: int, level: int, budget: int) -> None:
    machine = paging()
    machine.vm.glob.vm_max_launder[0] = launder
    assert launder_budget(machine.vm, level) == budget


@pytest.mark.parametrize(("pages", "looked_at"), [(9, 1), (10, 2), (29, 3)])
def test_a_scan_looks_at_a_tenth_of_the_queue_and_one(paging: Machine, pages: int, looked_at: int) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.fill("INACTIVE", COLOR, pages)
    assert inactive(machine) == (looked_at, 0, 0, looked_at, 0, 0)
    assert machine.vm.cpu.v_pdpages[0] == looked_at


def test_the_inactive_scan_stops_at_its_quota(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.fill("INACTIVE", COLOR, 30)
    assert inactive(machine, quota=2)[0] == 2


def test_the_inactive_scan_counts_every_kind_of_decision(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.vm.glob.vm_max_launder[0] = 16384
    machine.fill("INACTIVE", COLOR, 1, FILE, dirty=0xFF, flags=PG_WINATCFLS)
    machine.fill("INACTIVE", COLOR, 1)
    machine.fill("INACTIVE", COLOR, 1, dirty=0xFF)
    machine.fill("INACTIVE", COLOR, 1, flags=PG_REFERENCED)
    machine.fill("INACTIVE", COLOR, 1, ANON, dirty=0xFF, flags=PG_WINATCFLS)
    machine.fill("INACTIVE", COLOR, 40)
    machine.vm.object.vget_fails[FILE] = 1
    machine.vm.object.flags[FILE] = 0x100
    assert inactive(machine) == (2, 1, 1, 1, 1, 1)


def test_a_dirty_page_is_written_by_the_scan_and_stays_in_its_place(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.vm.glob.vm_pageout_allow_active[0] = 1
    first, *_ = machine.fill("INACTIVE", COLOR, 3, dirty=0xFF, flags=PG_WINATCFLS)
    machine.vm.object.put_result[ANON] = 3
    assert inactive(machine)[:3] == (1, 0, 1)
    flags = OBJPC_ALLOW_ACTIVE | OBJPC_TRY_TO_CACHE
    assert machine.effects("put_pages") == [(ANON, flags, (first,))]
    assert machine.order("INACTIVE", COLOR)[0] == first


def test_the_budget_is_for_the_whole_scan(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.vm.glob.vm_max_launder[0] = 512
    machine.fill("INACTIVE", COLOR, 40, dirty=0xFF, flags=PG_WINATCFLS)
    found = inactive(machine)
    assert (found[0], found[2], len(machine.effects("put_pages"))) == (3, 3, 3)


@pytest.mark.parametrize(
    ("mode", "allow", "mark", "flags"),
    [
        (2, 1, PG_WINATCFLS, OBJPC_ALLOW_ACTIVE | OBJPC_TRY_TO_CACHE),
        (2, 0, PG_WINATCFLS, OBJPC_TRY_TO_CACHE),
        (2, 1, 0, OBJPC_ALLOW_ACTIVE),
        (3, 1, 0, OBJPC_ALLOW_ACTIVE | OBJPC_TRY_TO_CACHE),
    ],
    ids=["second lap", "active pages not allowed", "first lap", "memuse_mode 3"],
)
def test_how_a_page_is_written(paging: Machine, mode: int, allow: int, mark: int, flags: int) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.vm.glob.vm_pageout_memuse_mode[0] = mode
    machine.vm.glob.vm_pageout_allow_active[0] = allow
    machine.fill("INACTIVE", COLOR, 1, dirty=0xFF, flags=mark)
    inactive(machine, level=1)
    assert [effect[1] for effect in machine.effects("put_pages")] == [flags]


def test_memuse_mode_3_skips_the_second_lap_of_dirty_pages(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.vm.glob.vm_pageout_memuse_mode[0] = 3
    machine.fill("INACTIVE", COLOR, 1, dirty=0xFF)
    assert inactive(machine) == (1, 0, 1, 0, 0, 0)


@pytest.mark.parametrize("how", [vm_page_busy_try, vm_page_sbusy_try], ids=["hard", "soft"])
def test_a_busy_page_stays_where_it_is(paging: Machine, how: Any) -> None:
    machine = paging()
    machine.short_of_memory()
    pages = machine.fill("INACTIVE", COLOR, 12)
    machine.do(how, pages[0], *([0] if how is vm_page_busy_try else []))
    assert inactive(machine)[0] == 1
    assert machine.order("INACTIVE", COLOR) == [pages[0], *pages[2:]]


@pytest.mark.parametrize(
    ("surplus", "cached", "delta"),
    [
        pytest.param(10, 4, 4, id="to the end: 14 pages too many are not more than 20"),
        pytest.param(19, 2, PLENTY, id="20 are not either, but 21 are"),
    ],
)
def test_a_scan_that_finds_memory_plentiful_reports_its_quota_as_met(
    paging: Machine, surplus: int, cached: int, delta: int
) -> None:
    machine = paging()
    machine.vm.glob.vm_max_launder[0] = 20
    machine.fill("INACTIVE", COLOR, 30)
    machine.limits(v_cache_min=0, v_free_target=0)
    machine.limits(v_free_target=-vm_paging_target(machine.vm) - surplus)
    assert inactive(machine)[0] == delta
    assert len(machine.order("CACHE", COLOR)) == cached


@pytest.mark.parametrize(("obj", "touched"), [(ANON, True), (FILE, False), (DEVICE, False), (NULL, True)])
def test_the_emergency_pager_keeps_to_anonymous_pages(paging: Machine, obj: int, touched: bool) -> None:
    machine = paging()
    machine.short_of_memory()
    m, other = machine.fill("INACTIVE", COLOR, 2, max(obj, 0))
    if obj == NULL:
        machine.gone(m)
    found = inactive(machine, thread=EMERGENCY)
    assert found[0] == int(touched)
    assert machine.vm.page.busy_count[m] == 0
    assert (machine.order("INACTIVE", COLOR) == [m, other]) is not touched


def test_the_primary_daemon_takes_pages_of_devices_too(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.fill("INACTIVE", COLOR, 1, DEVICE)
    assert inactive(machine)[0] == 1


def test_a_vnode_that_failed_is_remembered_for_the_rest_of_the_scan(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.fill("INACTIVE", COLOR, 12, FILE, dirty=0xFF, flags=PG_WINATCFLS)
    machine.vm.object.vget_fails[FILE] = 1
    actions = machine.steps(vm_pageout_scan_inactive, 0, COLOR, PLENTY, thread=PRIMARY, check=False)
    asked = [action for action in actions if "the vnode's lock" in action]
    assert asked == ["wait a while for the vnode's lock", "try the vnode's lock"]


def test_the_queue_is_unlocked_while_a_page_is_processed(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    machine.fill("INACTIVE", COLOR, 1)
    locked = {}
    for action in machine.steps(vm_pageout_scan_inactive, 0, COLOR, PLENTY, thread=PRIMARY):
        locked[action] = machine.vm.queue.spin[PQ_INACTIVE + COLOR]
    assert locked["check whether the page is wired or held"] == 0
    assert locked["let other threads run"] == 0
    assert locked[MOVE] == PRIMARY + 1


def test_a_thread_that_waited_for_a_page_saves_it_from_the_next_scan(paging: Machine) -> None:
    """Waiting sets PG_REFERENCED, even if the waiter never touches the page."""
    machine = paging()
    machine.short_of_memory()
    (m,) = machine.fill("INACTIVE", COLOR, 1)
    machine.busied(m)
    for _ in machine.steps(vm_page_busy_wait, m, 0, thread=EMERGENCY):
        pass_by = machine.vm.thread.chan[EMERGENCY]
        if pass_by and machine.vm.page.flags[m] & PG_REFERENCED:
            break
    machine.do(vm_page_wakeup, m, check=False)
    assert inactive(machine) == (0, 0, 0, 0, 0, 1)
    assert (machine.queue_of(m), machine.vm.page.act_count[m]) == ("ACTIVE", 9)
