"""How each lock fared in a run, computed from the journal (DESIGN, decision 1: not stored in cells).

An acquisition is the step that makes a spinlock's cell, or a token's owner, name a thread. The thread had
announced it at the end of its own step before that, so it waited through every step that others took in
between while the lock was held. A trylock that fails writes nothing and is no acquisition.
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
    """One lock's use up to a step: how often it was taken, how often after waiting, and for how many steps.

    address: the cell of the lock; name: the lock in words.
    """

    address: int
    name: str
    acquisitions: int
    contended: int
    waited: int


def lock_uses(history: History, step: int | None = None) -> list[LockUse]:
    """Every lock that was taken up to `step` (the end if None), those waited for longest first."""
    journal, memory = history.journal, history.vm.memory
    last = history.total if step is None else step
    stretches = [memory.places[column].stretch for column in _LOCK_COLUMNS]
    writes = writes_between(history, (), 0, last, stretches)
    addresses, held = np.asarray(journal.address)[writes], np.asarray(journal.new)[writes]
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
    """The steps at which the lock was taken, and for each the step of its release (or one never reached)."""
    takes, releases = steps[held != 0], steps[held == 0]
    return takes, np.append(releases, np.full(len(takes) - len(releases), np.iinfo(np.int64).max))


def _waited(threads: Array, take: int, takes: Array, releases: Array) -> int:
    """How many steps others took, while the lock was held, after the taker's own step before `take`."""
    own = np.flatnonzero(threads[: take - 1] == threads[take - 1])
    announced = int(own[-1]) + 1 if len(own) else 0
    before = takes < take
    begins, ends = np.maximum(takes[before], announced), np.minimum(releases[before], take - 1)
    return int(np.maximum(ends - begins, 0).sum())
