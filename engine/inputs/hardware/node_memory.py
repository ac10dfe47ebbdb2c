"""The addresses of each node's memory, as firmware would report them to the kernel.

A description gives sizes, not addresses. The nodes are laid out end to end from address 0 in logical order,
and the hole that a PC's firmware keeps below 1 MiB is cut out of the node at that address: that node loses
memory, and the other nodes do not move.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from engine.constants import PAGE_SHIFT, PAGE_SIZE
from engine.inputs.hardware.survey import LONGEST_LIST, FoundNode, Survey, listed
from engine.machine.topology import ISA_HOLE, MAX_PAGES, Node, NumaRange, Range
from engine.words import plural

DEFAULT_MEMORY: Final = 1 << 30
"""Bytes of memory of a machine whose description gives no sizes."""

LEAST_MEMORY: Final = 1 << 20

MAX_NODES: Final = 1024

NO_CPU: Final = -1
"""Stands for the first cpu of a node without cpus; no cpu has this os_index."""


@dataclass(frozen=True)
class MemoryLayout:
    """The memory part of a `Hardware`, with the same field names and units."""

    phys_avail: tuple[Range, ...]
    numa: tuple[NumaRange, ...]
    nodes: tuple[Node, ...]
    scaled: tuple[int, int] | None


def lay_out(survey: Survey, sockets: dict[int, int], warnings: list[str]) -> MemoryLayout:
    """Assign each node its addresses and its socket.

    sockets: os_index of a cpu -> its socket.
    Errors:  BadInput for too little memory, or too many nodes.
    """
    if len(survey.nodes) > MAX_NODES:
        raise survey.refuse(f"{len(survey.nodes)} NUMA nodes are too many; the limit is {MAX_NODES}")
    found, scaled = _fit(survey, _sized(survey.nodes, warnings), warnings)
    spans = _end_to_end(found)
    first_cpus = _first_cpus(found)
    nodes = tuple(
        Node(node.os_index, sockets.get(first_cpus[node.os_index]), _without_hole(span))
        for node, span in zip(found, spans, strict=True)
    )
    numa = tuple(
        NumaRange(beg, end - beg, node.phys_id)
        for node, (beg, end) in zip(nodes, spans, strict=True)
        if node.ranges and node.phys_id is not None
    )
    _warn_places(nodes, spans, warnings)
    _warn_sockets(found, nodes, sockets, warnings)
    return MemoryLayout(_without_hole((0, spans[-1][1])), numa, nodes, scaled)


def _sized(nodes: tuple[FoundNode, ...], warnings: list[str]) -> list[FoundNode]:
    """Round each node down to whole pages; without any sizes, divide DEFAULT_MEMORY evenly."""
    if not any(node.size for node in nodes):
        share = DEFAULT_MEMORY // len(nodes) // PAGE_SIZE * PAGE_SIZE
        sizes = [share] * (len(nodes) - 1) + [DEFAULT_MEMORY - share * (len(nodes) - 1)]
        warnings.append(
            f"no memory sizes are given: 1 GiB is assumed, divided evenly among {plural(len(nodes), 'node')}"
        )
        return [replace(node, size=size) for node, size in zip(nodes, sizes, strict=True)]
    bare = [node.os_index for node in nodes if not node.size]
    if bare:
        warnings.append(f"no memory is given for node {listed(bare)}: kept as a node with 0 pages")
    ragged = [node.os_index for node in nodes if node.size % PAGE_SIZE]
    if ragged:
        warnings.append(
            f"memory of node {listed(ragged)} is not a multiple of the page size: the remainder is ignored"
        )
    return [replace(node, size=node.size // PAGE_SIZE * PAGE_SIZE) for node in nodes]


def _fit(
    survey: Survey, nodes: list[FoundNode], warnings: list[str]
) -> tuple[list[FoundNode], tuple[int, int] | None]:
    """Scale the nodes down proportionally if they exceed MAX_PAGES frames; reject too little memory."""
    described = sum(node.size for node in nodes)
    if described < LEAST_MEMORY:
        given = sum(node.size for node in survey.nodes)
        raise survey.refuse(f"{given} bytes of memory are too few to boot; the minimum is 1 MiB")
    if described >> PAGE_SHIFT <= MAX_PAGES:
        return nodes, None
    limit = MAX_PAGES * PAGE_SIZE
    scaled = [replace(node, size=node.size * limit // described // PAGE_SIZE * PAGE_SIZE) for node in nodes]
    modelled = sum(node.size for node in scaled)
    warnings.append(
        f"{_size_text(described)} of memory exceed the model's limit of {MAX_PAGES} pages: every node is "
        f"scaled down proportionally, to {_size_text(modelled)} in total"
    )
    vanished = [node.os_index for node, was in zip(scaled, nodes, strict=True) if was.size and not node.size]
    if vanished:
        warnings.append(f"after scaling, node {listed(vanished)} has no memory left")
    return scaled, (described, modelled)


def _end_to_end(nodes: list[FoundNode]) -> list[Range]:
    """Place the nodes consecutively from address 0: [start, end) in bytes."""
    spans = []
    end = 0
    for node in nodes:
        spans.append((end, end + node.size))
        end += node.size
    return spans


def _without_hole(span: Range) -> tuple[Range, ...]:
    """Cut the firmware's hole out of [start, end); empty ranges are dropped."""
    beg, end = span
    hole_beg, hole_end = ISA_HOLE
    pieces = ((beg, min(end, hole_beg)), (max(beg, hole_end), end))
    return tuple((low, high) for low, high in pieces if low < high)


