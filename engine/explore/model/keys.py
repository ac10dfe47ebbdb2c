"""The key of a state: equal for states from which the same runs follow.

A key is the exclusive or of a 128-bit hash of every cell and of every thread's frames, so that a step changes
it by what it writes. Left out are cells on which no run depends: the links of the run queues and of the sleep
queue, the schedule's progress, and absolute times. Instead of these, a key has the time that sleeps, I/O and
the daemons' stamps have lasted, and, where it matters, who has a cpu (`engine.explore.model.choices`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

import numpy as np

from engine.machine.machine import Machine
from engine.machine.tables import BUF_UNUSED, EMPTY, SLEEPING
from engine.run.position import LONG_AGO, STAMPS, Aside
from engine.run.program import Program

LINKS: Final = (
    *("thread.run_next", "cpu.runq_head", "cpu.runq_tail", "cpu.current"),
    *("global.sleepq_head", "global.sleepq_tail", "thread.sleep_next", "thread.sleep_prev"),
)
"""The columns that say only in which order threads wait for a cpu or a wakeup."""

PROGRESS: Final = (
    *("thread.op_start", "global.schedule_item", "global.schedule_left", "global.schedule_random"),
    "global.schedule_tick",
)
"""The columns of a schedule's progress."""

TIMES: Final = ("global.ticks", "thread.slept_at", "buf.started", *(f"global.{name}" for name in STAMPS))
"""The columns of absolute times."""


_ASLEEP: Final = SLEEPING - EMPTY
"""A sleeping thread's state, as it is stored."""


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of scripts and expressions: a cell that they name is part of every key."""
    return frozenset(re.findall(r"\w+", "\n".join(texts)))


def words_of_programs(programs: Iterable[Program]) -> frozenset[str]:
    """The words of the programs' scripts."""
    return words_of(line for program in programs for line in program.lines)


class Keys:
    """The hashes of one machine's cells and frames."""

    def __init__(self, vm: Machine, words: frozenset[str]) -> None:
        """words: those of the scripts and of all expressions that are evaluated."""
        self.vm = vm
        self.stamps = Aside(vm, words).stamps
        names = [name for name in (*LINKS, *PROGRESS, *TIMES) if name.partition(".")[2] not in words]
        self.aside = [vm.memory.places[name].stretch for name in names]
        at, self._memory = vm.memory.address, vm.memory.cells
        self._threads = range(len(vm.thread_names))
        self._now, self._any_io = at("global.ticks", 0), at("global.buf_sequence", 0)
        self._sleeps = at("thread.state", 0), at("thread.timo", 0), at("thread.slept_at", 0)
        self._stamps = [at(f"global.{name}", 0) for name in self.stamps]
        self._cells: dict[tuple[int, int], int] = {}
        self._others: dict[Any, int] = {}
        self._books = [(vm.memory.places[column].stretch, book, column) for book, column in vm.memory.books]

    def excluded(self, address: int) -> bool:
        """Whether a cell is not part of the key."""
        return any(first <= address < beyond for first, beyond in self.aside)

    def of_cell(self, address: int, value: int) -> int:
        """The hash of a cell's value, as stored; 0 for a cell that is not part of the key."""
        known = self._cells.get((address, value))
        if known is None:
            named = (self._name(address), value)
            known = self._cells[address, value] = 0 if self.excluded(address) else _hash(named)
        return known

    def _name(self, address: int) -> object:
        """A name of a cell that does not depend on the order in which keys of address books came up."""
        for (first, beyond), book, column in self._books:
            if first <= address < beyond:
                return column, list(book.slots)[address - first]
        return address

    def of(self, what: Any) -> int:
        """The hash of anything else that is part of a key; of a thread's frames."""
        known = self._others.get(what)
        if known is None:
            known = self._others[what] = _hash(what)
        return known

    def most_values(self) -> tuple[int, int] | None:
        """The cell that took the most values, and how many; None if no cell has changed.

        Of several it is the last one, since the variables of scripts come after what follows from them.
        """
        cells = np.array([address for address, _ in self._cells if not self.excluded(address)], np.int64)
        if not cells.size:
            return None
        addresses, counts = np.unique(cells, return_counts=True)
        most = counts.size - 1 - int(counts[::-1].argmax())
        return int(addresses[most]), int(counts[most])

    def times(self) -> tuple[tuple[str, int, int], ...]:
        """How long sleeps, I/O and stamps have lasted, as far as the kernel asks for it."""
        cells, now = self._memory, self._memory[self._now]
        state, timo, since = self._sleeps
        found = [
            ("sleep", t, now - cells[since + t])
            for t in self._threads
            if cells[state + t] == _ASLEEP and cells[timo + t]
        ]
        if cells[self._any_io]:
            found += self._ios(now)
        for number, address in enumerate(self._stamps):
            found.append(("stamp", number, min((now - cells[address]) & 0xFFFFFFFF, LONG_AGO)))
        return tuple(found)

    def _ios(self, now: int) -> list[tuple[str, int, int]]:
        cells, vm = self._memory, self.vm
        kind, started = vm.memory.address("buf.kind", 0), vm.memory.address("buf.started", 0)
        return [
            ("io", row, min(now - cells[started + row], vm.config.io_delay))
            for row in range(vm.buf.length)
            if cells[kind + row] != BUF_UNUSED
        ]


def _hash(what: object) -> int:
    return int.from_bytes(blake2b(repr(what).encode(), digest_size=16).digest(), "little")
