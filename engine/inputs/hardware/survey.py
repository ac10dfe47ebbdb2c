"""What a description of a machine says, before any choice is made: cpus, packages and memory nodes.

An hwloc file and the running host are both read into a `Survey`; `assemble` turns it into `Hardware`. So each
choice that the description leaves open is made, and said, in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import BadInput

LONGEST_LIST = 8
"""Stretches of numbers that a message names before it breaks off."""


@dataclass(frozen=True)
class FoundCpu:
    """One logical cpu that is online.

    os_index: the operating system's number of it.
    package:  key of its package in `Survey.packages`.
    core:     key of its core; cpus with the same key are threads of one core.
    """

    os_index: int
    package: int
    core: int | str


@dataclass(frozen=True)
class FoundNode:
    """One NUMA node: its number, its memory in bytes (0 = none given) and the os_index of its online cpus."""

    os_index: int
    size: int
    cpus: frozenset[int]


@dataclass(frozen=True)
class Survey:
    """A machine as found.

    cpus:     in logical order, from which ranks are taken; at least one.
    packages: key -> os_index, None when the description gives no number.
    nodes:    in logical order, in which memory is laid out; at least one.
    warnings: what was already left out or settled while reading.
    file:     named in messages, with the line where the machine begins; None when there is no file.
    """

    name: str
    cpus: tuple[FoundCpu, ...]
    packages: Mapping[int, int | None]
    nodes: tuple[FoundNode, ...]
    warnings: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None

    def refuse(self, message: str) -> BadInput:
        """Make the error that says why no machine can be built from this description."""
        return BadInput(message, file=self.file, line=self.line)


def listed(numbers: Iterable[int]) -> str:
    """Write numbers as people do: `0-3,8`; a list of many stretches is broken off with `...`."""
    stretches: list[list[int]] = []
    for number in sorted(numbers):
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number])
    texts = [f"{low}" if low == high else f"{low}-{high}" for low, high in stretches[:LONGEST_LIST]]
    return ",".join(texts + ["..."] * (len(stretches) > LONGEST_LIST))
