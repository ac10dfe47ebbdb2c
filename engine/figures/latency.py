"""What the accesses of a run cost when memory of another node is further away.

An access is a touch; in a run without touches, each allocation is one access to its page. This model is the
only place where distance has a price: a step takes no longer for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.debug.per_history import Remembered
from engine.debug.placements import placements, remote
from engine.figures.touches import touched_by, touches_of
from engine.memory.cells import Array
from engine.run.history import History


@dataclass(frozen=True)
class Latency:
    """The steps that an access costs: to memory of the cpu's own node, and to that of another one.

    Memory of no node, and of a node without cpus, costs `local`.
    """

    local: float = 1.0
    remote: float = 2.5


DEFAULT: Final = Latency()


@dataclass(frozen=True)
class Accesses:
    """How many accesses a run made to local and to remote memory."""

    local: int
    remote: int

    @property
    def all(self) -> int:
        """How many accesses it made."""
        return self.local + self.remote

    def cost(self, latency: Latency) -> float:
        """What they cost together, in steps."""
        return self.local * latency.local + self.remote * latency.remote

    def mean(self, latency: Latency) -> float | None:
        """What one of them costs, in steps; None if there was none."""
        return self.cost(latency) / self.all if self.all else None


_KNOWN: Final[Remembered[int, Accesses]] = Remembered(4)


def accesses_of(history: History) -> Accesses:
    """Return the accesses up to the end of the current branch; the cursor is where it was."""
    return _KNOWN.get(history, history.total, lambda: {history.total: _counted(history)})


def _counted(history: History) -> Accesses:
    touches = int(touches_of(history).counts.sum())
    if not touches:
        placed = placements(history, 0, history.total)
        return _divided(history, placed.pages, placed.cpus)
    if history.vm.topology.phys_ids < 2:
        return Accesses(touches, 0)
    touched = touched_by(history)
    cpus = np.array([program.cpu for program in history.programs], np.int64)[touched.threads]
    return _divided(history, touched.pages, cpus)


def _divided(history: History, pages: Array, cpus: Array) -> Accesses:
    far = int(remote(history.vm, pages, cpus).sum())
    return Accesses(len(pages) - far, far)
