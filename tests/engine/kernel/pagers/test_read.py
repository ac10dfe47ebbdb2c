"""Reading a page from its backing store (spec 21, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJT_DEFAULT,
    OBJT_DEVICE,
    OBJT_PHYS,
    OBJT_SWAP,
    OBJT_VNODE,
    PBUSY_LOCKED,
    PBUSY_WANTED,
    PG_SWAPPED,
    SIGSEGV,
    VM_ALLOC_NORMAL,
    VM_PAGER_BAD,
    VM_PAGER_ERROR,
    VM_PAGER_FAIL,
    VM_PAGER_OK,
)
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_busy_wait, vm_page_wakeup
from engine.kernel.objects import vm_object_hold
from engine.kernel.pagers.read import vm_pager_get_page
from engine.kernel.sleep import CHAN_DAEMON_NEEDED, tsleep
from engine.machine.machine import Machine, Steps
from engine.script.process_verbs import read
from tests.engine.kernel.checked_crew import ASLEEP, DONE, Crew

BASE = 0x10000
Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("kind", "result", "valid"),
    [
        pytest.param(OBJT_DEFAULT, VM_PAGER_FAIL, 0, id="a DEFAULT object has no pager"),
        pytest.param(OBJT_SWAP, VM_PAGER_FAIL, 0, id="a SWAP object without a block there"),
        pytest.param(OBJT_DEVICE, VM_PAGER_BAD, 0, id="the model has no devices"),
        pytest.param(OBJT_PHYS, VM_PAGER_OK, 0xFF, id="memory without a backing store is zeros"),
    ],
)
def test_what_each_pager_answers_where_there_is_nothing_to_read(
    processes: Make, drive: Make, kind: int, result: int, valid: int
) -> None:
    world = processes()
    vm, obj = world.vm, world.object(kind)
    drive(vm, vm_object_hold, obj)
    m = drive(vm, vm_page_alloc, obj, 3, VM_ALLOC_NORMAL)
    assert drive(vm, vm_pager_get_page, obj, m) == result
    assert (world.bits(m), vm.page.busy_count[m]) == ((valid, 0), PBUSY_LOCKED)


def test_a_files_page_is_soft_busied_while_it_is_read(processes: Make) -> None:
    world = processes()
    file = world.object(OBJT_VNODE)
    p = world.process(file)
    world.thread("app", p, (read, BASE))
    world.start()
    world.until("go to sleep")
    m = world.page(file, 0)
    assert (world.vm.page.busy_count[m], world.bits(m)) == (1, (0, 0))
    assert world.run() == "completed"
    assert (world.vm.page.busy_count[m], world.bits(m)) == (0, (0xFF, 0))
    assert (world.vm.process.majflt[p], world.counter("v_vnodein")) == (1, 1)
    assert not world.vm.page.flags[m] & PG_SWAPPED


def test_a_file_that_cannot_be_read_is_a_segmentation_violation(processes: Make) -> None:
    world = processes()
    file = world.object(OBJT_VNODE)
    world.vm.object.io_fails[file] = 1
    world.thread("app", world.process(file), (read, BASE, ">s"))
    world.run()
    assert (world.result("app", "s"), world.page(file, 0)) == (SIGSEGV, NULL)


def borrow(vm: Machine, obj: int, ticks: int) -> Steps[None]:
    """Hard-busy the first page of an object for some ticks."""
    yield "find the page"
    m = vm.find_page(obj, 0)
    yield from vm_page_busy_wait(vm, m, 0)
    yield from tsleep(vm, CHAN_DAEMON_NEEDED, False, "borrow", ticks)
    yield from vm_page_wakeup(vm, m)


def test_a_reader_waits_for_the_thread_that_has_its_page_when_the_read_ends(processes: Make) -> None:
    world = processes()
    file = world.object(OBJT_VNODE)
    world.thread("app", world.process(file), (read, BASE, ">s"))
    world.thread("other", NULL, (borrow, file, 3), cpu=1)
    world.start("app:block, other:block")
    world.until("store the data read")
    world.until("go to sleep", "app")
    m = world.page(file, 0)
    assert world.vm.page.busy_count[m] == PBUSY_LOCKED | PBUSY_WANTED | 1
    assert world.vm.glob.ticks[0] < 3
    assert (world.run(), world.result("app", "s")) == ("completed", 0)
    assert (world.vm.page.busy_count[m], world.bits(m)) == (0, (0xFF, 0))


@pytest.mark.parametrize(("fails", "result", "valid"), [(0, VM_PAGER_OK, 0xFF), (1, VM_PAGER_ERROR, 1)])
def test_an_error_is_reported_also_of_a_page_that_was_partly_valid(
    fails: int, result: int, valid: int
) -> None:
    crew = Crew()
    vm = crew.vm
    vm.object.type[1], vm.object.io_fails[1] = OBJT_VNODE, fails
    m = crew.page(obj=1, busy=True, valid=1)
    crew.call(vm_object_hold, 1)
    assert crew.start(0, vm_pager_get_page, 1, m) == ASLEEP
    crew.tick()
    assert (crew.play(0), crew.results[0]) == (DONE, result)
    assert (vm.page.valid[m], vm.page.busy_count[m]) == (valid, PBUSY_LOCKED)
