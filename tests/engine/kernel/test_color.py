"""Colours: a page's colour by its address, and where a cpu starts its search."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import Cpu, Obj
from engine.kernel.boot.sequence import load_kernel
from engine.kernel.color import twist, twisted, vm_get_pg_color
from engine.machine.machine import Machine, MachineConfig, Switches
from engine.machine.tables import NO_OBJECT
from engine.machine.topology import Hardware, Topology

MIB = 1 << 20


def machine(topology: Topology, colors: int = 1024, numa_color: bool = True) -> Machine:
    hardware = Hardware("colored", topology, ((0, MIB),))
    return load_kernel(MachineConfig(hardware, colors=colors, switches=Switches(numa_color=numa_color)))


@pytest.mark.parametrize("colors", [1, 2, 16, 1024])
def test_the_vector_of_colors_is_the_color_of_each(colors: int) -> None:
    first = (3 << 20) + 1000
    expected = [twist(ppn, colors) for ppn in range(first, first + 3000)]
    assert twisted(first, first + 3000, colors).tolist() == expected


def test_consecutive_pages_of_an_aligned_block_have_all_colors() -> None:
    assert np.unique(twisted(7 << 10, 8 << 10, 1024)).size == 1024


@pytest.mark.parametrize(
    ("ppn", "color"), [(5, 5), (1024, 1), (1025, 0), (1 << 20, 1), ((1 << 20) + 1024, 0)]
)
def test_the_digits_of_a_page_number_are_folded(ppn: int, color: int) -> None:
    assert twist(ppn, 1024) == color


@pytest.mark.parametrize(
    ("claim", "topology", "cpu", "pindex", "color"),
    [
        ("socket, core and thread each choose a stretch", (2, 4, 2), 13, 3, 512 + 2 * 128 + 64 + 3),
        ("pages of an object stay within the stretch", (2, 4, 2), 13, 64 + 3, 512 + 2 * 128 + 64 + 3),
        ("divisions truncate", (3, 3, 2), 17, 0, 2 * 341 + 2 * 113 + 56),
        ("an unknown topology divides by cpus", (3, 1, 1), 2, 342, 2 * 341 + 1),
        ("a page index is unsigned", (3, 1, 1), 0, -1, (2**64 - 1) % 341),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_color_asked_for(
    claim: str, topology: tuple[int, int, int], cpu: int, pindex: int, color: int
) -> None:
    del claim
    assert vm_get_pg_color(machine(Topology.grid(*topology)), Cpu(cpu), NO_OBJECT, pindex) == color


def test_without_numa_color_each_cpu_has_its_part_as_with_an_unknown_topology() -> None:
    topology = Topology.grid(2, 3, 2)
    vm = machine(topology, numa_color=False)
    assert [vm_get_pg_color(vm, Cpu(cpu), NO_OBJECT, 3) for cpu in (0, 11)] == [3, 11 * 85 + 3]
    assert vm_get_pg_color(machine(topology), Cpu(11), NO_OBJECT, 3) == 512 + 2 * 170 + 85 + 3
    assert not vm.colors_by_topology


def test_an_objects_color_shifts_its_pages() -> None:
    vm = machine(Topology.grid(2, 4, 2))
    vm.object.pg_color[3] = 60
    assert [vm_get_pg_color(vm, Cpu(0), Obj(3), pindex) for pindex in (0, 3, 4)] == [60, 63, 0]


def test_more_cpus_than_colors_still_have_one_color_each() -> None:
    vm = machine(Topology.grid(2, 16, 2), colors=8)
    colors = {
        vm_get_pg_color(vm, Cpu(cpu), NO_OBJECT, pindex) for cpu in range(vm.ncpus) for pindex in range(9)
    }
    assert colors <= set(range(8))
