"""Hardware: sockets x cores x threads, memory ranges and the nodes they belong to, and named presets.

A `Hardware` is everything that the modelled boot reads from firmware. Sizes and addresses are in bytes.
Source: spec 02, CPU topology.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from engine.constants import PAGE_SHIFT, PAGE_SIZE
from engine.errors import BadInput

MAX_PAGES: Final = 1 << 24
"""Frames of the largest machine that the model supports: 64 GiB."""

MAX_CPUS: Final = 1024

ISA_HOLE: Final = (0x9F000, 0x100000)
"""The range below 1 MiB that a PC's firmware reserves: [start, end) in bytes."""

Range = tuple[int, int]


@dataclass(frozen=True)
class CpuPlace:
    """The place of one logical cpu: socket, core within the socket, thread within the core."""

    phys_id: int
    core_id: int
    ht_id: int


@dataclass(frozen=True)
class Topology:
    """The cpus and the three numbers from which the kernel computes colours (0 = level not detected)."""

    cpus: tuple[CpuPlace, ...]
    phys_ids: int
    core_ids: int
    ht_ids: int

    @classmethod
    def detect(cls, places: list[CpuPlace]) -> Topology:
        """Derive the three numbers from each cpu's chip, core and thread number, as the kernel does.

        `phys_ids` is the size of the range from the smallest to the largest chip number; each chip number is
        then taken modulo it. Sockets of one core without hyperthreads have no core level: core_ids = ht_ids =
        0.
        """
        chips = [place.phys_id for place in places]
        phys_ids = max(max(chips) - min(chips) + 1, 1)
        core_ids = max(place.core_id for place in places) + 1
        ht_ids = max(place.ht_id for place in places) + 1
        if core_ids == 1 and ht_ids == 1:
            core_ids = ht_ids = 0
        cpus = tuple(CpuPlace(p.phys_id % phys_ids, p.core_id, p.ht_id) for p in places)
        return cls(cpus, phys_ids, core_ids, ht_ids)

    @classmethod
    def grid(cls, sockets: int, cores: int, threads: int) -> Topology:
        """Build the regular topology `sockets x cores x threads`; threads of a core are numbered first."""
        return cls.detect(
            [
                CpuPlace(socket, core, thread)
                for socket in range(sockets)
                for core in range(cores)
                for thread in range(threads)
            ]
        )

    @property
    def ncpus(self) -> int:
        """Number of logical cpus."""
        return len(self.cpus)

    @property
    def ncpus_fit(self) -> int:
        """`ncpus` rounded up to a power of two."""
        return 1 << (self.ncpus - 1).bit_length()

    @property
    def known(self) -> bool:
        """Whether the kernel detected cores and threads, and colours by socket, core and thread."""
        return self.ht_ids != 0


@dataclass(frozen=True)
class NumaRange:
    """One SRAT entry: `size` bytes from `beg` belong to the socket `physid` (one vm_numa_organize call)."""

    beg: int
    size: int
    physid: int


@dataclass(frozen=True)
class Node:
    """A NUMA node: its number, its socket (None: not organized) and its memory as [start, end) bytes."""

    id: int
    phys_id: int | None
    ranges: tuple[Range, ...]

    @property
    def pages(self) -> int:
        """Number of whole frames inside the node's ranges."""
        return sum(max((end >> PAGE_SHIFT) - -(-beg >> PAGE_SHIFT), 0) for beg, end in self.ranges)


@dataclass(frozen=True)
class Hardware:
    """What the kernel learns from firmware at boot.

    phys_avail: usable memory as [start, end) bytes, in ascending order, as firmware reports it.
    numa:       the vm_numa_organize calls, in order.
    finalize:   whether vm_numa_organize_finalize runs after them.
    nodes:      the same memory by NUMA node.
    warnings:   choices that the description left open, and properties that the kernel cannot express.
    scaled:     (bytes described, bytes modelled) if the machine was too large, else None.
    """

    name: str
    topology: Topology
    phys_avail: tuple[Range, ...]
    numa: tuple[NumaRange, ...] = ()
    finalize: bool = False
    nodes: tuple[Node, ...] = ()
    warnings: tuple[str, ...] = ()
    scaled: tuple[int, int] | None = None
    dma_reserved: int = field(default=0)
    """Boot tunable vm.dma_reserved in bytes; 0 = not set."""
    frames: int = field(default=0)
    """The kernel's `physmem` in frames; 0 = the whole frames of phys_avail."""

    @property
    def physmem(self) -> int:
        """Number of whole frames of usable memory."""
        return self.frames or sum(
            max((end >> PAGE_SHIFT) - -(-beg >> PAGE_SHIFT), 0) for beg, end in self.phys_avail
        )


