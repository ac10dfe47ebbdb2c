"""Lock contention in a run, computed from the journal (DESIGN, decision 1: not stored in cells).

An acquisition is the step that stores a thread in a spinlock's cell or as a token's owner. The thread
announced it at the end of its previous step, so it waited through every step that other threads took in
between while the lock was held. A failed trylock writes nothing and is not an acquisition.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.debug.journal_search import writes_between
from engine.kernel.locks import lock_at, lock_name
from engine.machine.bookkeeping import SPINLOCKS
from engine.memory.cells import Array
from engine.run.history import History

_LOCK_COLUMNS = SPINLOCKS | {"object.token_owner"}


@dataclass(frozen=True)
class LockUse:
    """The use of a lock up to a step: its acquisitions, those that had to wait, and the steps waited in all.

    address: the cell of the lock; name: the lock in words.
    """

    address: int
    name: str
    acquisitions: int
    contended: int
    waited: int


def lock_uses(history: History, step: int | None = None) -> list[LockUse]:
    """Return every lock taken up to `step` (default: the end), by the steps waited, most first."""
    journal, memory = history.journal, history.vm.memory
    last = history.total if step is None else step
    stretches = [memory.places[column].stretch for column in _LOCK_COLUMNS]
    writes = writes_between(history, (), 0, last, stretches)
    addresses, held = journal.address.at(writes), journal.new.at(writes)
    steps, threads = journal.steps_of(writes), journal.threads(0, last)
    uses = []
    for address in np.unique(addresses):
        mine = addresses == address
        takes, releases = _takes_and_releases(steps[mine], held[mine])
        waits = [_waited(threads, int(take), takes, releases) for take in takes]
        contended = sum(wait > 0 for wait in waits)
        name = lock_name(history.vm, lock_at(history.vm, int(address)))
        uses.append(LockUse(int(address), name, len(waits), contended, sum(waits)))
    return sorted(uses, key=lambda use: (-use.waited, -use.contended, -use.acquisitions, use.address))


def _takes_and_releases(steps: Array, held: Array) -> tuple[Array, Array]:
    """Return the steps at which the lock was taken, and the step of each release (or one never reached)."""
    takes, releases = steps[held != 0], steps[held == 0]
    return takes, np.append(releases, np.full(len(takes) - len(releases), np.iinfo(np.int64).max))


def _waited(threads: Array, take: int, takes: Array, releases: Array) -> int:
    """Count the steps with the lock held between the taker's previous step and `take`."""
    own = np.flatnonzero(threads[: take - 1] == threads[take - 1])
    announced = int(own[-1]) + 1 if len(own) else 0
    before = takes < take
    begins, ends = np.maximum(takes[before], announced), np.minimum(releases[before], take - 1)
    return int(np.maximum(ends - begins, 0).sum())
