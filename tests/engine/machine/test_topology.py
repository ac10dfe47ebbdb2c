"""Hardware as firmware reports it: topologies, sizes, nodes, and named machines."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.machine.topology import (
    MAX_CPUS,
    MAX_PAGES,
    PRESETS,
    CpuPlace,
    Hardware,
    Node,
    NumaRange,
    Topology,
    parse_grid,
    parse_size,
    parse_spec,
    regular,
)

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


def levels(topology: Topology) -> tuple[int, int, int]:
    return topology.phys_ids, topology.core_ids, topology.ht_ids


# --- topologies ---------------------------------------------------------------------------------------------


def test_the_cpus_of_a_grid_are_numbered_thread_by_thread() -> None:
    topology = Topology.grid(2, 1, 2)
    assert topology.cpus == (CpuPlace(0, 0, 0), CpuPlace(0, 0, 1), CpuPlace(1, 0, 0), CpuPlace(1, 0, 1))
    assert levels(topology) == (2, 1, 2)


@pytest.mark.parametrize(
    ("chips", "phys_ids", "sockets"),
    [((0, 1), 2, [0, 1]), ((1, 2), 2, [1, 0]), ((3, 3), 1, [0, 0]), ((0, 5), 6, [0, 5]), ((4, 6), 3, [1, 0])],
)
def test_sockets_span_the_chip_numbers_and_each_is_taken_modulo_the_span(
    chips: tuple[int, int], phys_ids: int, sockets: list[int]
) -> None:
    topology = Topology.detect([CpuPlace(chip, core, 0) for chip in chips for core in (0, 1)])
    assert topology.phys_ids == phys_ids
    assert [place.phys_id for place in topology.cpus] == [sockets[0]] * 2 + [sockets[1]] * 2


def test_sockets_of_one_core_of_one_thread_have_no_core_level() -> None:
    assert levels(Topology.grid(4, 1, 1)) == (4, 0, 0)
    assert not Topology.grid(4, 1, 1).known
    assert levels(Topology.grid(4, 1, 2)) == (4, 1, 2)
    assert Topology.grid(4, 1, 2).known
    assert Topology.grid(1, 2, 1).known


@pytest.mark.parametrize(("cpus", "fit"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (1024, 1024)])
def test_the_number_of_cpus_is_fitted_to_a_power_of_two(cpus: int, fit: int) -> None:
    topology = Topology.grid(1, cpus, 1)
    assert (topology.ncpus, topology.ncpus_fit) == (cpus, fit)


# --- memory -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranges", "pages"),
    [
        (((0, 8192),), 2),
        (((1, 8192),), 1),
        (((0, 8191),), 1),
        (((4095, 4097),), 0),
        (((0, 4096), (8192, 16384)), 3),
        ((), 0),
    ],
)
def test_only_whole_frames_count(ranges: tuple[tuple[int, int], ...], pages: int) -> None:
    assert Node(0, 0, ranges).pages == pages
    assert Hardware("t", Topology.grid(1, 1, 1), ranges).physmem == pages


def test_a_given_number_of_frames_takes_precedence_over_the_ranges() -> None:
    assert Hardware("t", Topology.grid(1, 1, 1), ((0, 8192),), frames=77).physmem == 77


def test_each_socket_of_a_regular_machine_has_the_same_share_of_memory() -> None:
    machine = regular("m", 8 * MIB, Topology.grid(2, 2, 1))
    assert (machine.name, machine.phys_avail) == ("m", ((0, 8 * MIB),))
    assert machine.numa == (NumaRange(0, 4 * MIB, 0), NumaRange(4 * MIB, 4 * MIB, 1))
    assert machine.nodes == (Node(0, 0, ((0, 4 * MIB),)), Node(1, 1, ((4 * MIB, 8 * MIB),)))
    assert machine.finalize


def test_the_last_socket_gets_the_remainder() -> None:
    machine = regular("m", 1024 * KIB, Topology.grid(3, 2, 1))
    # 256 pages over three sockets.
    assert [node.pages for node in machine.nodes] == [85, 85, 86]


def test_a_machine_of_one_socket_organizes_no_memory() -> None:
    machine = regular("m", 4 * MIB, Topology.grid(1, 2, 1))
    assert (machine.numa, machine.finalize, len(machine.nodes)) == ((), False, 1)


def test_memory_is_bounded() -> None:
    topology = Topology.grid(1, 1, 1)
    assert regular("m", MIB, topology).physmem == 256
    assert regular("m", 64 * GIB, topology).physmem == MAX_PAGES
    with pytest.raises(BadInput, match="1048575 bytes of memory are too few to boot; the minimum is 1MiB"):
        regular("m", MIB - 1, topology)
    with pytest.raises(BadInput, match=r"16777217 pages are too many; the model holds 16777216 \(64GiB\)"):
        regular("m", 64 * GIB + 4096, topology)


# --- text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4096", 4096),
        ("4096B", 4096),
        ("16MiB", 16 * MIB),
        (" 16 mb ", 16 * MIB),
        ("16m", 16 * MIB),
        ("1.5G", 3 * GIB // 2),
        ("0.5KiB", 512),
        ("2T", 2048 * GIB),
        ("0", 0),
    ],
)
def test_a_size_is_read_in_any_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MiB", "-1", "1 X", "1e3", "0x10", "1,5G", ".5G", "1.G", "9" * 33])
def test_a_text_that_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a memory size; write one like 16MiB or 64GiB"):
        parse_size(text)


def test_a_size_is_a_whole_number_of_bytes() -> None:
    with pytest.raises(BadInput, match=r"'1\.5' is not a whole number of bytes; write one like 1536KiB"):
        parse_size("1.5")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2x4", "'2x4' is not a topology; write SOCKETSxCORESxTHREADS, such as 2x4x2"),
        ("2X4X2", "is not a topology"),
        ("-1x1x1", "is not a topology"),
        ("1x1x1x1", "is not a topology"),
        ("1" * 33 + "x1x1", "is not a topology"),
        ("2x0x2", "topology '2x0x2' has no cpu; each of the three numbers must be at least 1"),
        ("1x1025x1", "topology '1x1025x1' has more than 1024 cpus; the model holds 1024"),
    ],
)
def test_a_text_that_is_not_a_topology_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_grid(text)


def test_a_topology_of_the_maximum_number_of_cpus_is_read() -> None:
    assert parse_grid(" 2x4x2 ") == Topology.grid(2, 4, 2)
    assert parse_grid("8x64x2").ncpus == MAX_CPUS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_the_machine_of_its_specification_under_its_own_name(name: str) -> None:
    preset, spelt = parse_spec(name), parse_spec(PRESETS[name])
    assert preset is not None
    assert spelt is not None
    assert (preset.name, spelt.name) == (name, PRESETS[name])
    assert (preset.topology, preset.phys_avail) == (spelt.topology, spelt.phys_avail)


@pytest.mark.parametrize(
    "text", ["", "tiny2", "4MiB", "host", "machine.xml", "a:b", "4MiB:", "4MiB:two", "x:1x1x1"]
)
def test_a_text_of_another_form_is_not_a_specification(text: str) -> None:
    assert parse_spec(text) is None


@pytest.mark.parametrize("text", ["4MiB:1x1", "64MiB:0x1x1", "1KiB:1x1x1", "1.5:1x1x1", "128GiB:1x1x1"])
def test_a_specification_that_cannot_be_built_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="; "):
        parse_spec(text)