def _first_cpus(nodes: list[FoundNode]) -> dict[int, int]:
    """Return the first cpu of each node, by os_index; NO_CPU for a node without cpus.

    In firmware's tables a cpu belongs to one node. Of nodes with the same cpus the first in the table has
    them, and the others are memory without cpus. Nodes are numbered in the order of the table.
    Source: spec 02, Which ranges are organised.
    """
    taken: set[int] = set()
    first = {}
    for node in sorted(nodes, key=lambda node: node.os_index):
        first[node.os_index] = min(node.cpus - taken, default=NO_CPU)
        taken |= node.cpus
    return first


def _warn_places(nodes: tuple[Node, ...], spans: list[Range], warnings: list[str]) -> None:
    """Warn that the addresses are assumed, and about the pages lost to the hole."""
    order = ", ".join(str(node.id) for node in nodes[:16]) + (", ..." if len(nodes) > 16 else "")
    if len(nodes) > 1:
        warnings.append(f"addresses are unknown: the nodes are laid out from address 0, in the order {order}")
    hole = f"{ISA_HOLE[0]:#x}-{ISA_HOLE[1]:#x}"
    for node, (beg, end) in zip(nodes, spans, strict=True):
        cut = (end - beg >> PAGE_SHIFT) - node.pages
        if cut:
            warnings.append(f"the firmware's hole {hole} takes {plural(cut, 'page')} of node {node.id}")


def _warn_sockets(
    found: list[FoundNode], nodes: tuple[Node, ...], sockets: dict[int, int], warnings: list[str]
) -> None:
    """Warn about nodes that the kernel does not place, places by one cpu, or cannot tell apart."""
    pairs = list(zip(found, nodes, strict=True))
    _warn_without_cpus(pairs, warnings)
    wide = [
        node
        for described, node in pairs
        if node.phys_id is not None and len({sockets[cpu] for cpu in described.cpus}) > 1
    ]
    if wide:
        homes = ", ".join(f"{node.id} to socket {node.phys_id}" for node in wide[:LONGEST_LIST])
        warnings.append(
            f"node {listed(node.id for node in wide)} spans several packages: the kernel places all of its "
            f"memory by its first cpu ({homes}{', ...' * (len(wide) > LONGEST_LIST)})"
        )
    shares = Counter(node.phys_id for node in nodes if node.ranges and node.phys_id is not None)
    for socket in sorted(socket for socket, count in shares.items() if count > 1):
        together = listed(node.id for node in nodes if node.phys_id == socket and node.ranges)
        warnings.append(
            f"nodes {together} are all memory of socket {socket}: the kernel does not distinguish them"
        )


def _warn_without_cpus(pairs: list[tuple[FoundNode, Node]], warnings: list[str]) -> None:
    """Warn about memory that the kernel does not place: no cpu is in the same domain of the table."""
    unplaced = "the kernel does not organize it, and its pages keep the colours of their addresses"
    lone = [node.id for described, node in pairs if node.phys_id is None and not described.cpus]
    if lone:
        warnings.append(f"node {listed(lone)} has no cpu: {unplaced}")
    shared = [node.id for described, node in pairs if node.phys_id is None and described.cpus]
    if shared:
        warnings.append(
            f"node {listed(shared)} shares its cpus with a node before it, and a cpu belongs to one node: "
            f"{unplaced}"
        )


def _size_text(size: int) -> str:
    """Format a size in bytes and GiB."""
    return f"{size} bytes ({size / (1 << 30):.1f} GiB)"
