"""Moves of pages between queue types, by the script call that caused them, counted along a branch.

Between two queues a page is not on a queue. A page that leaves a queue and joins another within one
instruction is one move; until it joins the other queue, it counts as a move to NONE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import PQ_L2_MASK, PQ_L2_SIZE, QUEUE_BASES
from engine.debug.journal_search import writes_between
from engine.debug.per_history import Growing, Rows
from engine.memory.block import EVENT
from engine.memory.cells import Array
from engine.memory.distinct import distinct
from engine.run.history import History
from explorer.views.instructions import called, instructions_of

TYPES: Final = tuple(QUEUE_BASES)
"""The queue types by number: NONE, then the types in the order of their queue indexes."""

_NONE: Final = 0
_NEVER: Final = 1 << 62

_Kind = tuple[int, int, str]
"""The source type, the target type, and the call or event."""

_Instruction = tuple[int, int, str]
"""A thread, the step after which its instruction started, and the function that it calls."""


@dataclass(frozen=True)
class Move:
    """The moves of one kind up to a step: their number, and the step of the last one."""

    source: str
    target: str
    function: str
    count: int
    last: int


class _Kept:
    """The moves of one kind: the step of each, and the step at which it was reclassified.

    A move to NONE is reclassified when the page joins a queue in the same instruction.
    """

    def __init__(self) -> None:
        self.rows = Rows(2)
        self.fresh: list[int] = []

    def make(self, step: int) -> int:
        """Add a move and return its number."""
        self.fresh.append(step)
        return len(self.rows) + len(self.fresh) - 1

    def settle(self) -> None:
        """Append the moves made since the last call to `rows`."""
        if self.fresh:
            self.rows.extend(self.fresh, [_NEVER] * len(self.fresh))
            self.fresh.clear()

    def unmake(self, number: int, step: int) -> None:
        """Record that move `number` was reclassified at step `step`."""
        self.rows.columns[1, number] = step

    def valid_at(self, step: int) -> Array:
        """The steps of the moves made up to `step` and not reclassified by then."""
        made, unmade = self.rows.between(0, step)
        found: Array = made[unmade > step]
        return found


class _Moves:
    """The moves of a branch by kind."""

    def __init__(self, history: History) -> None:
        self.place = history.vm.memory.places["page.queue"]
        self.kinds: dict[_Kind, _Kept] = {}
        self.left: dict[int, tuple[_Instruction, int, int]] = {}
        """Pages between two queues: the instruction in which each left, its old type, and the move."""

    def of(self, kind: _Kind) -> _Kept:
        """The moves of a kind."""
        kept = self.kinds.get(kind)
        if kept is None:
            kept = self.kinds[kind] = _Kept()
        return kept


def _extend(known: _Moves, history: History, first: int, last: int) -> None:
    journal, place = history.journal, known.place
    writes = writes_between(history, (), first, last, (place.stretch,))
    if not writes.size:
        return
    steps = journal.steps_of(writes)
    pages = journal.address.at(writes) - place.base
    sources, targets = (_types(part.at(writes)) for part in (journal.old, journal.new))
    called_by = _instructions_at(history, steps)
    columns = (part.tolist() for part in (steps, pages, sources, targets))
    unmade: list[tuple[_Kept, int, int]] = []
    for step, m, source, target, instruction in zip(*columns, called_by, strict=True):
        _note(known, unmade, step, m, (source, target), instruction)
    for kept in known.kinds.values():
        kept.settle()
    for kept, number, step in unmade:
        kept.unmake(number, step)


def _types(queues: Array) -> Array:
    """The type number of each queue, an index in TYPES."""
    return (queues + PQ_L2_MASK) // PQ_L2_SIZE


def _instructions_at(history: History, steps: Array) -> list[_Instruction]:
    """The instruction of each step's thread; an event counts as an instruction."""
    instructions, journal = instructions_of(history), history.journal
    threads = journal.threads_at(steps)
    begun, position = steps.copy(), np.zeros(steps.size, np.int64)
    for t in map(int, distinct(threads)):
        if t != EVENT:
            own = threads == t
            begun[own] = instructions.begun(t, steps[own])
            position[own] = instructions.positions(t, steps[own])
    names: dict[tuple[int, int], str] = {}
    found = []
    for t, begin, at, step in zip(
        *(part.tolist() for part in (threads, begun, position, steps)), strict=True
    ):
        if t == EVENT:
            name = journal.label(step)
        elif (t, at) in names:
            name = names[t, at]
        else:
            name = names[t, at] = called(history, t, at)
        found.append((t, begin, name))
    return found


def _note(
    known: _Moves, unmade: list[tuple[_Kept, int, int]], step: int, m: int,
    types: tuple[int, int], instruction: _Instruction,
) -> None:  # fmt: skip
    """Record that a page left a queue or joined one."""
    source, target = types
    left = known.left.pop(m, None)
    if target != _NONE and left is not None and left[0] == instruction:
        source = left[1]
        unmade.append((known.of((source, _NONE, instruction[2])), left[2], step))
    number = known.of((source, target, instruction[2])).make(step)
    if target == _NONE:
        known.left[m] = instruction, source, number


_MOVES: Final = Growing(_Moves, _extend)


def moves(history: History) -> tuple[Move, ...]:
    """The moves of the branch up to the cursor, the kinds in order of first occurrence."""
    found = []
    for (source, target, function), kept in _MOVES.of(history).kinds.items():
        steps = kept.valid_at(history.step)
        if steps.size:
            found.append(Move(TYPES[source], TYPES[target], function, steps.size, int(steps[-1])))
    return tuple(found)
