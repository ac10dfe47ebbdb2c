"""The cpus, packages and NUMA nodes among the objects of an hwloc file.

hwloc nests objects: caches, dies, groups and devices are around and between the packages, cores and PUs (its
term for a logical cpu), and only the latter three matter to the kernel's page layer. A NUMA node is attached
to the object to which it is local (a package, a die, a group, the machine), so its cpus are read from its
cpuset, not from its position in the tree.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from engine.inputs.hardware.bitmap import parse_bitmap
from engine.inputs.hardware.survey import FoundCpu, FoundNode
from engine.inputs.hardware.xml_objects import ADVICE, XmlObject, shown

_OLD_NAMES: Final = {"Socket": "Package", "Node": "NUMANode", "System": "Machine"}
"""hwloc 1's type names -> their present names."""

_NEVER_NESTED: Final = frozenset({"Machine", "Package", "NUMANode", "Core", "PU"})

_UNKNOWN_INDEX: Final = (1 << 32) - 1
"""hwloc's (unsigned) -1: the operating system has no number."""

_LONGEST_BITMAP: Final = 1 << 16

_NO_PACKAGE: Final = -1


def kind_of(visited: XmlObject) -> str:
    """Return an object's type under its present name."""
    return _OLD_NAMES.get(visited.type, visited.type)


def number_of(visited: XmlObject, key: str, bits: int) -> int | None:
    """Return an attribute that is a number of at most `bits` bits; None if it is absent.

    Errors: BadInput if it is not an unsigned decimal number.
    """
    text = visited.attributes.get(key)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20) or int(text) >> bits:
        raise visited.refuse(f"{key} is {shown(text)}; write a number from 0 to {(1 << bits) - 1}")
    return int(text)


def bitmap_of(visited: XmlObject, key: str) -> int | None:
    """Return an attribute that is a set of numbers, as parse_bitmap does; None if it is absent.

    Errors: BadInput if it is not a bitmap.
    """
    text = visited.attributes.get(key)
    if text is None:
        return None
    try:
        if len(text) > _LONGEST_BITMAP:
            raise ValueError("too long")
        return parse_bitmap(text)
    except ValueError:
        raise visited.refuse(
            f"{key} is {shown(text)}; write words of 32 bits, such as 0x00000003,0xffffffff"
        ) from None


@dataclass(frozen=True)
class Inside:
    """The context of an object: the enclosing kinds, and the nearest package, core and cpuset."""

    cpuset: int
    kinds: frozenset[str] = frozenset()
    package: int = _NO_PACKAGE
    core: int | None = None


@dataclass(frozen=True)
class NodeObject:
    """A NUMA node's object, its os_index, and its cpuset or that of the nearest enclosing object."""

    source: XmlObject
    number: int
    cpuset: int


class Places:
    """The cpus, packages and nodes found by walking the objects of a machine.

    cpus:      the PUs in `online`, in logical order.
    withheld:  os_index of the PUs that are not in `online`.
    packages:  key -> os_index or None, including packages without cpus.
    nodes:     the NUMA nodes, in logical order.
    kinds:     the number of objects of each type.
    coreless, homeless: the number of cpus outside any core, and outside any package.
    """

    def __init__(self, root: XmlObject, online: int) -> None:
        self.online = online
        self.cpus: list[FoundCpu] = []
        self.withheld: list[int] = []
        self.packages: dict[int, int | None] = {}
        self.kinds: Counter[str] = Counter()
        self.coreless = 0
        self.homeless = 0
        self._first_lines: dict[tuple[str, int], int] = {}
        # The parser limits the depth of the tree, and so of this recursion.
        self.nodes = self._visit(root, Inside(online))
        if self.homeless:
            self.packages[_NO_PACKAGE] = None if self.packages else 0

    def found_nodes(self) -> list[FoundNode]:
        """Return the nodes with their memory in bytes and their online cpus."""
        numbers = [cpu.os_index for cpu in self.cpus]
        return [
            FoundNode(
                node.number,
                number_of(node.source, "local_memory", 64) or 0,
                frozenset(number for number in numbers if node.cpuset >> number & 1),
            )
            for node in self.nodes
        ]

    def _visit(self, visited: XmlObject, inside: Inside) -> list[NodeObject]:
        """Record an object and those inside it.

        Returns: their nodes in hwloc's logical order: nodes attached to an object come after those below its
        ordinary children.
        """
        kind = kind_of(visited)
        if kind in _NEVER_NESTED & inside.kinds:
            raise visited.refuse(f"this {kind} is inside a {kind}; {ADVICE}")
        self.kinds[kind] += 1
        inside = self._enter(visited, kind, inside)
        own = [NodeObject(visited, self._unique(visited, kind), inside.cpuset)] if kind == "NUMANode" else []
        below: list[NodeObject] = []
        attached: list[NodeObject] = []
        for child in visited.children:
            nodes = attached if kind_of(child) in ("NUMANode", "MemCache") else below
            nodes.extend(self._visit(child, inside))
        return own + below + attached

    def _enter(self, visited: XmlObject, kind: str, inside: Inside) -> Inside:
        """Record a package, core or PU; return the context of the object's children."""
        cpuset = bitmap_of(visited, "cpuset")
        inside = replace(
            inside, kinds=inside.kinds | {kind}, cpuset=inside.cpuset if cpuset is None else cpuset
        )
        if kind == "Package":
            number = number_of(visited, "os_index", 32)
            inside = replace(inside, package=len(self.packages))
            self.packages[inside.package] = None if number == _UNKNOWN_INDEX else number
        elif kind == "Core":
            inside = replace(inside, core=self.kinds["Core"])
        elif kind == "PU":
            self._note_cpu(self._unique(visited, kind), inside)
        return inside

    def _note_cpu(self, number: int, inside: Inside) -> None:
        """Record a PU; one outside any core is a core of its own."""
        if not self.online >> number & 1:
            self.withheld.append(number)
            return
        self.coreless += inside.core is None
        self.homeless += inside.package == _NO_PACKAGE
        core = f"PU {number}" if inside.core is None else inside.core
        self.cpus.append(FoundCpu(number, inside.package, core))

    def _unique(self, visited: XmlObject, kind: str) -> int:
        """Return an object's os_index; reject one already used by its kind."""
        number = number_of(visited, "os_index", 32)
        if number is None or number == _UNKNOWN_INDEX:
            raise visited.refuse(f'this {kind} has no os_index; add its number, such as os_index="0"')
        first = self._first_lines.get((kind, number))
        if first is not None:
            raise visited.refuse(
                f"{kind} {number} is already on line {first}; give each {kind} its own os_index"
            )
        self._first_lines[kind, number] = visited.line
        return number
