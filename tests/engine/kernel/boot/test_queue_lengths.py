"""A machine that begins with given queue lengths: each page is where the kernel would have it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import (
    ACT_INIT,
    NULL,
    OBJT_VNODE,
    PQ_ACTIVE,
    PQ_CACHE,
    PQ_FREE,
    PQ_HOLD,
    PQ_INACTIVE,
    PQ_NONE,
    V_FREE_COUNT,
    V_PAGE_COUNT,
    V_WIRE_COUNT,
    VMSTATS_SIZE,
    Obj,
)
from engine.errors import CapacityError
from engine.invariants import violations
from engine.kernel.boot.queue_lengths import fill_queues, missing_pages
from engine.kernel.boot.sequence import boot
from engine.kernel.object_life import BOOT_THREAD, make_object
from engine.machine.counters import UNKNOWN, Counters
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec

BASES = {"free": PQ_FREE, "cache": PQ_CACHE, "active": PQ_ACTIVE, "inactive": PQ_INACTIVE, "hold": PQ_HOLD}

NONE, TWO = (0, 0, 0, 0), (2, 0, 0, 0)


def filled(spec: str, counters: Counters) -> Machine:
    hardware = parse_spec(spec)
    assert hardware is not None
    vm = boot(MachineConfig(hardware, colors=counters.colors))
    assert not missing_pages(vm, counters).any()
    make_object(vm, Obj(0), OBJT_VNODE, counters.placed, BOOT_THREAD)
    fill_queues(vm, counters, Obj(0))
    return vm


def uneven(colors: int, most: int) -> Counters:
    """Lengths that differ from colour to colour, with empty queues among them."""
    numbers = [7 * color % (most + 1) for color in range(colors)]
    free, cache, active, inactive, hold = (
        tuple(n // divisor for n in numbers) for divisor in (3, 5, 2, 1, 7)
    )
    return Counters(free, cache, active, inactive, hold, "test")


def chain(vm: Machine, queue: int) -> list[int]:
    """The pages of a queue from its head on."""
    found: list[int] = []
    m = vm.queue.head[queue]
    while m != NULL:
        found.append(m)
        m = vm.page.next[m]
    return found


@pytest.mark.parametrize(
    ("spec", "colors", "most"),
    [("16MiB:1x2x1", 16, 40), ("4MiB:1x1x1", 1, 200), ("64MiB:2x4x2", 1024, 4), ("96MiB:2x1x1", 64, 90)],
)
def test_every_queue_gets_its_length_and_all_invariants_hold(spec: str, colors: int, most: int) -> None:
    counters = uneven(colors, most)
    vm = filled(spec, counters)
    lcnt = vm.memory.vector("queue.lcnt")
    for name, base in BASES.items():
        assert tuple(lcnt[base : base + colors].tolist()) == getattr(counters, name), name
    assert violations(vm) == []
    count = vm.vmstats.count
    assert count[V_WIRE_COUNT] == count[V_PAGE_COUNT] - sum(counters.needed)
    assert count[V_FREE_COUNT] == sum(counters.free)
    views = vm.memory.vector("gd_vmstats.view").reshape(vm.ncpus, VMSTATS_SIZE)
    assert (views == vm.memory.vector("vmstats.count")).all()
    assert not vm.memory.vector("gd_vmstats.adj").any()
    assert filled(spec, counters).memory.digest() == vm.memory.digest()


def test_the_pages_of_a_colour_are_dealt_out_from_the_highest_down() -> None:
    vm = filled("4MiB:1x1x1", Counters((3, 9), (1, 0), (2, 3), (4, 2), (1, 1), "test"))
    for color in range(2):
        own = np.flatnonzero(vm.memory.vector("page.pc")[: vm.page_entries] == color)
        queues = vm.memory.vector("page.queue")[own]
        order = [base for base in (PQ_ACTIVE, PQ_INACTIVE, PQ_CACHE, PQ_HOLD, PQ_FREE) if base]
        dealt = [m for base in order for m in chain(vm, base + color)]
        assert dealt == sorted(dealt, reverse=True)
        wired = own[(queues == PQ_NONE) & (vm.memory.vector("page.flags")[own] == 0)]
        wired = wired[vm.memory.vector("page.wire_count")[wired] == 1]
        assert len(wired) > 100
        assert wired.min() > dealt[0]


def test_pages_are_in_the_object_in_rounds_of_the_colours_and_look_clean() -> None:
    counters = Counters((3, 9), (1, 0), (2, 3), (4, 2), (1, 1), "test")
    vm = filled("4MiB:1x1x1", counters)
    along = {
        base: [[vm.page.pindex[m] for m in chain(vm, base + color)] for color in range(2)]
        for base in (PQ_ACTIVE, PQ_INACTIVE, PQ_CACHE)
    }
    assert along == {
        PQ_ACTIVE: [[0, 2], [1, 3, 4]],
        PQ_INACTIVE: [[5, 7, 9, 10], [6, 8]],
        PQ_CACHE: [[11], []],
    }
    pages = [vm.find_page(0, pindex) for pindex in range(counters.placed)]
    assert {(vm.page.valid[m], vm.page.dirty[m], vm.page.flags[m], vm.page.wire_count[m]) for m in pages} == {
        (0xFF, 0, 0, 0)
    }
    assert [vm.page.act_count[m] for m in pages] == [ACT_INIT] * 5 + [0] * 7
    assert [vm.page.hold_count[m] for color in range(2) for m in chain(vm, PQ_HOLD + color)] == [1, 1]
    assert [
        vm.queue.adds[PQ_INACTIVE + color] >= length for color, length in enumerate(counters.inactive)
    ] == [
        True,
        True,
    ]
    assert (vm.object.resident_page_count[0], vm.cpu.t_rm[0]) == (12, 12)


def test_what_is_left_stays_free_where_the_free_length_is_not_known() -> None:
    bare = filled("4MiB:1x1x1", Counters((UNKNOWN,) * 4, NONE, NONE, NONE, NONE, "test"))
    vm = filled("4MiB:1x1x1", Counters((UNKNOWN, 5, 0, UNKNOWN), TWO, TWO, TWO, TWO, "test"))
    was, now = (one.memory.vector("queue.lcnt", PQ_FREE, 4).tolist() for one in (bare, vm))
    assert now == [was[0] - 8, 5, 0, was[3]]
    assert chain(vm, PQ_FREE + 3) == chain(bare, PQ_FREE + 3)
    assert violations(vm) == []


def test_what_a_machine_lacks_is_counted_by_colour() -> None:
    hardware = parse_spec("4MiB:1x1x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware, colors=4))
    has = vm.queue.lcnt[PQ_FREE + 2]
    short = Counters((0, 0, has, 0), (0, 0, 3, 0), NONE, NONE, NONE, "test")
    assert missing_pages(vm, short).tolist() == [0, 0, 3, 0]


def test_an_object_table_without_room_is_an_error_of_capacity() -> None:
    hardware = parse_spec("4MiB:1x1x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware, colors=1))
    vm.resident_slots.capacity = 9
    with pytest.raises(CapacityError, match="pages of objects: more than 9"):
        fill_queues(vm, Counters((0,), (0,), (0,), (10,), (0,), "test"), Obj(0))
