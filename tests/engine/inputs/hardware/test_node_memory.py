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

SOCKETS = {0: 0, 1: 1, 2: 1}
"""Cpu 0 is in socket 0, cpus 1 and 2 are in socket 1."""


def node(number: int, size: int, *cpus: int) -> FoundNode:
    return FoundNode(number, size, frozenset(cpus))


def laid_out(*nodes: FoundNode) -> tuple[MemoryLayout, list[str]]:
    warnings: list[str] = []
    return lay_out(survey_of([1], [1], nodes=nodes), SOCKETS, warnings), warnings


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
    layout, _ = laid_out(node(0, 0x9F000, 0), node(1, 0x61000, 1), node(2, 4 * MIB, 2))
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
    layout, warnings = laid_out(*(node(n, 0, n) for n in range(count)))
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


UNPLACED = "the kernel does not organize it, and its pages keep the colours of their addresses"


@pytest.mark.parametrize(
    ("nodes", "sockets", "warning"),
    [
        pytest.param([(0, 1), (1, 0)], [1, 0], None, id="a node is placed at the socket of its cpus"),
        pytest.param(
            [(0, 0), (1, 1), (7,), (6,)],
            [0, 1, None, None],
            f"node 6-7 has no cpu: {UNPLACED}",
            id="a node without cpus is not placed",
        ),
        pytest.param(
            [(2, 0), (0, 0), (3, 1), (1, 1)],
            [None, 0, None, 1],
            f"node 2-3 shares its cpus with a node before it, and a cpu belongs to one node: {UNPLACED}",
            id="of two nodes with the same cpus the one with the lower number has them",
        ),
        pytest.param(
            [(0, 1, 0)],
            [0],
            "node 0 spans several packages: the kernel places all of its memory by its first cpu "
            "(0 to socket 0)",
            id="a node over two packages is placed at the package of its lowest cpu",
        ),
        pytest.param(
            [(0, 0), (1, 0, 1)],
            [0, 1],
            "node 1 spans several packages: the kernel places all of its memory by its first cpu "
            "(1 to socket 1)",
            id="a node is placed by the first cpu that no node before it has",
        ),
    ],
)
def test_the_socket_of_a_node(
    nodes: list[tuple[int, ...]], sockets: list[int | None], warning: str | None
) -> None:
    layout, warnings = laid_out(*(node(number, 4 * MIB, *cpus) for number, *cpus in nodes))
    assert [found.phys_id for found in layout.nodes] == sockets
    placed = [(at * 4 * MIB, socket) for at, socket in enumerate(sockets) if socket is not None]
    assert [(call.beg, call.physid) for call in layout.numa] == placed
    about_sockets = [text for text in warnings if "organize" in text or "first cpu" in text]
    assert about_sockets == ([] if warning is None else [warning])


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
