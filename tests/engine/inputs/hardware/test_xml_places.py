"""Odd machines in hwloc files: the resulting machine and warnings, or the error with its line."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs.hwloc import parse_hwloc
from engine.machine.topology import Hardware

MIB = 1 << 20
HOLE_PAGES = 97


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def hwloc(body: str, machine: str = 'cpuset="0x00000003"', version: str = 'version="2.0"') -> Hardware:
    text = f'<topology {version}>\n<object type="Machine" {machine}>\n{body}\n</object>\n</topology>\n'
    return parse_hwloc(text.encode(), "made-up", "made-up.xml")


def shape(hardware: Hardware) -> tuple[int, int, int, int]:
    t = hardware.topology
    return t.ncpus, t.phys_ids, t.core_ids, t.ht_ids


def owners(hardware: Hardware) -> list[tuple[int, int | None]]:
    return [(node.id, node.phys_id) for node in hardware.nodes]


def said(hardware: Hardware, words: str) -> bool:
    return any(words in warning for warning in hardware.warnings)


PU = '<object type="PU" os_index="{}"/>'
CORES = "".join(f'<object type="Core">{PU.format(number)}</object>' for number in range(2))
TWO_PACKAGES = (
    '<object type="Package" os_index="{}" cpuset="0x1"><object type="PU" os_index="0"/></object>'
    '<object type="Package" os_index="{}" cpuset="0x2"><object type="PU" os_index="1"/></object>'
)


@pytest.mark.parametrize(
    ("body", "expected", "words"),
    sentences(
        ("no package counts as one", CORES, (2, 1, 2, 1), "the file has no package"),
        (
            "a PU outside every core is a core",
            '<object type="Package" os_index="0"><object type="PU" os_index="0"/>'
            '<object type="PU" os_index="1"/></object>',
            (2, 1, 2, 1),
            "2 PUs outside any core",
        ),
        (
            "a package without number is ranked",
            TWO_PACKAGES.format("4294967295", 5),
            (2, 2, 0, 0),
            "a package has no os_index",
        ),
        (
            "a cpu in no package is one more package",
            '<object type="Package" os_index="7"><object type="PU" os_index="0"/></object>'
            '<object type="PU" os_index="1"/>',
            (2, 2, 0, 0),
            "1 cpu outside any package",
        ),
        (
            "a package without cpu is left out",
            f'<object type="Package" os_index="0">{CORES}</object><object type="Package" os_index="9"/>',
            (2, 1, 2, 1),
            "1 package without a cpu",
        ),
        ("a PU outside the cpuset is offline", CORES + PU.format(9), (2, 1, 2, 1), "1 cpu offline"),
        ("dies are named", f'<object type="Die">{CORES}</object>', (2, 1, 2, 1), "1 Die ignored"),
        ("an unknown object is named", f'<object type="Tile">{CORES}</object>', (2, 1, 2, 1), "type 'Tile'"),
        ("devices are ignored", CORES + '<object type="PCIDev"/>', (2, 1, 2, 1), "no NUMA node"),
    ),
)  # fmt: skip
def test_odd_places(body: str, expected: tuple[int, int, int, int], words: str) -> None:
    hardware = hwloc(body)
    assert shape(hardware) == expected
    assert said(hardware, words), hardware.warnings


NODE = '<object type="NUMANode" os_index="{}" cpuset="{}" local_memory="{}"/>'


@pytest.mark.parametrize(
    ("body", "pages", "sockets", "words"),
    sentences(
        ("a cpu-only node has no pages", NODE.format(0, "0x1", 4 * MIB) + NODE.format(1, "0x2", 0),
         [1024 - HOLE_PAGES, 0], [0, 1], "no memory is given for node 1"),
        ("a node without cpuset serves what is around it",
         NODE.format(0, "", 4 * MIB).replace('cpuset=""', ""), [1024 - HOLE_PAGES], [0], "spans"),
        ("no node: the machine's memory is node 0", "", [262144 - HOLE_PAGES], [0], "no NUMA node"),
        ("a node of another nodeset is counted", NODE.format(5, "0x1", 4 * MIB),
         [1024 - HOLE_PAGES], [0], "node 5 is not in the Machine's nodeset"),
    ),
)  # fmt: skip
def test_odd_memory(body: str, pages: list[int], sockets: list[int | None], words: str) -> None:
    hardware = hwloc(body + TWO_PACKAGES.format(0, 1), 'cpuset="0x3" nodeset="0xf"')
    assert [node.pages for node in hardware.nodes] == pages
    assert [node.phys_id for node in hardware.nodes] == sockets
    assert said(hardware, words), hardware.warnings


def test_memory_beside_a_memory_side_cache_is_found() -> None:
    cached = f'<object type="MemCache" cpuset="0x3">{NODE.format(0, "0x3", 4 * MIB)}</object>'
    hardware = hwloc(f'<object type="Package" os_index="0">{cached}{CORES}</object>')
    assert owners(hardware) == [(0, 0)]
    assert said(hardware, "1 MemCache ignored")


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ('cpuset="0x3" complete_cpuset="0xf"', "2 cpus offline or withheld, os_index 2-3"),
        ('cpuset="0x7"', "os_index 2 of the cpuset has no PU"),
        ('cpuset="0xf...f"', "no NUMA node"),
        ('cpuset="0x3" allowed_cpuset="0x1"', "os_index 1 is not in the allowed cpuset"),
        ('cpuset="0x3" online_cpuset="0x1"', "1 cpu offline or withheld, os_index 1"),
    ],
)
def test_sets_of_the_machine(attributes: str, words: str) -> None:
    assert said(hwloc(CORES, attributes), words)


def test_an_unknown_version_is_read_with_a_warning() -> None:
    assert said(hwloc(CORES, version='version="4.0"'), "version '4.0' is unknown")


@pytest.mark.parametrize(
    ("body", "line", "words"),
    sentences(
        ("no PU", "", 2, "the Machine's cpuset contains no PU"),
        ("no PU online", '<object type="PU" os_index="9"/>', 2, "the Machine's cpuset contains no PU"),
        ("PU without number", '<object type="PU"/>', 3, "this PU has no os_index"),
        ("negative number", '<object type="PU" os_index="-1"/>', 3, "os_index is '-1'; write a number"),
        ("no number", '<object type="PU" os_index="one"/>', 3, "os_index is 'one'"),
        ("number too large", '<object type="PU" os_index="4294967296"/>', 3, "from 0 to 4294967295"),
        ("endless number", f'<object type="PU" os_index="{"9" * 9999}"/>', 3, "os_index is '9999"),
        ("digits of another script", '<object type="PU" os_index="²"/>', 3, "write a number"),
        ("the same PU twice", CORES + "\n" + CORES, 4, "PU 0 is already on line 3"),
        ("the same node twice", NODE.format(1, "0x1", 1) * 2, 3, "NUMANode 1 is already on line 3"),
        ("node without number", '<object type="NUMANode"/>', 3, "this NUMANode has no os_index"),
        ("negative memory", CORES + NODE.format(0, "0x1", -5), 3, "local_memory is '-5'"),
        ("cpuset of words", CORES + NODE.format(0, "all", 1), 3, "cpuset is 'all'; write words"),
        ("cpuset without digits", CORES + NODE.format(0, ",,", 1), 3, "cpuset is ',,'"),
        ("cpuset too long", CORES + NODE.format(0, "0x1," * 20000, 1), 3, "cpuset is '0x1,"),
        ("a core in a core", '<object type="Core"><object type="Core"/></object>', 3, "is inside a Core"),
        ("a machine in a machine", '<object type="Machine"/>', 3, "this Machine is inside a Machine"),
        ("object without type", "<object/>", 3, "this object has no type"),
        ("object in an info", f"<info>{PU.format(0)}</info>", 3, "inside another kind of element"),
        ("too little memory", CORES + NODE.format(0, "0x1", 4096), 2, "4096 bytes of memory are too few"),
    ),
)  # fmt: skip
def test_refused_with_its_line(body: str, line: int, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)) as refusal:
        hwloc(body)
    assert (refusal.value.file, refusal.value.line) == ("made-up.xml", line)


@pytest.mark.parametrize(
    ("machine", "body", "words"),
    sentences(
        ("no cpuset", "", CORES, "the Machine has no cpuset"),
        ("bad cpuset", 'cpuset="0xg"', CORES, "cpuset is '0xg'"),
        ("bad complete cpuset", 'cpuset="0x3" complete_cpuset="?"', CORES, "complete_cpuset is '?'"),
    ),
)  # fmt: skip
def test_machine_refused(machine: str, body: str, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)) as refusal:
        hwloc(body, machine)
    assert refusal.value.line == 2


def test_the_root_object_is_a_machine() -> None:
    with pytest.raises(BadInput, match="the root object is 'Package'"):
        parse_hwloc(b'<topology><object type="Package"/></topology>', "x", "x.xml")
