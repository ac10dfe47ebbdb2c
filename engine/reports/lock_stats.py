"""Lock contention in a run, computed from the journal (DESIGN, decision 1: not stored in cells).

An acquisition is the step that stores a thread in a spinlock's cell or as a token's owner, or that counts one
more thread that shares a token. The thread announced it at the end of its previous step, so it waited through
every step that other threads took in between while the lock was held against it: a token that is shared is
held against a thread that wants it alone. A trylock never waits, and one that fails is not an acquisition;
nor is it one that the owner of a token takes it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.debug.journal_search import Steps, own_step_before, steps_labelled, writes_between
from engine.debug.per_history import Remembered
from engine.kernel.locks import TRY_SPINLOCK, lock_at, lock_name
from engine.kernel.tokens import TRY_TOKEN
from engine.memory.block import EVENT
from engine.memory.cells import Array
from engine.run.history import History

LOCK_CLASSES: Final[Mapping[str, str]] = {
    "page": "page.spin",
    "queue": "queue.spin",
    "contig": "global.contig_spin",
    "token": "object.token_owner",
}
"""The classes of locks, each with the column that holds the owners of its locks."""

_SHARERS: Final = "object.token_shared"


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


@dataclass(frozen=True)
class LockTotal:
    """The sums of a class of locks: acquisitions, those that had to wait, and the steps waited in all."""

    acquisitions: int
    contended: int
    waited: int


@dataclass(frozen=True)
class _Acquisitions:
    """Each acquisition: the cell of its lock, and the steps that its thread waited; int64, (n,)."""

    locks: Array
    waited: Array


def lock_uses(history: History, step: int | None = None) -> list[LockUse]:
    """Return every lock taken up to `step` (default: the end), by the steps waited, most first."""
    taken = _acquisitions(history, step)
    locks, which = np.unique(taken.locks, return_inverse=True)
    weights = (np.ones_like(taken.waited), taken.waited > 0, taken.waited)
    sums = [np.bincount(which, weight, len(locks)).astype(np.int64).tolist() for weight in weights]
    uses = [
        LockUse(address, lock_name(history.vm, lock_at(history.vm, address)), *counts)
        for address, *counts in zip(locks.tolist(), *sums, strict=True)
    ]
    return sorted(uses, key=lambda use: (-use.waited, -use.contended, -use.acquisitions, use.address))


def lock_total(history: History, name: str, step: int | None = None) -> LockTotal:
    """Return the sums of all locks of a class up to `step` (default: the end).

    name: one of LOCK_CLASSES.
    """
    taken = _acquisitions(history, step)
    low, beyond = history.vm.memory.places[LOCK_CLASSES[name]].stretch
    waited = taken.waited[(taken.locks >= low) & (taken.locks < beyond)]
    return LockTotal(len(waited), int((waited > 0).sum()), int(waited.sum()))


_KNOWN: Final[Remembered[int, _Acquisitions]] = Remembered(8)


def _acquisitions(history: History, step: int | None) -> _Acquisitions:
    last = history.total if step is None else step
    return _KNOWN.get(history, last, lambda: {last: _found(history, last)})


@dataclass(frozen=True)
class _Changes:
    """The writes that took or released locks, by lock and within a lock in order; int64 or bool, (n,).

    locks:  the cell of each write's lock. steps: when it was made.
    shared: whether it took or released a share of a token.
    old, new: the owner or the number of shares before and after.
    """

    locks: Array
    steps: Steps
    shared: npt.NDArray[np.bool_]
    old: Array
    new: Array

    @property
    def takes(self) -> npt.NDArray[np.bool_]:
        """Whether each write is an acquisition."""
        taken: npt.NDArray[np.bool_] = (self.new > self.old) & (self.shared | (self.old == 0))
        return taken


def _changes(history: History, last: int) -> _Changes:
    journal, places = history.journal, history.vm.memory.places
    owner, sharers = places[LOCK_CLASSES["token"]], places[_SHARERS]
    stretches = [places[column].stretch for column in (*LOCK_CLASSES.values(), _SHARERS)]
    writes = writes_between(history, (), 0, last, stretches)
    locks = journal.address.at(writes).astype(np.int64)
    shared = (locks >= sharers.base) & (locks < sharers.base + sharers.length)
    locks[shared] += owner.base - sharers.base
    order = np.argsort(locks, kind="stable")
    steps, old, new = journal.steps_of(writes), journal.old.at(writes), journal.new.at(writes)
    return _Changes(locks[order], steps[order], shared[order], old[order], new[order])


def _found(history: History, last: int) -> _Acquisitions:
    changes = _changes(history, last)
    takes = changes.takes
    locks, steps, shared = changes.locks[takes], changes.steps[takes], changes.shared[takes]
    announced = own_step_before(history, steps)
    alone, at_all = _Held(changes, last, shares=False), _Held(changes, last, shares=True)
    waited = np.where(
        shared, alone.between(locks, announced, steps - 1), at_all.between(locks, announced, steps - 1)
    )
    tried = np.isin(steps, steps_labelled(history, (TRY_SPINLOCK, TRY_TOKEN), 0, last))
    waited[tried | (history.journal.threads(0, last)[steps - 1] == EVENT)] = 0
    return _Acquisitions(locks, waited)


class _Held:
    """The spans of steps in which each lock was held; shares: whether sharing a token holds it."""

    def __init__(self, changes: _Changes, last: int, *, shares: bool) -> None:
        counts = shares | ~changes.shared
        begins = np.flatnonzero(counts & (changes.old == 0) & (changes.new != 0))
        ends = np.flatnonzero(counts & (changes.old != 0) & (changes.new == 0))
        self._row = last + 2
        self._locks = changes.locks[begins]
        self._keys = self._locks * self._row + changes.steps[begins]
        # A lock that is never released is held to the end: its next span, if any, is that of another lock.
        following = np.append(self._keys[1:], np.iinfo(np.int64).max)
        keys = changes.locks[ends] * self._row + changes.steps[ends]
        place = np.searchsorted(keys, self._keys, side="left")
        released = np.append(keys, np.iinfo(np.int64).max)[place]
        to_the_end = self._locks * self._row + last
        self._ends = np.where(released <= following, released, to_the_end)
        self._ends = np.minimum(self._ends, to_the_end)
        self._before = np.append(0, np.cumsum(self._ends - self._keys))

    def between(self, locks: Array, first: Array, last: Array) -> Array:
        """Count for each n the steps first[n] + 1 .. last[n] before which the lock locks[n] was held."""
        return self._up_to(locks, last) - self._up_to(locks, np.minimum(first, last))

    def _up_to(self, locks: Array, steps: Array) -> Array:
        """Count the steps up to each of `steps` with the lock held, and those of all locks before it."""
        keys = locks * self._row + steps
        spans = np.searchsorted(self._keys, keys, side="left")
        found: Array = self._before[spans]
        some = spans > 0
        latest = spans[some] - 1
        mine = self._locks[latest] == locks[some]
        found[some] -= np.where(mine, np.maximum(self._ends[latest] - keys[some], 0), 0)
        return found
