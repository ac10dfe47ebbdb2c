"""The scan of an active queue (spec 22, section H)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import PG_MAPPED, PG_NEED_COMMIT, PG_REFERENCED
from engine.errors import KernelPanic
from engine.kernel.age import vm_page_deactivate
from engine.kernel.hold import vm_page_hold
from engine.kernel.pageout.active import vm_pageout_scan_active

Machine = Callable[..., Any]
ANON, FILE, DEVICE = 0, 1, 2
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
COLOR = 5
PLENTY = 1000


def active(
    machine: Any, level: int = 0, avail: int = 0, need: int = PLENTY, thread: int = PRIMARY
) -> tuple[int, int]:
    found: tuple[int, int] = machine.do(vm_pageout_scan_active, level, COLOR, avail, need, thread=thread)
    return found


@pytest.mark.parametrize(("obj", "visits"), [(ANON, 5), (FILE, 3)], ids=["anonymous", "file"])
def test_on_which_visit_an_unused_page_leaves(paging: Machine, obj: int, visits: int) -> None:
    machine = paging()
    (m,) = machine.fill("ACTIVE", COLOR, 1, obj, act_count=5)
    for _ in range(visits - 1):
        assert active(machine) == (0, 0)
    assert active(machine) == (1, 0)
    assert machine.queue_of(m) == "INACTIVE"


@pytest.mark.parametrize(("act_count", "leaves"), [(5, True), (6, False)])
def test_a_higher_level_raises_the_threshold(paging: Machine, act_count: int, leaves: bool) -> None:
    machine = paging()
    machine.fill("ACTIVE", COLOR, 1, act_count=act_count)
    assert active(machine, level=4) == (int(leaves), 0)


@pytest.mark.parametrize(
    ("tunable", "obj", "left"), [("vm_anonmem_decline", ANON, 1), ("vm_filemem_decline", DEVICE, 1)]
)
def test_the_declines_are_tunable(paging: Machine, tunable: str, obj: int, left: int) -> None:
    machine = paging()
    getattr(machine.vm.glob, tunable)[0] = 4
    (m,) = machine.fill("ACTIVE", COLOR, 1, obj, act_count=5)
    active(machine)
    assert machine.vm.page.act_count[m] == left


def test_a_decline_below_zero_takes_everything(paging: Machine) -> None:
    machine = paging()
    machine.vm.glob.vm_anonmem_decline[0] = -1
    machine.fill("ACTIVE", COLOR, 1, act_count=60)
    assert active(machine) == (1, 0)


@pytest.mark.parametrize(
    ("flags", "accessed", "act_count", "expected"),
    [
        pytest.param(PG_REFERENCED, 0, 5, 9, id="5 + 3 + 1"),
        pytest.param(PG_REFERENCED | PG_MAPPED, 2, 5, 11, id="5 + 3 + 1 + 2"),
        pytest.param(PG_MAPPED, 9, 5, 13, id="at most five mappings"),
        pytest.param(PG_REFERENCED | PG_MAPPED, 5, 60, 64, id="at most ACT_MAX"),
        pytest.param(PG_REFERENCED, 0, 64, 64, id="not beyond it"),
    ],
)
def test_a_used_page_rises_and_goes_to_the_tail(
    paging: Machine, flags: int, accessed: int, act_count: int, expected: int
) -> None:
    machine = paging()
    m, other = machine.fill("ACTIVE", COLOR, 2)
    for name, value in (("flags", flags), ("pmap_referenced", accessed), ("act_count", act_count)):
        getattr(machine.vm.page, name)[m] = value
    assert active(machine) == (0, 0)
    assert machine.order("ACTIVE", COLOR) == [other, m]
    assert machine.vm.page.act_count[m] == expected
    assert not machine.vm.page.flags[m] & PG_REFERENCED


def test_a_page_of_an_unreferenced_object_leaves_at_once_whatever_its_references(
    paging: Machine,
) -> None:
    machine = paging()
    machine.vm.object.ref_count[ANON] = 0
    flags = PG_REFERENCED | PG_MAPPED
    (m,) = machine.fill("ACTIVE", COLOR, 1, act_count=60, flags=flags, pmap_referenced=2)
    assert active(machine) == (1, 0)
    assert machine.queue_of(m) == "INACTIVE"
    # Unmapping transfers the accessed bit; the page's own flag was cleared before.
    assert machine.vm.page.flags[m] == PG_REFERENCED
    assert machine.vm.page.act_count[m] == 59


def test_the_algorithm_tunable_deactivates_whatever_is_unused(paging: Machine) -> None:
    machine = paging()
    machine.vm.glob.vm_pageout_algorithm[0] = 1
    machine.fill("ACTIVE", COLOR, 1, act_count=60)
    assert active(machine) == (1, 0)


@pytest.mark.parametrize(
    ("avail", "fields", "queue", "mapped"),
    [
        pytest.param(0, {}, "INACTIVE", PG_MAPPED, id="no shortage: deactivated, still mapped"),
        pytest.param(1, {}, "CACHE", 0, id="a shortage: straight to the cache"),
        pytest.param(1, {"dirty": 1}, "INACTIVE", 0, id="dirty: unmapped and deactivated"),
        pytest.param(1, {"pmap_modified": 1}, "INACTIVE", 0, id="dirty once unmapped"),
        pytest.param(1, {"flags": PG_MAPPED | PG_NEED_COMMIT}, "INACTIVE", 0, id="needs a commit"),
    ],
)
def test_where_a_page_goes_that_leaves(
    paging: Machine, avail: int, fields: dict[str, int], queue: str, mapped: int
) -> None:
    machine = paging()
    (m,) = machine.fill("ACTIVE", COLOR, 1, **{"flags": PG_MAPPED, "act_count": 1, **fields})
    assert active(machine, avail=avail) == (1, avail)
    assert machine.queue_of(m) == queue
    assert machine.vm.page.flags[m] & PG_MAPPED == mapped


def test_the_shortage_is_looked_at_before_the_page_that_leaves_is_counted(paging: Machine) -> None:
    machine = paging()
    pages = machine.fill("ACTIVE", COLOR, 30, act_count=1)
    assert active(machine, avail=2) == (4, 2)
    assert [machine.queue_of(m) for m in pages[:4]] == ["CACHE", "CACHE", "INACTIVE", "INACTIVE"]


@pytest.mark.parametrize(
    ("avail", "need", "left"), [(0, 2, 2), (2, 0, 2), (2, 1, 2), (1, 3, 3), (0, 0, 0), (-1, -1, 0)]
)
def test_the_active_scan_continues_while_either_quota_is_open(
    paging: Machine, avail: int, need: int, left: int
) -> None:
    machine = paging()
    machine.fill("ACTIVE", COLOR, 50, act_count=1)
    assert active(machine, avail=avail, need=need)[0] == left


def test_a_held_page_may_leave_and_a_wired_one_is_unqueued(paging: Machine) -> None:
    machine = paging()
    held, pinned, *_ = machine.fill("ACTIVE", COLOR, 12, act_count=1)
    machine.do(vm_page_hold, held)
    machine.wired(pinned)
    assert active(machine)[0] == 1
    assert (machine.queue_of(held), machine.queue_of(pinned)) == ("INACTIVE", "NONE")
    assert machine.vm.cpu.v_pdpages[0] == 1


@pytest.mark.parametrize(("obj", "leaves"), [(FILE, 0), (DEVICE, 1), (ANON, 1)])
def test_the_emergency_pager_puts_pages_of_files_alone_to_the_tail(
    paging: Machine, obj: int, leaves: int
) -> None:
    machine = paging()
    m, other = machine.fill("ACTIVE", COLOR, 2, obj, act_count=1)
    assert active(machine, thread=EMERGENCY)[0] == leaves
    if not leaves:
        assert machine.order("ACTIVE", COLOR) == [other, m]
    assert machine.vm.cpu.v_pdpages[0] == leaves
    assert machine.vm.page.busy_count[m] == 0


def test_an_active_page_without_an_object_is_a_null_dereference(paging: Machine) -> None:
    machine = paging()
    (m,) = machine.fill("ACTIVE", COLOR, 1, flags=PG_REFERENCED)
    machine.gone(m)
    with pytest.raises(KernelPanic) as found:
        active(machine)
    assert (found.value.kind, found.value.page) == ("fault", m)
    assert machine.vm.page.flags[m] == 0


def test_a_page_that_left_the_queue_before_it_is_moved_to_the_tail_is_left_alone(paging: Machine) -> None:
    machine = paging()
    machine.short_of_memory()
    (m,) = machine.fill("ACTIVE", COLOR, 1, flags=PG_REFERENCED)
    for action in machine.steps(vm_pageout_scan_active, 0, COLOR, 0, PLENTY, thread=PRIMARY, check=False):
        if action == "raise act_count":
            machine.do(vm_page_deactivate, m, thread=OTHER)
            machine.occupy(PRIMARY)
    assert machine.queue_of(m) == "INACTIVE"
