"""Pages on the move: from which queue type to which, by which call of a script, counted along a branch.

Between two queues a page is on none. A page that leaves a queue and joins another within one instruction is
one move; as long as it has only left, it counts as a move to NONE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import PQ_L2_MASK, PQ_L2_SIZE, QUEUE_BASES
from engine.debug.journal_search import writes_between
from engine.debug.per_history import Growing, Rows
from engine.memory.cells import Array
from engine.memory.journal import EVENT
from engine.run.history import History
from explorer.views.instructions import called, instructions_of

TYPES: Final = tuple(QUEUE_BASES)
"""The queue types by number: NONE, then those of the queues in the order of their indexes."""

_NONE: Final = 0
_NEVER: Final = 1 << 62

_Kind = tuple[int, int, str]
"""From which type, to which, and by which call (or event)."""

_Instruction = tuple[int, int, str]
"""A thread, the step behind which its instruction began, and what that calls."""


@dataclass(frozen=True)
class Move:
    """Moves of one kind up to a step: how many, and at which step the last of them."""

    source: str
    target: str
    function: str
    count: int
    last: int


class _Kept:
    """The moves of one kind: the step of each, and the step at which it turned out to be one of another kind.

    That happens to a move to NONE, when the page joins a queue in the same instruction.
    """

    def __init__(self) -> None:
        self.rows = Rows(2)
        self.fresh: list[int] = []

    def make(self, step: int) -> int:
        """One more; returns its number."""
        self.fresh.append(step)
        return len(self.rows) + len(self.fresh) - 1

    def settle(self) -> None:
        """Put the moves made since the last time with the others."""
        if self.fresh:
            self.rows.extend(self.fresh, [_NEVER] * len(self.fresh))
            self.fresh.clear()

    def unmake(self, number: int, step: int) -> None:
        """Move `number` turned out at `step` to be one of another kind."""
        self.rows.columns[1, number] = step

    def standing(self, step: int) -> Array:
        """The steps of those that were made by `step` and not unmade by then."""
        made, unmade = self.rows.between(0, step)
        found: Array = made[unmade > step]
        return found


class _Moves:
    """A branch's moves by kind."""

    def __init__(self, history: History) -> None:
        self.place = history.vm.memory.places["page.queue"]
        self.kinds: dict[_Kind, _Kept] = {}
        self.left: dict[int, tuple[_Instruction, int, int]] = {}
        """Pages that are between two queues: in which instruction each left which type, and as which move."""

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
    pages = np.asarray(journal.address)[writes].astype(np.int64) - place.base
    sources, targets = (_types(np.asarray(part)[writes]) for part in (journal.old, journal.new))
    told = _told_to(history, steps)
    columns = (part.tolist() for part in (steps, pages, sources, targets))
    unmade: list[tuple[_Kept, int, int]] = []
    for step, m, source, target, instruction in zip(*columns, told, strict=True):
        _note(known, unmade, step, m, (source, target), instruction)
    for kept in known.kinds.values():
        kept.settle()
    for kept, number, step in unmade:
        kept.unmake(number, step)


def _types(queues: Array) -> Array:
    """The number of each queue's type, as in TYPES."""
    return (queues + PQ_L2_MASK) // PQ_L2_SIZE


def _told_to(history: History, steps: Array) -> list[_Instruction]:
    """For each step its thread's instruction; an event is an instruction of its own."""
    instructions, journal = instructions_of(history), history.journal
    threads = journal.threads_at(steps)
    begun, position = steps.copy(), np.zeros(steps.size, np.int64)
    for t in map(int, np.unique(threads)):
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
    """A page went from one queue to another, one of which is none."""
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
    """The moves of the branch up to the cursor, kinds in the order in which they first happened."""
    found = []
    for (source, target, function), kept in _MOVES.of(history).kinds.items():
        steps = kept.standing(history.step)
        if steps.size:
            found.append(Move(TYPES[source], TYPES[target], function, steps.size, int(steps[-1])))
    return tuple(found)
