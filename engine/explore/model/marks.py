"""What a schedule has done that no cell remembers, and that its end or its place in an order depends on.

- `early`: a script has released a lock out of order, so that a completed run is `unlock_order`.
- `lows`: of a page that the setup left busy or held, the lowest amount so far. What is above it at the end
  was taken by the run and not given back: a `leak` (`engine.run.endings` finds the same in a journal).
- `reached`: the places of `--order` that a thread has come to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import PBUSY_LOCKED, PBUSY_MASK, Thread
from engine.kernel.locks import held_locks
from engine.machine.machine import TOKENS_PER_THREAD, Machine
from engine.machine.tables import ENDED
from engine.run.endings import RELEASES, pages_of_ios
from engine.run.program import Call, Program

Write = tuple[int, int, int]
"""An address, the old value and the new one, as they are stored."""


def _locked(busy: int) -> int:
    return int(bool(busy & PBUSY_LOCKED))


def _soft(busy: int) -> int:
    return busy & PBUSY_MASK


AMOUNTS: Final[tuple[tuple[str, Callable[[int], int]], ...]] = (
    ("page.busy_count", _locked),
    ("page.busy_count", _soft),
    ("page.hold_count", int),
)
"""The columns of what pages are taken with, and how much of it a value says."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a script: a thread, and the positions of its program that belong to the place."""

    thread: int
    positions: frozenset[int]


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a schedule so far; see the top of this file."""

    early: bool
    lows: tuple[int, ...]
    reached: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What one step adds to the marks; lows: by index, the lowest amount during the step."""

    early: bool
    lows: tuple[tuple[int, int], ...]
    reached: tuple[int, ...]


class Marking:
    """Finds the marks of steps, and what a completed run has not given back."""

    def __init__(
        self, vm: Machine, programs: Sequence[Program], order: Sequence[tuple[Place, Place]] = ()
    ) -> None:
        """order: pairs of places; a schedule that comes to the second one first is excluded."""
        self.vm = vm
        self.programs = programs
        self.places = [place for pair in order for place in pair]
        places = vm.memory.places
        self._page_spin, self._slots = places["page.spin"].stretch, places["token.object"].stretch
        self._queue_spin, self._pc = places["thread.queue_spin"].base, places["thread.pc"].base
        self._low_of: dict[int, list[int]] = {}
        self._amounts: list[tuple[int, Callable[[int], int]]] = []
        self._find_left_by_setup()
        self.start = Marks(
            False,
            tuple(amount(vm.memory.cells[address]) for address, amount in self._amounts),
            tuple(vm.memory.cells[self._pc + place.thread] in place.positions for place in self.places),
        )

    def _find_left_by_setup(self) -> None:
        for column, amount in AMOUNTS:
            place = self.vm.memory.places[column]
            for m in np.flatnonzero(self.vm.memory.array[place.base : place.base + place.length]).tolist():
                if amount(self.vm.memory.cells[place.base + m]):
                    self._low_of.setdefault(place.base + m, []).append(len(self._amounts))
                    self._amounts.append((place.base + m, amount))

    # --- one step -------------------------------------------------------------------------------------------

    def change(self, t: int, before: Callable[[int], int], writes: Sequence[Write]) -> Change | None:
        """What a step of thread `t` adds to the marks; None for nothing.

        before: the value of a cell before the step, as it is stored; writes: the step's, in order.
        """
        reached = self._reached(t, writes)
        lows = self._lows(writes)
        early = self._early(t, before, writes)
        return Change(early, lows, reached) if reached or lows or early else None

    def looks_at(self, t: int) -> tuple[int, ...]:
        """The cells on which the marks of thread `t`'s next step depend, besides its position."""
        instructions, pc = self.programs[t].instructions, self.vm.memory.cells[self._pc + t]
        return (self._queue_spin + t,) if pc < len(instructions) and _releases(instructions[pc]) else ()

    def _reached(self, t: int, writes: Sequence[Write]) -> tuple[int, ...]:
        arrived = [new for address, _, new in writes if address == self._pc + t]
        return tuple(
            number
            for number, place in enumerate(self.places)
            if place.thread == t and arrived and arrived[-1] in place.positions
        )

    def _lows(self, writes: Sequence[Write]) -> tuple[tuple[int, int], ...]:
        lows: dict[int, int] = {}
        for address, _, new in writes:
            for number in self._low_of.get(address, ()):
                amount = self._amounts[number][1](new)
                lows[number] = min(amount, lows.get(number, amount))
        return tuple(lows.items())

    def _early(self, t: int, before: Callable[[int], int], writes: Sequence[Write]) -> bool:
        """Whether a line of the script releases a page's spinlock before a queue's, or an earlier token."""
        instructions, pc = self.programs[t].instructions, before(self._pc + t)
        if pc >= len(instructions) or not _releases(instructions[pc]):
            return False
        queue = before(self._queue_spin + t)
        for address, old, new in writes:
            if address == self._queue_spin + t:
                queue = new
            if self._page_spin[0] <= address < self._page_spin[1] and old == t + 1 and not new and queue:
                return True
            inside = self._slots[0] <= address < self._slots[1]
            if inside and (address - self._slots[0]) // TOKENS_PER_THREAD == t and old and new:
                return True
        return False

    # --- a schedule -----------------------------------------------------------------------------------------

    def after(self, marks: Marks, change: Change) -> Marks | None:
        """The marks after a step; None if the step comes to the second place of an order before the first."""
        lows = list(marks.lows)
        for number, amount in change.lows:
            lows[number] = min(lows[number], amount)
        reached = list(marks.reached)
        for number in change.reached:
            if number % 2 and not reached[number - 1]:
                return None
            reached[number] = True
        return Marks(marks.early or change.early, tuple(lows), tuple(reached))

    def leaks(self, marks: Marks) -> bool:
        """Whether the threads have ended and left a lock taken, or a page busy or held."""
        vm = self.vm
        ended = (t for t in range(len(self.programs)) if vm.thread.state[t] == ENDED)
        return any(held_locks(vm, Thread(t)) for t in ended) or any(self._left(marks))

    def _left(self, marks: Marks) -> list[bool]:
        vm, found, waiting = self.vm, [], set(pages_of_ios(self.vm))
        for column, amount in AMOUNTS:
            base = vm.memory.places[column].base
            for m in np.flatnonzero(vm.memory.array[base : base + vm.marker_base]).tolist():
                lows = [
                    marks.lows[number]
                    for number in self._low_of.get(base + m, ())
                    if self._amounts[number][1] is amount
                ]
                low = lows[0] if lows else 0
                found.append(m not in waiting and amount(vm.memory.cells[base + m]) > low)
        return found


def _releases(instruction: object) -> bool:
    return isinstance(instruction, Call) and instruction.name in RELEASES
