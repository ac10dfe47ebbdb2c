"""The local states of one thread: what its frames can hold between two steps, each with a number.

A generator cannot be copied. To come to a local state again, an instruction is begun again from the cells
that it began with, and its steps so far are performed again, each on the cells that it read at that time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.constants import Cpu, Thread
from engine.explore.model.frames import Frames, frames_of
from engine.machine.machine import Machine
from engine.memory.access_log import Stretch, Whole
from engine.memory.journal import Journal
from engine.run.runner import Runner

Read = int | Whole
Value = Any
"""The content of a cell as stored, of a stretch as bytes, or the number of an address book's keys."""


class Content:
    """Reads and overwrites what steps read: cells, stretches of cells, and address books."""

    def __init__(self, vm: Machine) -> None:
        self.memory = vm.memory
        self.cells = vm.memory.cells

    def get(self, read: Read) -> Value:
        """The present value."""
        if isinstance(read, int):
            return self.cells[read]
        if isinstance(read, Stretch):
            return self.memory.array[read.first : read.beyond].tobytes()
        return dict.__len__(self.memory.books[read.book][0].slots)

    def put(self, read: Read, value: Value) -> Callable[[], None]:
        """Show `value`; return what restores the present value.

        An address book keeps its keys; those after the first `value` ones show no entry.
        """
        if isinstance(read, int):
            old = self.cells[read]
            self.cells[read] = value
            return lambda: self.cells.__setitem__(read, old)
        if isinstance(read, Stretch):
            return self._put(read.first, np.frombuffer(value, np.int64))
        book, column = self.memory.books[read.book]
        hidden = dict.__len__(book.slots) - value
        return self._put(self.memory.places[column].base + value, np.zeros(hidden, np.int64))

    def _put(self, first: int, values: np.ndarray[Any, np.dtype[np.int64]]) -> Callable[[], None]:
        span = slice(first, first + values.size)
        old = self.memory.array[span].copy()
        self.memory.array[span] = values

        def restore() -> None:
            self.memory.array[span] = old

        return restore


@dataclass(frozen=True, slots=True)
class Way:
    """How an unfinished instruction came to where it is: the step before, and what the last step read.

    begun: the cells that its beginning read, in place of an earlier step.
    """

    before: Way | None
    read: tuple[tuple[Read, Value], ...] = ()
    begun: Mapping[int, int] | None = None


class LocalStates:
    """The local states of one thread, by number, and the generator that is at one of them.

    locks:   the lock that each announces, or None. actions: the atomic action that each announces.
    begins:  whether each is the start of an instruction, or the end of the thread.
    frames:  what each holds; hashable.
    """

    def __init__(self, runner: Runner, journal: Journal, t: int, own: list[int]) -> None:
        """own: the addresses of the cells that the beginning of an instruction reads."""
        self.t = t
        self.runner = runner
        self.journal = journal
        self.content = Content(runner.vm)
        self.own = own
        self.locks: list[int | None] = []
        self.actions: list[str] = []
        self.begins: list[bool] = []
        self.frames: list[Frames] = []
        self._ways: list[Way] = []
        self._numbers: dict[tuple[int, Frames], int] = {}
        self._at: int | None = None

    def first(self) -> int:
        """The number of the present local state, at the start of an instruction."""
        return self.number(Way(None, begun=self.begun()))

    def begun(self) -> dict[int, int]:
        """The cells that the beginning of an instruction reads, and their present values."""
        cells = self.runner.vm.memory.cells
        return {address: cells[address] for address in self.own}

    def number(self, way: Way) -> int:
        """The number of the local state at which the thread now is.

        way: how the thread came there, if it is new.
        """
        live = self.runner.live[self.t]
        frames = frames_of(live)
        # Two instructions of one line can have equal frames.
        place = (self._position(way), frames)
        number = self._numbers.get(place)
        if number is None:
            number = self._numbers[place] = len(self.frames)
            self.frames.append(frames)
            self.locks.append(live.lock)
            self.actions.append(live.action)
            self.begins.append(way.before is None)
            self._ways.append(way)
        self._at = number
        return number

    def _position(self, way: Way) -> int:
        """The position in the script: that at which an instruction has begun, else the present one."""
        cell = self.runner.vm.memory.address("thread.pc", self.t)
        return self.runner.vm.memory.cells[cell] if way.begun is None else way.begun[cell]

    def way(self, number: int, read: tuple[tuple[Read, Value], ...]) -> Way:
        """The way to what follows a local state, one step later."""
        return Way(self._ways[number], read)

    def lose(self) -> None:
        """Note that the generator has ended, by a panic or an error."""
        self._at = None

    def go_to(self, number: int) -> None:
        """Bring the thread's generator to a local state; the cells do not change."""
        if self._at == number:
            return
        ways, way = [], self._ways[number]
        while way.before is not None:
            ways.append(way)
            way = way.before
        self._begin(way.begun or {})
        for way in reversed(ways):
            self._repeat(way)
        self.runner.vm.effects.clear()
        if frames_of(self.runner.live[self.t]) != self.frames[number]:
            raise RuntimeError(f"thread {self.t} did not come to its local state {number} again")
        self._at = number

    def _begin(self, begun: Mapping[int, int]) -> None:
        restore = [self.content.put(address, value) for address, value in begun.items()]
        self.runner.prime(self.runner.live[self.t])
        for put_back in restore:
            put_back()

    def _repeat(self, way: Way) -> None:
        vm, live = self.runner.vm, self.runner.live[self.t]
        restore = [self.content.put(read, value) for read, value in way.read]
        vm.curthread, vm.mycpu = Thread(self.t), Cpu(live.cpu)
        live.announcement = live.advance(None)
        self.journal.undo_unmarked(vm.memory.cells)
        for put_back in reversed(restore):
            put_back()
