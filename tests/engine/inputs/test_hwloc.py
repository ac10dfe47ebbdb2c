"""Machines from hwloc files: the sample machines counted by hand, small exports of lstopo, and odd ones."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constants import PAGE_SIZE
from engine.errors import BadInput
from engine.inputs.hwloc import parse_hwloc, read_hwloc
from engine.kernel.boot.sequence import boot
from engine.machine.machine import MachineConfig
from engine.machine.topology import MAX_PAGES, Hardware

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "topologies"
MACHINES = Path(__file__).parent / "machines"
GIB = 1 << 30
MIB = 1 << 20
HOLE_PAGES = 97

DRAM_FIRST = [(0, 0), (7, None), (1, 0), (4, None), (2, 0), (5, None), (3, 0), (6, None)]
"""The DRAM nodes 0 to 3 have the cpus; 4 to 7 are memory beside them."""


def sample(name: str) -> Hardware:
    path = SAMPLES / f"{name}.xml"
    if not path.exists():
        pytest.skip(f"the sample {path} is not on this machine")
    return read_hwloc(path)


def machine(name: str) -> Hardware:
    return read_hwloc(MACHINES / f"{name}.xml")


def shape(hardware: Hardware) -> tuple[int, int, int, int]:
    t = hardware.topology
    return t.ncpus, t.phys_ids, t.core_ids, t.ht_ids


def owners(hardware: Hardware) -> list[tuple[int, int | None]]:
    return [(node.id, node.phys_id) for node in hardware.nodes]


def places(hardware: Hardware) -> list[tuple[int, int, int]]:
    return [(cpu.phys_id, cpu.core_id, cpu.ht_id) for cpu in hardware.topology.cpus]


def said(hardware: Hardware, words: str) -> bool:
    return any(words in warning for warning in hardware.warnings)


def check(hardware: Hardware) -> None:
    """What holds for every machine that is let through."""
    t = hardware.topology
    assert 1 <= t.ncpus <= 1024
    assert 1 <= t.phys_ids <= 1024
    assert len(set(places(hardware))) == t.ncpus
    bounds = [edge for stretch in hardware.phys_avail for edge in stretch]
    assert bounds == sorted(set(bounds))
    assert all(edge % PAGE_SIZE == 0 for edge in bounds)
    assert bounds[-1] <= MAX_PAGES * PAGE_SIZE
    assert sum(node.pages for node in hardware.nodes) == hardware.physmem > 0
    assert all(node.phys_id is None or 0 <= node.phys_id < t.phys_ids for node in hardware.nodes)
    assert all(0 <= entry.physid < t.phys_ids and entry.size > 0 for entry in hardware.numa)
    assert (hardware.scaled is None) == (not said(hardware, "scaled down proportionally"))


@pytest.mark.parametrize(
    ("name", "expected", "nodes"),
    [
        ("16amd64-8n2c-cpusets", (10, 8, 2, 1), [(1, 1), (2, 2), (3, 3), (5, None), (4, None)]),
        ("16em64t-4s2c2t-offlines", (7, 4, 2, 2), [(0, 0)]),
        ("24em64t-2n6c2t-pci", (24, 2, 6, 2), [(0, 0), (1, 1)]),
        ("32em64t-2n8c2t-pci-noio", (32, 2, 8, 2), [(0, 0), (1, 1)]),
        ("64intel64-heteromem", (64, 1, 16, 4), DRAM_FIRST),
        ("AMD-15h-Bulldozer-4xOpteron-6272", (64, 4, 16, 1), [(0, 0)]),
        ("Intel-Haswell-2xXeon-E5-2680v3", (24, 2, 12, 1), [(0, 0)]),
        ("Intel-RaptorLake-Corei7-1370P", (20, 1, 14, 2), [(0, 0)]),
        ("nvidiaDGX2", (4, 2, 2, 1), [(0, 0), (1, 1)]),
    ],
)
def test_sample_has_the_cpus_and_nodes_counted_by_hand(
    name: str, expected: tuple[int, int, int, int], nodes: list[tuple[int, int | None]]
) -> None:
    hardware = sample(name)
    assert shape(hardware) == expected
    assert owners(hardware) == nodes
    check(hardware)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("16amd64-8n2c-cpusets", "6 cpus offline or withheld, os_index 4,7-11"),
        ("16amd64-8n2c-cpusets", "3 nodes offline or withheld, os_index 0,6-7"),
        ("16amd64-8n2c-cpusets", "of the 8 sockets that the kernel assumes, 4-5 have no cpu"),
        ("16amd64-8n2c-cpusets", "node 4-5 has no cpu"),
        ("16amd64-8n2c-cpusets", "no memory is placed at socket 0,6-7"),
        ("16em64t-4s2c2t-offlines", "cpus 0-6 are os_index 0-1,3-4,6,12,15"),
        ("16em64t-4s2c2t-offlines", "spans several packages"),
        ("64intel64-heteromem", "the memory kinds 'DRAM', 'HBM'"),
        ("64intel64-heteromem", "nodes 0-3 are all memory of socket 0"),
        ("AMD-15h-Bulldozer-4xOpteron-6272", "1 GiB is assumed"),
        ("Intel-RaptorLake-Corei7-1370P", "cores differ in size, with 1-2 threads each"),
        ("Intel-RaptorLake-Corei7-1370P", "2 cpu kinds"),
        ("nvidiaDGX2", "1621972275200 bytes (1510.6 GiB)"),
    ],
)
def test_sample_says(name: str, words: str) -> None:
    assert said(sample(name), words)


def test_hybrid_cores_leave_their_second_slot_empty() -> None:
    threads = [ht for _, core, ht in places(sample("Intel-RaptorLake-Corei7-1370P")) if core >= 6]
    assert threads == [0] * 8


def test_too_large_a_sample_is_scaled_node_by_node() -> None:
    hardware = sample("nvidiaDGX2")
    described, modelled = hardware.scaled or (0, 0)
    assert described == 810234351616 + 811737923584
    assert MAX_PAGES - 2 <= modelled // PAGE_SIZE <= MAX_PAGES
    first = hardware.nodes[0].pages + HOLE_PAGES
    assert first == 810234351616 * MAX_PAGES * PAGE_SIZE // described // PAGE_SIZE
    assert hardware.phys_avail[-1][1] == modelled


@pytest.mark.parametrize(
    ("name", "expected", "nodes"),
    [
        ("two-sockets", (16, 2, 4, 2), [(0, 0), (1, 1)]),
        ("interleaved", (8, 2, 2, 2), [(0, 0)]),
        ("no-package", (4, 1, 4, 1), [(0, 0)]),
        ("packages-1-and-2", (4, 2, 2, 1), [(0, 1)]),
        ("node-above-packages", (4, 2, 2, 1), [(0, 0), (1, 1), (2, None)]),
        ("node-over-two-of-four", (8, 4, 2, 1), [(0, 0), (1, 2)]),
        ("nodes-at-two-levels", (8, 2, 4, 1), [(0, 0), (1, 0), (2, None), (3, 1), (4, 1), (5, None)]),
        ("version-1", (8, 2, 2, 2), [(0, 0), (1, 1)]),
    ],
)
def test_export_of_lstopo(
    name: str, expected: tuple[int, int, int, int], nodes: list[tuple[int, int | None]]
) -> None:
    hardware = machine(name)
    assert shape(hardware) == expected
    assert owners(hardware) == nodes
    check(hardware)


HBM = """<topology version="2.0">
 <object type="Machine" os_index="0" cpuset="0xf" nodeset="0xf">
  <object type="Package" os_index="0" cpuset="0x3">
   <object type="NUMANode" os_index="0" subtype="DRAM" cpuset="0x3" local_memory="33554432"/>
   <object type="NUMANode" os_index="2" subtype="HBM" cpuset="{}" local_memory="33554432"/>
   <object type="Core"><object type="PU" os_index="0"/></object>
   <object type="Core"><object type="PU" os_index="1"/></object>
  </object>
  <object type="Package" os_index="1" cpuset="0xc">
   <object type="NUMANode" os_index="1" subtype="DRAM" cpuset="0xc" local_memory="33554432"/>
   <object type="NUMANode" os_index="3" subtype="HBM" cpuset="{}" local_memory="33554432"/>
   <object type="Core"><object type="PU" os_index="2"/></object>
   <object type="Core"><object type="PU" os_index="3"/></object>
  </object>
 </object>
