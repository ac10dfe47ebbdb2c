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


@dataclass(frozen=True)
class MemoryLayout:
    """The memory part of a `Hardware`, with the same field names and units."""

    phys_avail: tuple[Range, ...]
    numa: tuple[NumaRange, ...]
    nodes: tuple[Node, ...]
    scaled: tuple[int, int] | None


def lay_out(survey: Survey, phys_ids: int, sockets: dict[int, int], warnings: list[str]) -> MemoryLayout:
    """Assign each node its addresses and its socket.

    phys_ids: the number of sockets the kernel assumes; sockets: os_index of a cpu -> its socket.
    Errors:   BadInput for too little memory, or too many nodes.
    """
    if len(survey.nodes) > MAX_NODES:
        raise survey.refuse(f"{len(survey.nodes)} NUMA nodes are too many; the limit is {MAX_NODES}")
    found, scaled = _fit(survey, _sized(survey.nodes, warnings), warnings)
    spans = _end_to_end(found)
    nodes = tuple(
        Node(node.os_index, _socket(node, phys_ids, sockets), _without_hole(span))
        for node, span in zip(found, spans, strict=True)
    )
    numa = tuple(
        NumaRange(beg, end - beg, node.phys_id)
        for node, (beg, end) in zip(nodes, spans, strict=True)
        if node.ranges and node.phys_id is not None
    )
    _warn_places(nodes, spans, warnings)
    _warn_sockets(found, nodes, warnings)
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


def _socket(node: FoundNode, phys_ids: int, sockets: dict[int, int]) -> int | None:
    """Return the socket of a node's cpus; None if they are in several, by node number if it has none."""
    chips = {sockets[cpu] for cpu in node.cpus}
    if len(chips) > 1:
        return None
    return chips.pop() if chips else node.os_index % phys_ids


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


def _warn_sockets(found: list[FoundNode], nodes: tuple[Node, ...], warnings: list[str]) -> None:
    """Warn about nodes that the kernel cannot tell apart, cannot place, or places only by number."""
    wide = [node.id for node in nodes if node.phys_id is None]
    if wide:
        warnings.append(
            f"node {listed(wide)} spans several packages: such memory does not belong to a socket, so the "
            "kernel does not organize it"
        )
    lone = [node for described, node in zip(found, nodes, strict=True) if not described.cpus]
    if lone:
        pairs = ", ".join(f"{node.id} of socket {node.phys_id}" for node in lone[:LONGEST_LIST])
        warnings.append(
            f"node {listed(node.id for node in lone)} has no cpu: its number modulo the number of sockets "
            f"gives its socket ({pairs}{', ...' * (len(lone) > LONGEST_LIST)})"
        )
    shares = Counter(node.phys_id for node in nodes if node.ranges and node.phys_id is not None)
    for socket in sorted(socket for socket, count in shares.items() if count > 1):
        together = listed(node.id for node in nodes if node.phys_id == socket and node.ranges)
        warnings.append(
            f"nodes {together} are all memory of socket {socket}: the kernel does not distinguish them"
        )


def _size_text(size: int) -> str:
    """Format a size in bytes and GiB."""
    return f"{size} bytes ({size / (1 << 30):.1f} GiB)"
