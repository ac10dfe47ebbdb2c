"""The header of a trace: bad headers, impossible machines, and the machine that it describes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs.traces.machine import read_header
from engine.inputs.traces.report import ABSENT
from engine.machine.rules import Rules
from engine.machine.topology import CpuPlace, NumaRange
from tests.engine.inputs.recorded_traces import OBJECT_BASE, Line, header


def complaints(**config: Any) -> list[tuple[str, Any, Any]]:
    return list(read_header(header(**config)).complaints)


def test_a_header_describes_its_machine() -> None:
    found = read_header(header(vm_dma_reserved=65536, ticks=-5))
    assert (found.object_base, found.complaints, found.brief) == (OBJECT_BASE, (), False)
    assert found.config is not None
    hardware = found.config.hardware
    assert hardware.topology.cpus == (CpuPlace(0, 0, 0), CpuPlace(511, 0, 0))
    assert (hardware.topology.phys_ids, hardware.topology.core_ids, hardware.topology.ht_ids) == (512, 1, 1)
    assert hardware.phys_avail == ((4096, 6 << 20),)
    assert hardware.numa == (NumaRange(0, 6 << 20, 0),)
    assert (hardware.finalize, hardware.dma_reserved, hardware.physmem) == (False, 65536, 1535)
    assert found.config.ticks == -5
    assert found.config.rules == Rules.named("source")


def test_the_boot_steps_follow_from_the_header() -> None:
    organized = {"ran_beg": 0, "bytes": 6 << 20, "physid": 0}
    assert read_header(header(finalize=True)).steps == (
        ("vm_page_startup", {}),
        ("vm_numa_organize", organized),
        ("vm_numa_organize_finalize", {}),
        ("vm_page_startup_finish", {}),
    )
    steps = read_header(header(numa=[], set_page_size=1)).steps
    assert [name for name, _ in steps] == ["vm_set_page_size", "vm_page_startup", "vm_page_startup_finish"]


def test_memory_is_finalized_where_it_is_organized_unless_the_header_says_otherwise() -> None:
    line = header()
    del line["config"]["finalize"]
    assert ("vm_numa_organize_finalize", {}) in read_header(line).steps
    line["config"]["numa"] = []
    assert ("vm_numa_organize_finalize", {}) not in read_header(line).steps


def test_a_brief_header_says_so() -> None:
    assert read_header(header(brief=True)).brief


# --- bad headers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"op": "hardclock"}, "not a header line; a trace starts with one, which has a key `header`"),
        ({"header": 5}, "not a header line"),
        ({"header": "x"}, "the header's `format` is absent; it must be an integer"),
        ({"header": "x", "format": True}, "the header's `format` is true; it must be an integer"),
        ({"header": "x", "format": 2}, "format 2 is not supported; this version reads format 1"),
    ],
)
def test_a_bad_header_is_refused(line: Line, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_header(line)


HEADER_PARTS = ("config", "object_addr_base", "object_addr_stride", "PQ_L2_SIZE", "pagethread", "emergpager")
CONFIG_PARTS = (
    *("ncpus", "ncpus_fit", "phys_ids", "core_ids", "ht_ids"),
    *("cpu_ids", "phys_avail", "numa", "ticks", "physmem"),
)


def without(line: Line, key: str) -> Line:
    return {name: part for name, part in line.items() if name != key}


@pytest.mark.parametrize("key", HEADER_PARTS)
@pytest.mark.parametrize("value", [None, "5", []])
def test_a_part_of_the_header_of_another_type_is_refused(key: str, value: Any) -> None:
    with pytest.raises(BadInput, match=f"the header.*`{key}`"):
        read_header(header() | {key: value})


@pytest.mark.parametrize("key", HEADER_PARTS)
def test_a_header_without_one_of_its_parts_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match=f"the header.*`{key}`"):
        read_header(without(header(), key))


@pytest.mark.parametrize("key", CONFIG_PARTS)
@pytest.mark.parametrize("value", [None, "5", [[1]]])
def test_a_part_of_the_machine_of_another_type_is_refused(key: str, value: Any) -> None:
    with pytest.raises(BadInput, match=f"the header's `{key}`"):
        read_header(header(**{key: value}))


@pytest.mark.parametrize("key", [key for key in CONFIG_PARTS if key != "physmem"])
def test_a_machine_without_one_of_its_parts_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match=f"the header's `{key}`"):
        read_header(header() | {"config": without(header()["config"], key)})


# --- numbers that contradict one another, or that no machine has --------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("ncpus", 3, 2),
        ("ncpus_fit", 4, 2),
        ("core_ids", 2, 1),
        ("ht_ids", 2, 1),
        ("hz", 99, 100),
        ("set_page_size", 2, 1),
        ("cpu_ids", [[0, 0, 0], [0, 0, 0]], [[0, 0, 0]]),
    ],
)
def test_a_number_that_contradicts_the_header_is_named_with_the_right_one(
    key: str, value: Any, right: Any
) -> None:
    assert ("config", {key: value}, {key: right}) in complaints(**{key: value})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("phys_ids", 1),
        ("phys_ids", 0),
        ("phys_ids", 1025),
        ("cpu_ids", [[0, 0, 0], [512, 0, 0]]),
        ("cpu_ids", [[0, 0, 0], [511, -1, 0]]),
        ("cpu_ids", []),
        ("core_ids", 0),
        ("ht_ids", 0),
        ("ticks", 1 << 31),
        ("ticks", -(1 << 31) - 1),
        ("phys_avail", [[4096, 1 << 60]]),
        ("phys_avail", [[-4096, 1 << 20]]),
        ("vm_dma_reserved", -1),
    ],
)
def test_an_impossible_number_makes_no_machine(key: str, value: Any) -> None:
    found = read_header(header(**{key: value}))
    assert found.config is None
    assert "impossible" in [model for _, _, model in found.complaints]


def test_a_key_that_no_header_has_is_named() -> None:
    assert complaints(colors=64) == [("config", {"colors": 64}, ABSENT)]
    assert read_header(header() | {"weather": "fine"}).complaints == (("weather", "fine", ABSENT),)


@pytest.mark.parametrize(
    ("key", "right"),
    [("object_addr_stride", 512), ("PQ_L2_SIZE", 1024), ("pagethread", 30), ("emergpager", 31)],
)
def test_a_constant_of_the_format_is_compared(key: str, right: int) -> None:
    found = read_header(header() | {key: 77})
    assert found.complaints == ((key, 77, right),)
    assert found.config is not None