</topology>"""


@pytest.mark.parametrize(
    ("cpusets", "words"),
    [(("0x3", "0xc"), "node 2-3 shares its cpus"), (("0x0", "0x0"), "node 2-3 has no cpu")],
    ids=["with the cpus of the DRAM", "without cpus"],
)
def test_high_bandwidth_memory_keeps_the_colours_of_its_addresses(
    cpusets: tuple[str, str], words: str
) -> None:
    hardware = parse_hwloc(HBM.format(*cpusets).encode(), "hbm.xml", "hbm.xml")
    assert owners(hardware) == [(0, 0), (2, None), (1, 1), (3, None)]
    assert said(hardware, words)
    # Without the last step, which moves single pages between the colours.
    vm = boot(MachineConfig(replace(hardware, finalize=False)))
    colors = vm.memory.vector("page.pc")
    for node in hardware.nodes:
        (beg, end) = node.ranges[-1]
        first, beyond = beg // PAGE_SIZE - vm.first_page, end // PAGE_SIZE - vm.first_page
        low, high = int(colors[first:beyond].min()), int(colors[first:beyond].max())
        # A node that is not organized covers the colours of both sockets.
        bounds = (0, 1023) if node.phys_id is None else (512 * node.phys_id, 512 * node.phys_id + 511)
        assert (low, high) == bounds, node


def test_cpus_are_numbered_by_os_index_and_placed_by_rank() -> None:
    # lstopo was run so that core 0 has the PUs 0 and 4, core 1 the PUs 1 and 5, and so on.
    expected = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0), (0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)]
    assert places(machine("interleaved")) == expected


def test_packages_1_and_2_become_sockets_1_and_0() -> None:
    hardware = machine("packages-1-and-2")
    assert [phys for phys, _, _ in places(hardware)] == [1, 1, 0, 0]
    assert said(hardware, "modulo 2: 2 is socket 0")


def test_memory_is_laid_out_end_to_end_with_the_hole_cut_out() -> None:
    hardware = machine("two-sockets")
    assert hardware.phys_avail == ((0, 0x9F000), (0x100000, 2 * GIB))
    assert [node.ranges for node in hardware.nodes] == [((0, 0x9F000), (0x100000, GIB)), ((GIB, 2 * GIB),)]
    assert [(call.beg, call.size, call.physid) for call in hardware.numa] == [(0, GIB, 0), (GIB, GIB, 1)]
    assert hardware.finalize
    assert said(hardware, "takes 97 pages of node 0")


def test_a_node_above_packages_gets_no_organize_call() -> None:
    hardware = machine("node-above-packages")
    assert [call.physid for call in hardware.numa] == [0, 1]
    assert hardware.nodes[2].ranges == ((64 * MIB, 128 * MIB),)


def test_a_version_1_file_is_read_with_a_warning() -> None:
    hardware = machine("version-1")
    assert [node.pages for node in hardware.nodes] == [16384 - HOLE_PAGES, 16384]
    assert said(hardware, "read as hwloc 1,")


def outcome(content: bytes) -> None:
    """Either a sound machine or a refusal that names the file; anything else fails the test."""
    try:
        hardware = parse_hwloc(content, "mutant", "mutant.xml")
    except BadInput as error:
        refusal = error
    else:
        check(hardware)
        return
    assert refusal.line is not None
    assert "; " in refusal.message


ORIGINALS = [path.read_bytes() for path in sorted(MACHINES.glob("*.xml"))]


@given(st.data())
@settings(max_examples=100)
def test_a_mutated_file_is_a_machine_or_bad_input(draw: st.DataObject) -> None:
    content = bytearray(draw.draw(st.sampled_from(ORIGINALS)))
    for _ in range(draw.draw(st.integers(1, 6))):
        at = draw.draw(st.integers(0, max(len(content) - 1, 0)))
        length = draw.draw(st.sampled_from([0, 1, 2, 50, 5000]))
        content[at : at + length] = draw.draw(st.binary(max_size=3))
    outcome(bytes(content))


NASTY = (
    *("", "0", "1", "-1", "4294967295", "99999999999999999999", "68719476736", ",", "é", "&#9;", "&x;"),
    *("0x", "0x0", "0xf...f", "0xffffffff,,0x1", "Machine", "Package", "PU", "Core", "NUMANode", "MemCache"),
)


@given(st.data())
@settings(max_examples=100)
def test_a_file_with_other_values_is_a_machine_or_bad_input(draw: st.DataObject) -> None:
    parts = re.split('"', draw.draw(st.sampled_from(ORIGINALS)).decode())
    for _ in range(draw.draw(st.integers(1, 5))):
        at = draw.draw(st.integers(0, len(parts) // 2 - 1))
        parts[2 * at + 1] = draw.draw(st.sampled_from(NASTY))
    outcome('"'.join(parts).encode())
