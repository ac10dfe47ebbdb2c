"""The order of atomic steps of the page layer's calls: whole, literal, locks above all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from engine.constants import PAGE_SIZE, PQ_FREE, VM_ALLOC_NORMAL, Thread
from engine.kernel.age import vm_page_activate, vm_page_cache, vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.busy import vm_page_busy_try, vm_page_busy_wait, vm_page_sbusy_try, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.hold import vm_page_hold, vm_page_unhold
from engine.kernel.locks import held_lock_cells, held_locks, lock_name
from engine.kernel.valid_dirty import vm_page_set_valid
from engine.machine.machine import Machine, MachineConfig
from engine.machine.tables import NO_OBJECT
from engine.machine.topology import parse_spec
from engine.scenario.loader import load_text

TAKE_PAGE, LEAVE_PAGE = "take the page's spinlock", "release the page's spinlock"
TAKE_QUEUE, LEAVE_QUEUE = "take the queue's spinlock", "release the queue's spinlock"
BUSY = ["read busy_count", "compare-and-set LOCKED"]
UNBUSY = ["read busy_count", "compare-and-clear LOCKED and WANTED"]
WAITERS = ["check whether the pageout daemon waits for memory", "check whether other threads wait for memory"]
DAEMON = "check whether the pageout daemon is needed"
JOIN = [TAKE_QUEUE, "join the queue"]
LEAVE = ["read the page's queue", TAKE_QUEUE, "leave the queue", LEAVE_QUEUE]

ALLOC = [
    "choose the colour",
    "compare the free count with the reserve",
    "look at FREE[5], the colour asked for",
    TAKE_QUEUE,
    "try the page's spinlock",
    "forget where a far search of the cache ended",
    *BUSY,
    "leave the queue",
    LEAVE_QUEUE,
    "check the state of the free page",
    LEAVE_PAGE,
    DAEMON,
    "clear the page's flags, activity and valid bits",
    DAEMON,
]
FREE = [
    "count the page as freed",
    "check that the page may be freed",
    "check whether the page has an object",
    "check whether the page is fictitious",
    TAKE_PAGE,
    "read the page's queue",
    "leave the queue",
    "clear valid and dirty",
    "read hold_count",
    *JOIN,
    LEAVE_QUEUE,
    *UNBUSY,
    LEAVE_PAGE,
    *WAITERS,
]
WAKEUP = ["check that the page is hard-busied", *UNBUSY]


def machine() -> Machine:
    hardware = parse_spec("16MiB:1x2x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware))
    vm.curthread = Thread(0)
    return vm


def drive(steps: Any) -> tuple[list[str], Any]:
    """The announced actions of a call, and what it returned."""
    actions: list[str] = []
    while True:
        try:
            announced = next(steps)
        except StopIteration as done:
            return actions, done.value
        actions.append(announced if isinstance(announced, str) else announced[0])


def prepared(vm: Machine, calls: Iterable[Any]) -> int:
    """A freshly allocated page after some calls on it."""
    _, m = drive(vm_page_alloc(vm, NO_OBJECT, 5, VM_ALLOC_NORMAL))
    for function, *arguments in calls:
        drive(function(vm, m, *arguments))
    return int(m)


ORDERS = [
    ("free gives the page back under its own lock", [], vm_page_free, (), FREE),
    ("wakeup asserts before it looks again", [], vm_page_wakeup, (), WAKEUP),
    ("busy_try reads, then compares and sets", [(vm_page_wakeup,)], vm_page_busy_try, (0,), BUSY),
    ("busy_try of a busy page only reads", [], vm_page_busy_try, (0,), BUSY[:1]),
    ("busy_wait of an idle page is a busy_try", [(vm_page_wakeup,)], vm_page_busy_wait, (1,), BUSY),
    ("sbusy_try of a hard-busied page only reads", [], vm_page_sbusy_try, (), BUSY[:1]),
    (
        "activate looks, locks the page, looks again, then queue by queue",
        [(vm_page_set_valid, 0, PAGE_SIZE), (vm_page_deactivate,)],
        vm_page_activate,
        (),
        [
            "look at the queue, unlocked",
            TAKE_PAGE,
            "look at the queue again, locked",
            *LEAVE,
            "raise act_count to at least ACT_INIT",
            *JOIN,
            LEAVE_QUEUE,
            LEAVE_PAGE,
        ],
    ),
    (
        "activate of an active page does not lock",
        [(vm_page_activate,)],
        vm_page_activate,
        (),
        ["look at the queue, unlocked"],
    ),
    (
        "cache of a clean page ends with the wakeups, locks dropped",
        [(vm_page_activate,)],
        vm_page_cache,
        (),
        [
            "check whether the page may be cached",
            "look again now that nothing maps the page",
            TAKE_PAGE,
            *LEAVE,
            *JOIN,
            LEAVE_QUEUE,
            LEAVE_PAGE,
            *WAKEUP,
            *WAITERS,
        ],
    ),
    (
        "cache of a held page only releases it",
        [(vm_page_hold,)],
        vm_page_cache,
        (),
        ["check whether the page may be cached", *WAKEUP],
    ),
    (
        "the last unhold of a freed page moves it from HOLD to FREE",
        [(vm_page_hold,), (vm_page_free,)],
        vm_page_unhold,
        (),
        [
            "check that the page is held",
            "decrement hold_count",
            "check whether the page is on HOLD",
            TAKE_PAGE,
            "look again, locked",
            *LEAVE,
            *JOIN,
            LEAVE_QUEUE,
            LEAVE_PAGE,
        ],
    ),
]


@pytest.mark.parametrize(
    ("before", "function", "arguments", "expected"),
    [row[1:] for row in ORDERS],
    ids=[row[0] for row in ORDERS],
)
def test_the_order_of_steps(before: Any, function: Any, arguments: Any, expected: list[str]) -> None:
    vm = machine()
    m = prepared(vm, before)
    assert drive(function(vm, m, *arguments))[0] == expected


def test_the_order_of_an_allocation_without_object() -> None:
    vm = machine()
    actions, m = drive(vm_page_alloc(vm, NO_OBJECT, 5, VM_ALLOC_NORMAL))
    assert actions == ALLOC
    assert (vm.page.queue[m], vm.page.pc[m]) == (0, 5)


def test_a_freed_page_is_the_next_one_allocated_at_its_colour() -> None:
    vm = machine()
    m = prepared(vm, [(vm_page_free,)])
    assert vm.queue.head[PQ_FREE + 5] == m
    assert drive(vm_page_alloc(vm, NO_OBJECT, 5, VM_ALLOC_NORMAL))[1] == m


def test_each_held_lock_comes_with_the_cell_that_records_it() -> None:
    text = """
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_object_hold(disk)
vm_object_hold(heap)
vm_page_spin_lock(m)
"""
    head = 'format = 1\ntitle = "Locks"\n[machine]\nmemory = "4 MiB"\n[[object]]\nname = "heap"\n'
    thread = f'[[object]]\nname = "disk"\n[[thread]]\nname = "app"\nscript = """{text}"""\n'
    history = load_text(head + thread).start()
    history.extend(1_000)
    vm, t = history.vm, Thread(0)
    held = held_lock_cells(vm, t)
    assert [lock for lock, _ in held] == held_locks(vm, t)
    assert [lock_name(vm, lock) for lock, _ in held] == ["page 0x40", "token of disk", "token of heap"]
    spin, *tokens = [address for _, address in held]
    assert vm.memory.cells[spin] == t + 1
    assert [vm.memory.place_of(address)[0].name for address in tokens] == ["object", "object"]
