"""What a dump says of a machine at one moment: the lengths of its queues, its counters and its limits.

What the dump does not say is unknown: None, or UNKNOWN for the length of a queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from engine.constants import VMSTATS_FIELDS
from engine.machine.counters import UNKNOWN
from engine.memory.cells import Array

QUEUES: Final = ("FREE", "CACHE", "ACTIVE", "INACTIVE", "HOLD")
"""The types of queues, in the order in which DDB prints them; DDB itself does not print HOLD."""

COUNTERS: Final = {
    "FREE": "v_free_count",
    "CACHE": "v_cache_count",
    "ACTIVE": "v_active_count",
    "INACTIVE": "v_inactive_count",
}
"""The kernel's counter of each type of queue; that of ACTIVE counts the pages on HOLD too."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Sockets, cores of a socket, and threads of a core; None for what the dump does not say."""

    sockets: int | None
    cores: int | None
    threads: int | None


@dataclass(frozen=True, eq=False)
class DumpMoment:
    """A machine at one moment, as far as it is known.

    file, line: where the text of the moment starts.
    queues:     for each name of QUEUES the length of each colour's queue, in pages; all types have as many
                colours. UNKNOWN where a length is unknown, None for a type that is not in the dump.
    vmstats:    for each name of VMSTATS_FIELDS the value, in pages; None if it is unknown.
    events:     counters of events by their names in the kernel, such as v_pdwakeups; only those of the dump.
    grid:       the processors; None if the dump says nothing of them.
    physmem:    the size of memory in bytes; None if it is unknown.
    notes:      what of the text could not be read, one sentence each.
    """

    file: str
    line: int
    queues: Mapping[str, Array | None]
    vmstats: Mapping[str, int | None]
    events: Mapping[str, int]
    grid: Grid | None = None
    physmem: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def colors(self) -> int | None:
        """The number of colours; None if the dump has no queues."""
        return next((lengths.size for lengths in self.queues.values() if lengths is not None), None)

    def total(self, queue: str) -> int | None:
        """The pages on all queues of a type; None unless the length of every colour is known."""
        return self._totals[queue]

    def counted(self, queue: str) -> int | None:
        """The pages of a type of COUNTERS by its counter; if that is unknown, those on its queues."""
        count = self.vmstats[COUNTERS[queue]]
        return self.total(queue) if count is None else count

    @cached_property
    def _totals(self) -> dict[str, int | None]:
        """The total of each type: a comparison with all moments before asks for it again and again."""
        return {name: _sum(lengths) for name, lengths in self.queues.items()}


def _sum(lengths: Array | None) -> int | None:
    if lengths is None or (lengths == UNKNOWN).any():
        return None
    pages: int = sum(lengths.tolist())  # Python's integers do not overflow
    return pages


NOTHING_KNOWN: Final[Mapping[str, int | None]] = dict.fromkeys(VMSTATS_FIELDS)


def changed_colors(before: DumpMoment, after: DumpMoment) -> dict[str, frozenset[int]]:
    """Return, for each type of queue, the colours whose known lengths differ between two moments."""
    changed = {}
    for name in QUEUES:
        one, other = before.queues[name], after.queues[name]
        if one is None or other is None or one.size != other.size:
            changed[name] = frozenset[int]()
            continue
        known = (one != UNKNOWN) & (other != UNKNOWN)
        changed[name] = frozenset(np.flatnonzero(known & (one != other)).tolist())
    return changed
