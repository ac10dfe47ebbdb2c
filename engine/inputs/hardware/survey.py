"""A survey: the cpus, packages and memory nodes in a machine's description, before any choice is made.

An hwloc file and the host are both read into a `Survey`, which `assemble` converts to `Hardware`. So every
choice left open by the description is made, and reported, in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import BadInput

LONGEST_LIST = 8
"""Maximum number of ranges of numbers in a message."""


@dataclass(frozen=True)
class FoundCpu:
    """A logical cpu that is online.

    os_index: its number in the operating system.
    package:  key of its package in `Survey.packages`.
    core:     key of its core; cpus with the same key are threads of one core.
    """

    os_index: int
    package: int
    core: int | str


@dataclass(frozen=True)
class FoundNode:
    """A NUMA node: its number, its memory in bytes (0 = not given) and the os_index of its online cpus."""

    os_index: int
    size: int
    cpus: frozenset[int]


@dataclass(frozen=True)
class Survey:
    """A machine as described.

    cpus:     in logical order, which determines ranks; at least one.
    packages: key -> os_index, None if the description gives no number.
    nodes:    in logical order, which determines the memory layout; at least one.
    warnings: what the reader has ignored or decided.
    file:     the file's name for messages, with the line at which the machine starts; None without a file.
    """

    name: str
    cpus: tuple[FoundCpu, ...]
    packages: Mapping[int, int | None]
    nodes: tuple[FoundNode, ...]
    warnings: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None

    def refuse(self, message: str) -> BadInput:
        """Return a BadInput that explains why no machine can be built from this description."""
        return BadInput(message, file=self.file, line=self.line)


def listed(numbers: Iterable[int]) -> str:
    """Format numbers as ranges, such as `0-3,8`; a list of many ranges is truncated with `...`."""
    stretches: list[list[int]] = []
    for number in sorted(numbers):
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number])
    texts = [f"{low}" if low == high else f"{low}-{high}" for low, high in stretches[:LONGEST_LIST]]
    return ",".join(texts + ["..."] * (len(stretches) > LONGEST_LIST))
