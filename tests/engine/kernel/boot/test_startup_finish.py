"""The end of boot: the search window, what is left of the reserve, the page hash."""

from __future__ import annotations

from unittest import mock

import pytest

from engine.constants import PQ_INACTIVE, V_FREE_COUNT, V_WIRE_COUNT
from engine.kernel.alist import alist_alloc
from engine.kernel.boot import startup_finish
from engine.kernel.boot.sequence import load_kernel, run_to_the_end, vm_page_startup, vm_page_startup_finish
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.topology import Hardware, Topology

MIB = 1 << 20


def started(ranges: tuple[tuple[int, int], ...], dma_reserved: int = 0) -> Machine:
    vm = load_kernel(
        MachineConfig(Hardware("started", Topology.grid(1, 1, 1), ranges, dma_reserved=dma_reserved))
    )
    run_to_the_end(vm_page_startup, vm)
    return vm


@pytest.mark.parametrize(
    ("ncpus", "mask"),
    [(1, 1023), (2, 511), (3, 255), (4, 255), (8, 127), (16, 63), (32, 31), (64, 15), (256, 15)],
)
def test_the_kernels_window_is_never_below_16_colors(ncpus: int, mask: int) -> None:
    hardware = Hardware("cpus", Topology.grid(1, ncpus, 1), ((0, MIB),))
    vm = load_kernel(MachineConfig(hardware, Rules.named("source")))
    assert startup_finish.initial_assoc_mask(vm) == mask


@pytest.mark.parametrize(("colors", "mask"), [(1024, 15), (16, 15), (8, 7), (1, 0)])
@pytest.mark.parametrize("rules", ["document", "source"])
def test_the_window_fits_into_the_colors(rules: str, colors: int, mask: int) -> None:
    hardware = Hardware("cpus", Topology.grid(1, 64, 1), ((0, MIB),))
    vm = load_kernel(MachineConfig(hardware, Rules.named(rules), colors))
    assert startup_finish.initial_assoc_mask(vm) == mask


def test_the_reserve_is_given_back_from_the_top_in_powers_of_two() -> None:
    vm = started(((0x10000, 0x9F000), (0x100000, 0x80000000)), dma_reserved=128 * MIB)
    blocks: list[tuple[int, int]] = []

    def alloc(vm: Machine, start: int, count: int) -> int:
        blocks.append((start, count))
        return alist_alloc(vm, start, count)

    with mock.patch.object(startup_finish, "alist_alloc", alloc):
        run_to_the_end(vm_page_startup_finish, vm)
    halves = [(57344, 8192), (49152, 8192), (40960, 8192), (36864, 4096)]
    nodes = [(start, 512) for start in range(36352, 33279, -512)]
    rest = [(33024, 256), (32992, 32), (32960, 32), (32928, 32), (32896, 32), (32888, 8)]
    singles = [(block, 1) for block in range(32887, 32880, -1)]
    assert blocks == halves + nodes + rest + singles
    assert vm.glob.vm_low_phys_reserved[0] == 32881 << 12
    assert vm.glob.bl_free[0] == 32768


def test_a_reserve_below_what_is_to_be_kept_stays_whole() -> None:
    vm = started(((0, 16 * MIB),), dma_reserved=64 * MIB)
    run_to_the_end(vm_page_startup_finish, vm)
    assert vm.glob.bl_free[0] == 1024
    assert not vm.cpu.v_tfree[0]


def test_a_page_given_back_passes_through_inactive() -> None:
    vm = started(((0, 16 * MIB),))
    run_to_the_end(vm_page_startup_finish, vm)
    assert vm.gd_vmstats.adj[V_WIRE_COUNT] == -768
    assert vm.gd_vmstats.adj[V_FREE_COUNT] == vm.cpu.v_tfree[0] == 768
    assert sum(vm.queue.adds[PQ_INACTIVE + color] for color in range(vm.colors)) == 768
    assert not any(vm.queue.lcnt[PQ_INACTIVE + color] for color in range(vm.colors))


def test_the_report_counts_what_drivers_took() -> None:
    vm = started(((0, 16 * MIB),))
    alist_alloc(vm, 0, 16)
    run_to_the_end(vm_page_startup_finish, vm)
    text = "DMA space used: 64k, remaining available: 1024k"
    assert vm.effects == [("kprintf", text, "DMA space used: ")]


@pytest.mark.parametrize(("size", "elements"), [(16 * MIB, 4096), (512 * MIB, 8192), (1024 * MIB, 16384)])
def test_the_hash_has_an_element_for_16_pages(size: int, elements: int) -> None:
    vm = started(((0, size),))
    assert vm.glob.vm_page_hash_size[0] == 0
    run_to_the_end(vm_page_startup_finish, vm)
    assert vm.glob.vm_page_hash_size[0] == elements
