"""Memory of a survey's nodes: addresses, sockets and warnings."""

from __future__ import annotations

import pytest

from engine.constants import PAGE_SIZE
from engine.errors import BadInput
from engine.inputs.hardware.node_memory import LEAST_MEMORY, MAX_NODES, MemoryLayout, lay_out
from engine.inputs.hardware.survey import FoundNode
from engine.machine.topology import MAX_PAGES, Node, NumaRange
from tests.engine.inputs.hardware.surveys import MIB, survey_of

HOLE_PAGES = 97
"""The firmware's hole from 0x9f000 to 0x100000."""

SOCKETS = {0: 0, 1: 1}
"""Cpu 0 sits in socket 0, cpu 1 in socket 1."""


def node(number: int, size: int, *cpus: int) -> FoundNode:
    return FoundNode(number, size, frozenset(cpus))


def laid_out(*nodes: FoundNode, phys_ids: int = 2) -> tuple[MemoryLayout, list[str]]:
    warnings: list[str] = []
    return lay_out(survey_of([1], [1], nodes=nodes), phys_ids, SOCKETS, warnings), warnings


def pages(layout: MemoryLayout) -> list[int]:
    return [found.pages for found in layout.nodes]


def said(warnings: list[str], words: str) -> bool:
    return any(words in warning for warning in warnings)


def test_nodes_are_laid_out_end_to_end_with_the_firmwares_hole_cut_out() -> None:
    layout, warnings = laid_out(node(4, 4 * MIB, 0), node(1, 8 * MIB, 1))
    assert layout.phys_avail == ((0, 0x9F000), (0x100000, 12 * MIB))
    assert layout.nodes == (
        Node(4, 0, ((0, 0x9F000), (0x100000, 4 * MIB))),
        Node(1, 1, ((4 * MIB, 12 * MIB),)),
    )
    # Firmware reports whole ranges to the kernel, with or without the hole.
    assert layout.numa == (NumaRange(0, 4 * MIB, 0), NumaRange(4 * MIB, 8 * MIB, 1))
    assert layout.scaled is None
    assert warnings == [
        "addresses are unknown: the nodes are laid out from address 0, in the order 4, 1",
        "the firmware's hole 0x9f000-0x100000 takes 97 pages of node 4",
    ]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        # The hole starts at page 159 of the machine and ends at page 256.
        ((0xA0000, 4 * MIB), [159, 1024 - 96]),
        ((0x9F000, PAGE_SIZE, 4 * MIB), [159, 0, 1024 - 96]),
        ((0x9F000, 0x61000, 4 * MIB), [159, 0, 1024]),
    ],
)
def test_the_hole_costs_the_nodes_at_its_addresses(sizes: tuple[int, ...], expected: list[int]) -> None:
    layout, warnings = laid_out(*(node(n, size, 0) for n, size in enumerate(sizes)))
    assert pages(layout) == expected
    lost = sum(sizes) // PAGE_SIZE - sum(expected)
    assert lost == HOLE_PAGES
    assert said(warnings, "takes 1 page of node 0") == (expected[1] == 1024 - 96)


def test_a_node_whose_memory_is_all_hole_is_not_organized() -> None:
    layout, _ = laid_out(node(0, 0x9F000, 0), node(1, 0x61000, 1), node(2, 4 * MIB, 1))
    assert [call.beg for call in layout.numa] == [0, 0x100000]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (1, [1 << 30]),
        (2, [1 << 29, 1 << 29]),
        # 262,144 pages do not divide by 3: the last node takes the rest.
        (3, [87381 * PAGE_SIZE, 87381 * PAGE_SIZE, 87382 * PAGE_SIZE]),
    ],
)
def test_without_any_size_1_gib_is_split_evenly(count: int, sizes: list[int]) -> None:
    layout, warnings = laid_out(*(node(n, 0, 0) for n in range(count)))
    assert [call.size for call in layout.numa] == sizes
    what = "1 node" if count == 1 else f"{count} nodes"
    assert warnings[0] == f"no memory sizes are given: 1 GiB is assumed, divided evenly among {what}"


def test_a_node_without_a_size_among_others_has_no_pages() -> None:
    layout, warnings = laid_out(node(0, 4 * MIB, 0), node(1, 0, 1))
    assert pages(layout) == [1024 - HOLE_PAGES, 0]
    assert [call.physid for call in layout.numa] == [0]
    assert said(warnings, "no memory is given for node 1: kept as a node with 0 pages")


def test_bytes_after_the_last_whole_page_are_ignored() -> None:
    layout, warnings = laid_out(node(3, 4 * MIB + PAGE_SIZE - 1, 0))
    assert layout.phys_avail[-1][1] == 4 * MIB
    assert said(warnings, "memory of node 3 is not a multiple of the page size")


def test_a_nodes_socket_is_that_of_its_cpus_or_else_by_number() -> None:
    layout, warnings = laid_out(
        node(0, 4 * MIB, 1), node(1, 4 * MIB, 0, 1), node(7, 4 * MIB), node(6, 4 * MIB)
    )
    assert [found.phys_id for found in layout.nodes] == [1, None, 1, 0]
    assert [(call.beg, call.physid) for call in layout.numa] == [(0, 1), (8 * MIB, 1), (12 * MIB, 0)]
    assert said(warnings, "node 1 spans several packages")
    assert said(warnings, "7 of socket 1, 6 of socket 0")


def test_too_much_memory_is_scaled_down_in_proportion() -> None:
    layout, warnings = laid_out(node(0, 96 << 30, 0), node(1, 32 << 30, 1))
    assert layout.scaled == (128 << 30, 64 << 30)
    assert pages(layout) == [MAX_PAGES * 3 // 4 - HOLE_PAGES, MAX_PAGES // 4]
    assert said(
        warnings, "137438953472 bytes (128.0 GiB) of memory exceed the model's limit of 16777216 pages"
    )


def test_scaling_warns_if_a_node_has_no_memory_left() -> None:
    layout, warnings = laid_out(node(0, 1 << 50, 0), node(1, PAGE_SIZE, 1))
    assert pages(layout) == [MAX_PAGES - 1 - HOLE_PAGES, 0]
    assert said(warnings, "after scaling, node 1 has no memory left")


def test_the_largest_machine_is_not_scaled() -> None:
    layout, _ = laid_out(node(0, 64 << 30, 0))
    assert layout.scaled is None
    assert pages(layout) == [MAX_PAGES - HOLE_PAGES]


def test_too_little_memory_is_refused() -> None:
    layout, _ = laid_out(node(0, LEAST_MEMORY, 0))
    assert pages(layout) == [159]
    with pytest.raises(BadInput, match="1048575 bytes of memory are too few to boot; the minimum is 1 MiB"):
        laid_out(node(0, LEAST_MEMORY - 1, 0))


def test_too_many_nodes_are_refused() -> None:
    layout, _ = laid_out(*(node(n, 0, 0) for n in range(MAX_NODES)))
    assert len(layout.nodes) == 1024
    with pytest.raises(BadInput, match="1025 NUMA nodes are too many; the limit is 1024") as caught:
        laid_out(*(node(n, 0, 0) for n in range(MAX_NODES + 1)))
    assert caught.value.line == 7
