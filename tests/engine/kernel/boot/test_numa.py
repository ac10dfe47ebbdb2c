"""Colours by socket, and the levelling of the lists afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import PAGE_SIZE, PQ_FREE
from engine.kernel.boot.sequence import (
    boot,
    load_kernel,
    run_to_the_end,
    vm_numa_organize,
    vm_numa_organize_finalize,
    vm_page_startup,
)
from engine.kernel.color import twisted
from engine.machine.machine import Machine, MachineConfig, Switches
from engine.machine.rules import Rules
from engine.machine.topology import Hardware, Topology, parse_spec

MIB = 1 << 20


def started(topology: Topology, size: int = 64 * MIB, colors: int = 1024, rules: str = "document") -> Machine:
    hardware = Hardware("started", topology, ((0, size),))
    vm = load_kernel(MachineConfig(hardware, Rules.named(rules), colors))
    run_to_the_end(vm_page_startup, vm)
    return vm


def free_lengths(vm: Machine) -> list[int]:
    lengths: list[int] = vm.memory.vector("queue.lcnt")[PQ_FREE : PQ_FREE + vm.colors].tolist()
    return lengths


def test_each_sockets_pages_have_its_share_of_the_colors() -> None:
    hardware = parse_spec("two-socket")
    assert hardware is not None
    vm = load_kernel(MachineConfig(hardware))
    run_to_the_end(vm_page_startup, vm)
    for entry in hardware.numa:
        run_to_the_end(vm_numa_organize, vm, entry.beg, entry.size, entry.physid)
    pc = vm.memory.vector("page.pc")[: vm.vm_page_array_size]
    half = vm.vm_page_array_size // 2
    assert (pc[:half] < 512).all()
    assert (pc[half:] >= 512).all()


@pytest.mark.parametrize(
    "topology",
    [Topology.grid(1, 4, 2), Topology.grid(2, 1, 1), Topology.grid(1, 1, 1)],
    ids=["one socket", "sockets without a core level", "one cpu"],
)
def test_organize_does_nothing_on(topology: Topology) -> None:
    vm = started(topology)
    before = vm.memory.digest()
    run_to_the_end(vm_numa_organize, vm, 0, 32 * MIB, 1)
    assert vm.memory.digest() == before


@pytest.mark.parametrize("colors", [1, 64])
def test_without_numa_color_pages_keep_the_colors_of_their_addresses(colors: int) -> None:
    hardware = parse_spec("16MiB:2x2x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware, colors=colors, switches=Switches(numa_color=False)))
    free = np.flatnonzero(vm.memory.vector("page.queue")[: vm.vm_page_array_size])
    by_address = twisted(vm.first_page, vm.first_page + vm.vm_page_array_size, colors)
    assert vm.memory.vector("page.pc")[free].tolist() == by_address[free].tolist()
    assert (vm.warnings, vm.colors_by_socket) == ([], False)


def test_fewer_colors_than_sockets_warn_once_and_move_nothing() -> None:
    vm = started(Topology.grid(4, 2, 1), colors=2)
    before = vm.memory.digest()
    for physid in range(4):
        run_to_the_end(vm_numa_organize, vm, 0, 32 * MIB, physid)
    assert vm.memory.digest() == before
    assert vm.warnings == [
        "2 colors cannot be divided among 4 sockets; pages keep the colors of their addresses"
    ]


@pytest.mark.parametrize(
    ("claim", "beg", "size", "moved"),
    [
        ("a page begun before the end belongs to the range", 0, 8 * PAGE_SIZE + 1, range(9)),
        ("an unaligned range strides from its beginning", PAGE_SIZE + 2048, 2 * PAGE_SIZE, range(1, 3)),
        ("a range beyond memory is cut", 64 * MIB - 2 * PAGE_SIZE, MIB, range(16382, 16384)),
        ("a range of no bytes has no page", 2048, 0, range(0)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_pages_of_a_range(claim: str, beg: int, size: int, moved: range) -> None:
    del claim
    vm = started(Topology.grid(2, 2, 1))
    pc = vm.memory.vector("page.pc")
    pc[:] = 0
    run_to_the_end(vm_numa_organize, vm, beg, size, 1)
    assert np.flatnonzero(pc).tolist() == list(moved)


def test_organize_does_not_change_the_counters() -> None:
    vm = started(Topology.grid(2, 2, 1))
    before = vm.memory.vector("vmstats.count").copy()
    run_to_the_end(vm_numa_organize, vm, 0, 32 * MIB, 1)
    assert np.array_equal(vm.memory.vector("vmstats.count"), before)


@pytest.mark.parametrize(
    ("rules", "least"),
    [("document", 11), ("source", 10)],
    ids=["the average over all free lists", "the average the kernel takes, one index too low"],
)
def test_finalize_fills_the_colors_of_a_socket_without_memory(rules: str, least: int) -> None:
    vm = started(Topology.grid(2, 2, 1), rules=rules)
    run_to_the_end(vm_numa_organize, vm, 0, 64 * MIB, 0)
    assert free_lengths(vm)[512:] == [0] * 512
    run_to_the_end(vm_numa_organize_finalize, vm)
    assert min(free_lengths(vm)) >= least - 1
    assert sum(free_lengths(vm)) == 11775


def test_finalize_reports_the_average_and_the_reachable_colors() -> None:
    vm = started(Topology.grid(2, 3, 2))
    run_to_the_end(vm_numa_organize_finalize, vm)
    text = "vm_page: avg 11 pages per queue, 1020 queues"
    assert vm.effects == [("kprintf", text, "vm_page: avg ")]


def test_more_cpus_than_colors_level_all_colors() -> None:
    vm = started(Topology.grid(2, 16, 2), colors=16)
    run_to_the_end(vm_numa_organize_finalize, vm)
    assert vm.effects[-1][1] == "vm_page: avg 735 pages per queue, 16 queues"


def test_a_large_socket_without_memory_is_levelled_in_rounds() -> None:
    hardware = parse_spec("1GiB:2x16x2")
    assert hardware is not None
    lopsided = Hardware("lopsided", hardware.topology, hardware.phys_avail, hardware.numa[:1], True)
    vm = boot(MachineConfig(lopsided))
    assert min(free_lengths(vm)) > 0