_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(B|[KMGT]i?B?)?\s*", re.IGNORECASE)
_UNITS: Final = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse_size(text: str) -> int:
    """Parse a size such as `64MiB`, `16 MiB`, `1.5G` or `4096`; return bytes.

    Errors: BadInput if the text is not a size, or not a whole number of bytes.
    """
    match = _SIZE.fullmatch(text) if len(text) <= 32 else None
    if match is None:
        raise BadInput(f"{text[:40]!r} is not a memory size; write one like 16MiB or 64GiB")
    unit = (match[2] or "").upper()[:1]
    size = float(match[1]) * _UNITS[unit] if "." in match[1] else int(match[1]) * _UNITS[unit]
    if size != int(size):
        raise BadInput(f"{text!r} is not a whole number of bytes; write one like 1536KiB")
    return int(size)


def parse_limit(text: str, what: str) -> int:
    """Parse how much of this computer's memory something may take, such as `512 MiB`; return bytes.

    Errors: BadInput, which names `what`, if it is not a size, or not one from 1 MiB to 64 GiB.
    """
    size = parse_size(text)
    if not 1 << 20 <= size <= 64 << 30:
        raise BadInput(f"{text[:40]!r} is not a size for {what}; use 1MiB to 64GiB")
    return size


_GRID = re.compile(r"(\d+)x(\d+)x(\d+)")


def parse_grid(text: str) -> Topology:
    """Parse `SxCxT` (sockets x cores x threads), such as `2x4x2`.

    Errors: BadInput if it is not three numbers, if one is 0, or if there are more than MAX_CPUS cpus.
    """
    match = _GRID.fullmatch(text.strip()) if len(text) <= 32 else None
    if match is None:
        raise BadInput(f"{text[:40]!r} is not a topology; write SOCKETSxCORESxTHREADS, such as 2x4x2")
    sockets, cores, threads = (int(part) for part in match.groups())
    if not sockets * cores * threads:
        raise BadInput(f"topology {text!r} has no cpu; each of the three numbers must be at least 1")
    if sockets * cores * threads > MAX_CPUS:
        raise BadInput(f"topology {text!r} has more than {MAX_CPUS} cpus; the model holds {MAX_CPUS}")
    return Topology.grid(sockets, cores, threads)


def regular(name: str, size: int, topology: Topology) -> Hardware:
    """Return a machine with memory from address 0 and an equal share of it on each socket.

    size: bytes, at least 1 MiB, at most MAX_PAGES frames; the last node gets the remainder.
    Errors: BadInput outside these bounds.
    """
    if size < 1 << 20:
        raise BadInput(f"{size} bytes of memory are too few to boot; the minimum is 1MiB")
    if size >> PAGE_SHIFT > MAX_PAGES:
        limit = MAX_PAGES * PAGE_SIZE >> 30
        raise BadInput(f"{size >> PAGE_SHIFT} pages are too many; the model holds {MAX_PAGES} ({limit}GiB)")
    sockets = topology.phys_ids
    share = size // sockets // PAGE_SIZE * PAGE_SIZE
    starts = [share * socket for socket in range(sockets)] + [size]
    spans = [(starts[socket], starts[socket + 1]) for socket in range(sockets)]
    numa = tuple(NumaRange(beg, end - beg, socket) for socket, (beg, end) in enumerate(spans))
    nodes = tuple(Node(socket, socket, (span,)) for socket, span in enumerate(spans))
    many = sockets > 1
    return Hardware(name, topology, ((0, size),), numa if many else (), many, nodes)


PRESETS: Final = {
    "tiny": "4MiB:1x1x1",
    "small": "16MiB:1x2x1",
    "desktop": "64MiB:1x4x2",
    "two-socket": "64MiB:2x4x2",
    "four-socket": "256MiB:4x8x2",
    "server": "1GiB:2x16x2",
    "large": "64GiB:2x32x2",
}
"""Named machines, each as `SIZE:SxCxT`."""


def parse_spec(text: str) -> Hardware | None:
    """Parse a preset's name or `SIZE:SxCxT`; return None if the text has neither form.

    Errors: BadInput if it has the form `SIZE:SxCxT` but cannot be built.
    """
    spec = PRESETS.get(text, text)
    size, colon, grid = spec.partition(":")
    if not colon or _SIZE.fullmatch(size) is None or not grid[:1].isdigit():
        return None
    return regular(text, parse_size(size), parse_grid(grid))
