"""Spinlocks: the owner in the lock's cell against the lock in the owner's cells.

Both ends change in the same step. The owner of a page's spinlock may be the row after the last thread: it
represents a cpu outside a replayed trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.constants import NULL, Thread
from engine.invariants.violation import Violation
from engine.kernel.locks import holds_spinlock
from engine.language.naming import page_text, queue_text, thread_text
from engine.machine.machine import Machine
from engine.machine.tables import SLEEPING
from engine.memory.columns import Column


@dataclass(frozen=True)
class Kind:
    """One kind of spinlock.

    locks, column:      the name of the locks' column, and the column.
    memory, remembered: the name of the threads' column that records the lock each holds, and the column.
    first, none:        the values of that column for lock 0 and for no lock.
    name:               returns the name of a lock's cell.
    """

    locks: str
    column: Column
    memory: str
    remembered: Column
    first: int
    none: int
    name: Callable[[int], str]

    def lock_of(self, t: int) -> int:
        """Return the lock that thread `t` records, or NULL."""
        value = self.remembered[t]
        return NULL if value == self.none else value - self.first


def _kinds(vm: Machine) -> tuple[Kind, ...]:
    page, queue, glob, thread = vm.page, vm.queue, vm.glob, vm.thread
    return (
        Kind("page.spin", page.spin, "page_spin", thread.page_spin, 0, NULL, partial(_page_spin, vm)),
        Kind("queue.spin", queue.spin, "queue_spin", thread.queue_spin, 0, 0, _queue_spin),
        Kind("global.contig_spin", glob.contig_spin, "contig_spin", thread.contig_spin, 1, 0, _contig_spin),
    )


def _page_spin(vm: Machine, m: int) -> str:
    return f"{page_text(vm, m)}.spin"


def _queue_spin(q: int) -> str:
    return f"{queue_text(q)}.spin"


def _contig_spin(_: int) -> str:
    return "global.contig_spin"


def lock_violations(vm: Machine) -> Iterator[Violation]:
    """Find locks and owners that do not name each other, and sleeping threads that hold a spinlock."""
    for kind in _kinds(vm):
        yield from _forgotten(vm, kind)
        yield from _imagined(vm, kind)
    for t in np.flatnonzero(vm.memory.vector("thread.state")).tolist():
        if vm.thread.state[t] == SLEEPING and holds_spinlock(vm, Thread(t)):
            name = thread_text(vm, t)
            yield Violation("spinlocks", NULL, f"{name} holds a spinlock", f"{name}.state is sleeping")


def _forgotten(vm: Machine, kind: Kind) -> Iterator[Violation]:
    """Find locks whose owner does not record them."""
    threads = vm.thread.length
    for lock in np.flatnonzero(vm.memory.vector(kind.locks)).tolist():
        owner = kind.column[lock] - 1
        page = lock if kind.locks == "page.spin" else NULL
        says = f"{kind.name(lock)} is {owner + 1}"
        if not 0 <= owner < threads:
            if page == NULL or owner != threads:
                yield Violation("spinlocks", page, says, f"the last thread is {threads - 1}")
        elif kind.lock_of(owner) != lock:
            yield Violation("spinlocks", page, says, _remembers(vm, kind, owner))


def _imagined(vm: Machine, kind: Kind) -> Iterator[Violation]:
    """Find locks that a thread records and that name another owner."""
    for t in np.flatnonzero(vm.memory.vector(f"thread.{kind.memory}")).tolist():
        lock = kind.lock_of(t)
        if kind.column[lock] != t + 1:
            page = lock if kind.locks == "page.spin" else NULL
            says = f"{kind.name(lock)} is {kind.column[lock]}"
            yield Violation("spinlocks", page, _remembers(vm, kind, t), says)


def _remembers(vm: Machine, kind: Kind, t: int) -> str:
    lock = kind.lock_of(t)
    return f"{thread_text(vm, t)} records {'no lock' if lock == NULL else kind.name(lock)}"
