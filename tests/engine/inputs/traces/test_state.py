"""What a trace line shows of an operation: the cells that it left changed, and what it did besides."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from engine.constants import (
    NULL,
    PG_MARKER,
    PG_REFERENCED,
    PQ_ACTIVE,
    PQ_HOLD,
    PQ_INACTIVE,
    PQ_NONE,
    V_FREE_COUNT,
    V_WIRE_COUNT,
    VMSTATS_SIZE,
)
from engine.inputs.traces.state import LONGEST_LIST, StateChanges, console
from engine.kernel.boot.sequence import boot
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGE, CHAN_PIP
from engine.machine.machine import Capacity, Machine, MachineConfig
from engine.machine.topology import Hardware, Topology

FIRST = 0x100
"""Number of the first page of memory."""

OBJECT = 2
"""A row of the object table; the trace calls it 5."""


@pytest.fixture
def vm() -> Machine:
    hardware = Hardware("state", Topology.grid(1, 2, 1), ((FIRST << 12, 0x500000),))
    return boot(MachineConfig(hardware, capacity=Capacity(objects=4, threads=4)))


@pytest.fixture
def changes(vm: Machine) -> StateChanges:
    vm.effects.clear()
    return StateChanges(vm, {OBJECT: 5})


def put(vm: Machine, q: int, *pages: int) -> None:
    """Make `pages` the list of queue `q`."""
    vm.queue.head[q] = pages[0] if pages else NULL
    for m, following in zip(pages, (*pages[1:], NULL), strict=True):
        vm.page.queue[m] = q
        vm.page.next[m] = following


def test_without_changes_the_delta_is_empty(changes: StateChanges) -> None:
    assert changes.collect() == {}
    assert changes.effects() == {}


def test_a_page_is_shown_whole_when_a_field_of_it_changed(vm: Machine, changes: StateChanges) -> None:
    vm.page.flags[7] = PG_REFERENCED
    vm.page.object[7] = OBJECT
    vm.page.pindex[7] = -2
    vm.page.queue[7] = PQ_NONE
    color = vm.page.pc[7]
    expected: list[Any] = [
        FIRST + 7,
        "NONE",
        None,
        color,
        PG_REFERENCED,
        0,
        0,
        0,
        0,
        0,
        0,
        5,
        (1 << 64) - 2,
        6,
    ]
    assert changes.collect()["pages"] == [[*expected, 0, 0]]
    assert changes.page_row(7) == [*expected, 0, 0]


def test_what_was_restored_is_not_shown_and_each_operation_starts_again(
    vm: Machine, changes: StateChanges
) -> None:
    for value in (1, 5, 0):
        vm.page.wire_count[7] = value
    assert changes.collect() == {}
    vm.page.wire_count[7] = 1
    assert [row[0] for row in changes.collect()["pages"]] == [FIRST + 7]
    assert changes.collect() == {}


def test_pages_are_in_the_order_of_their_numbers(vm: Machine, changes: StateChanges) -> None:
    for m in (900, 3, 40):
        vm.page.hold_count[m] = 1
    assert [row[0] for row in changes.collect()["pages"]] == [FIRST + 3, FIRST + 40, FIRST + 900]


def test_a_queue_is_shown_when_its_list_changed_and_its_page_did_not(
    vm: Machine, changes: StateChanges
) -> None:
    put(vm, PQ_ACTIVE + 9, 11, 12, 13)
    vm.queue.lcnt[PQ_ACTIVE + 9] = 3
    changes.collect()
    put(vm, PQ_ACTIVE + 9, 11, 13, 12)
    numbers = [FIRST + 11, FIRST + 13, FIRST + 12]
    assert changes.collect() == {"queues": [["ACTIVE", 9, 3, vm.queue.lastq[PQ_ACTIVE + 9], 0, numbers]]}


def test_a_long_queue_is_shown_by_its_length_and_checksum(vm: Machine, changes: StateChanges) -> None:
    q, pages = PQ_INACTIVE + 1, range(100, 100 + LONGEST_LIST)
    put(vm, q, *pages)
    assert changes.queue_row(q)[5] == [FIRST + m for m in pages]
    put(vm, q, *pages, 99)
    text = ",".join(str(FIRST + m) for m in (*pages, 99))
    assert changes.queue_row(q)[5] == {"n": LONGEST_LIST + 1, "crc32": zlib.crc32(text.encode())}


def test_a_marker_on_a_queue_is_not_shown(vm: Machine, changes: StateChanges) -> None:
    q, marker = PQ_ACTIVE + 3, vm.marker_base
    put(vm, q, 20, 21)
    changes.collect()
    vm.page.flags[marker] = PG_MARKER
    put(vm, q, marker, 20, 21)
    assert changes.collect() == {}
    assert changes.queue_row(q)[5] == [FIRST + 20, FIRST + 21]
    put(vm, q, 21, marker, 20)
    assert [row[:2] for row in changes.collect()["queues"]] == [["ACTIVE", 3]]


def test_a_queue_disturbed_and_restored_was_touched(vm: Machine, changes: StateChanges) -> None:
    q = PQ_HOLD + 4
    put(vm, q, 30, 31)
    changes.collect()
    put(vm, q, 31, 30)
    put(vm, q, 30, 31)
    assert changes.collect() == {}
    assert changes.touched_queues() == {q}
    changes.collect()
    assert changes.touched_queues() == set()


def test_counters_are_shown_by_name_where_they_changed(vm: Machine, changes: StateChanges) -> None:
    vm.vmstats.count[V_WIRE_COUNT] = 77
    vm.gd_vmstats.view[VMSTATS_SIZE + V_FREE_COUNT] = 5
    vm.gd_vmstats.adj[V_FREE_COUNT] = -1
    vm.cpu.v_tfree[1] = 3
    vm.gd_vmstats.taken[V_FREE_COUNT] = 9
    assert changes.collect() == {
        "vmstats": {"v_wire_count": 77},
        "cpus": [
            [0, {}, {"v_free_count": -1}, {}],
            [1, {"v_free_count": 5}, {}, {"v_tfree": 3}],
        ],
    }


def test_objects_the_hash_and_variables_are_shown_in_the_traces_names(
    vm: Machine, changes: StateChanges
) -> None:
    vm.object.ref_count[OBJECT] = 3
    vm.hash.m[6], vm.hash.object[6], vm.hash.pindex[6], vm.hash.ticks[6] = 8, OBJECT, -1, 44
    vm.hash.pindex[9] = 1
    vm.glob.bl_free[0] = 12
    assert changes.collect() == {
        "objects": [[5, 0, 0, 0, 0, 3]],
        "hash": [[6, FIRST + 8, 5, (1 << 64) - 1, 44], [9, None, None, 1, 0]],
        "globals": {"alist_free": 12},
    }


def test_an_objects_size_is_in_no_row_but_lists_the_object(vm: Machine, changes: StateChanges) -> None:
    vm.object.size[OBJECT] = 50
    assert changes.collect() == {"objects": [[5, 0, 0, 0, 0, 0]]}


@pytest.mark.parametrize(
    ("chan", "shown"),
    [
        (CHAN_FREE_COUNT, ["v_free_count"]),
        (CHAN_PAGE + 4, ["page", FIRST + 4]),
        (CHAN_PIP + OBJECT, ["pip", 5]),
    ],
)
def test_a_channel_is_named_as_in_a_trace(changes: StateChanges, chan: int, shown: list[Any]) -> None:
    assert changes.channel(chan) == shown


def test_effects_are_shown_in_their_order_and_in_the_traces_numbers(
    vm: Machine, changes: StateChanges
) -> None:
    vm.effects += [
        ("sleep", CHAN_FREE_COUNT, "vmwait", 0),
        ("wakeup", CHAN_PAGE + 4, (2, 1)),
        ("wakeup", CHAN_FREE_COUNT, (3,), "timeout"),
        ("zero_area", 4, 512, 100),
        ("put_pages", OBJECT, 0x20, (4, 6)),
        ("collect",),
        ("kprintf", "freed 3 pages", "freed %d pages"),
    ]
    assert changes.effects() == {
        "wakeups": [[["page", FIRST + 4], [2, 1]], [["v_free_count"], [3], "timeout"]],
        "pmap": [
            ["zero_area", FIRST + 4, 512, 100],
            ["put_pages", 5, 0x20, [FIRST + 4, FIRST + 6]],
            ["collect"],
        ],
        "kprintf": ["freed "],
    }


def test_a_message_is_its_format_up_to_the_first_number_or_line_end() -> None:
    effects = [("kprintf", "one\ntwo"), ("wakeup", 1, ()), ("kprintf", "7 left", "%d left"), ("kprintf", "x")]
    assert console(effects) == ["one", "", "x"]
