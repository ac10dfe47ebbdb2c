"""The pages in play: those that the threads of a run have worked on, and where each of them is.

A page is in play from the first step of a thread that writes one of its cells or its slot in an object, and
while a variable of a thread holds it. What boot and setup wrote does not count, nor do events. Links do not
count either, because the operations of a queue write them in a page's neighbours.

A page in play is in a lane: the type of its queue, or RESERVE if boot set it apart for drivers. It takes the
lowest free slot of its lane, and the lowest free place of its column, and keeps both until it leaves. A
column of a lane is a colour on a machine of few colours, else the colours of a socket.

The index holds the moves of a branch in the order of their steps: into play, to another lane, out of play.
The pages in play at a step follow from it forwards or backwards, so a display costs the moves between two
frames, not the length of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Final, NamedTuple

import numpy as np

from engine.constants import NULL, PQ_L2_SIZE, QUEUE_BASES
from engine.debug.page_notes import COLOR, FIELDS, HELD, RESERVED, WRITTEN, notes_of
from engine.debug.per_history import Growing, Rows
from engine.debug.placements import band_size
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.run.history import History

LANES: Final = ("FREE", "NONE", "ACTIVE", "INACTIVE", "CACHE", "HOLD", "RESERVE")
"""The lanes by number."""

FEW_COLORS: Final = 8
"""Up to this number of colours, each colour is a column of its own."""

OUT: Final = -1
"""The lane of a page that is not in play."""

_RESERVE: Final = LANES.index("RESERVE")
_NONE: Final = LANES.index("NONE")
_FREE: Final = LANES.index("FREE")

_LANE_OF_QUEUE: Final = (
    _NONE,
    *(LANES.index(name) for name, base in QUEUE_BASES.items() if base for _ in range(PQ_L2_SIZE)),
)

_STEP, _PAGE, _LANE = range(3)

_Numbers = tuple[int, int, int, int, int, int, int]
"""The fields of a Move."""


class Move(NamedTuple):
    """A move of a page, and where it brought it.

    lane: OUT for a page that left play; the numbers after it are 0 then.
    column: a colour, or a socket. slot: among the pages of the lane; place: among those of lane and column.
    before: the number of the page's move before, or -1.
    """

    step: int
    page: int
    lane: int
    column: int
    slot: int
    place: int
    before: int


def columns_of(vm: Machine) -> int:
    """Return the number of columns of each lane."""
    if vm.colors <= FEW_COLORS:
        return vm.colors
    return vm.topology.phys_ids if band_size(vm) else 1


def column_of(vm: Machine, color: int) -> int:
    """Return the column of a colour."""
    if vm.colors <= FEW_COLORS:
        return color & vm.color_mask
    size = band_size(vm)
    return min(color // size, vm.topology.phys_ids - 1) if size else 0


def lane_of(queue: int, flags: int, *, fake: bool = False) -> int:
    """Return the lane of a page by its queue and its flags; fake: whether it is outside the page array."""
    lane = _LANE_OF_QUEUE[queue]
    return _RESERVE if lane == _NONE and flags & RESERVED and not fake else lane


class _Slots:
    """The slots of a lane, or the places of a column: the lowest free one is taken first."""

    __slots__ = ("free", "top")

    def __init__(self, taken: Iterable[int] = ()) -> None:
        used = set(taken)
        self.top = max(used, default=-1) + 1
        self.free = [slot for slot in range(self.top) if slot not in used]

    def add(self) -> int:
        """Take a new slot; only if none is free."""
        self.top += 1
        return self.top - 1


class Index:
    """The moves of a branch, and what its next steps are added to.

    moves:   the moves in order; entered: the first write of each page, as (step, page); holds: the new values
             of variables that hold pages, as (step, variable, page).
    written: the pages in `entered`; held: variable -> page, from `holds`.
    last:    page in play -> the number of its last move, and that move.
    firsts:  lane -> the step of the first move to it; freed: page -> the step that first freed it.
    """

    def __init__(self, moves: Rows, entered: Rows, holds: Rows) -> None:
        self.moves, self.entered, self.holds = moves, entered, holds
        self.written = set(entered.columns[1].tolist())
        held = dict(zip(*holds.columns[1:].tolist(), strict=True))
        self.held = {slot: m for slot, m in held.items() if m != NULL}
        self.last: dict[int, tuple[int, _Numbers]] = {
            m: (number, self.move(number)) for m, number in last_moves(moves.columns).items()
        }
        steps, _, lanes = moves.columns[: _LANE + 1].tolist()
        self.firsts: dict[int, int] = dict(zip(reversed(lanes), reversed(steps), strict=True))
        free = moves.columns[:_LANE, moves.columns[_LANE] == _FREE]
        self.freed: dict[int, int] = dict(zip(*free[:, ::-1][::-1].tolist(), strict=True))
        self.slots = {key: _Slots(taken) for key, taken in self._taken().items()}
        """The slots of each (lane, -1), and the places of each (lane, column)."""

    def _taken(self) -> dict[tuple[int, int], list[int]]:
        taken: dict[tuple[int, int], list[int]] = {}
        for _, (_, _, lane, column, slot, place, _) in self.last.values():
            taken.setdefault((lane, -1), []).append(slot)
            taken.setdefault((lane, column), []).append(place)
        return taken

    @classmethod
    def empty(cls, _: History) -> Index:
        """Return the index of a branch without steps."""
        return cls(Rows(len(Move._fields), np.int32), Rows(2), Rows(3))

    def until(self, step: int) -> Index:
        """Return an index of the steps up to `step`."""
        return Index(self.moves.until(step), self.entered.until(step), self.holds.until(step))

    def move(self, number: int) -> Move:
        """Return move `number`, counted from 0."""
        return Move._make(self.moves.columns[:, number].tolist())

    def newest(self, step: int, most: int) -> Iterator[tuple[Move, int]]:
        """Yield the last moves up to `step`, at most `most`, the newest first, each with the lane it left."""
        end = self.count(step)
        last = self.moves.columns[:, max(end - most, 0) : end]
        left = np.where(last[-1] < 0, OUT, self.moves.columns[_LANE][last[-1]])
        for numbers, lane in zip(reversed(last.T.tolist()), reversed(left.tolist()), strict=True):
            yield Move._make(numbers), lane

    def count(self, step: int) -> int:
        """Return how many moves the steps up to `step` made."""
        return int(self.moves.columns[_STEP].searchsorted(step, side="right"))


def last_moves(moves: Array) -> dict[int, int]:
    """Return for each page in play after these moves the number of its last one.

    moves: (7, n), the fields of Move.
    """
    last = dict(zip(moves[_PAGE].tolist(), range(moves.shape[1]), strict=True))
    lanes = moves[_LANE].tolist()
    return {m: number for m, number in last.items() if lanes[number] != OUT}


# --- new steps ----------------------------------------------------------------------------------------------


class _Extension:
    """Adds the moves of steps first + 1 .. last to an index."""

    def __init__(self, index: Index, history: History, first: int, last: int) -> None:
        self.index, self.history, self.first = index, history, first
        self.notes = notes_of(history, first, last, index.written)
        self.before = {(kind, m): old for _, kind, m, _, old in reversed(self.notes) if kind <= COLOR}
        """The first value of each field that the steps write."""
        colors = range(min(history.vm.colors, 1 << 10))
        self.columns = [column_of(history.vm, color) for color in colors] if len(self.notes) > 64 else []
        self.values: dict[int, list[int]] = {}
        self.holders: dict[int, int] = {}
        for m in index.held.values():
            self.holders[m] = self.holders.get(m, 0) + 1
        self.number = len(index.moves)
        self.made: list[_Numbers] = []
        self.entered: list[tuple[int, int]] = []
        self.holds: list[tuple[int, int, int]] = []

    def add(self) -> None:
        """Go through the notes step by step, and store the moves."""
        now, touched = 0, dict[int, None]()
        for step, kind, subject, value, _ in self.notes:
            if step != now:
                self._settle(now, touched)
                now, touched = step, {}
            if kind == HELD:
                self._hold(step, subject, value, touched)
                continue
            touched[subject] = None
            if kind != WRITTEN:
                (self.values.get(subject) or self._values_of(subject))[kind] = value
            else:
                self.index.written.add(subject)
                self.entered.append((step, subject))
        self._settle(now, touched)
        self._store()

    def _hold(self, step: int, slot: int, m: int, touched: dict[int, None]) -> None:
        held, holders = self.index.held, self.holders
        old = held.pop(slot, NULL)
        if old != NULL:
            holders[old] -= 1
            touched[old] = None
        if m != NULL:
            held[slot] = m
            holders[m] = holders.get(m, 0) + 1
            touched[m] = None
        self.holds.append((step, slot, m))

    def _values_of(self, m: int) -> list[int]:
        """Return the queue, flags and colour of a page, up to date from its first note."""
        if m not in self.values:
            self.values[m] = [self._value(kind, m) for kind in range(len(FIELDS))]
        return self.values[m]

    def _value(self, kind: int, m: int) -> int:
        """Return a field of a page after step `first`."""
        if (kind, m) in self.before:
            return self.before[kind, m]
        history = self.history
        address = history.vm.memory.address(f"page.{FIELDS[kind]}", m)
        if history.step < self.first:
            step = history.writer(address, self.first)
            if step is not None and step > history.step:
                return [new for at, _, new in history.journal.writes_of(step) if at == address][-1]
        return history.vm.memory.cells[address]

    def _settle(self, step: int, touched: Iterable[int]) -> None:
        """Move the pages that a step touched to where they belong after it."""
        written, holders, columns = self.index.written, self.holders, self.columns
        for m in touched:
            if m in written or holders.get(m):
                queue, flags, color = self.values.get(m) or self._values_of(m)
                lane = _LANE_OF_QUEUE[queue]
                if lane == _NONE:
                    lane = lane_of(queue, flags, fake=m >= self.history.vm.fake_base)
                self._put(step, m, lane, columns[color] if columns else column_of(self.history.vm, color))
            elif m in self.index.last:
                self._put(step, m, OUT, 0)

    def _put(self, step: int, m: int, lane: int, column: int) -> None:
        # Bare tuples, and the slots' operations inlined: a long run has a hundred thousand moves.
        last, slots = self.index.last, self.index.slots
        number, old = last.get(m, (-1, None))
        if old is not None:
            _, _, was, of, slot, place, _ = old
            if was == lane and of == column:
                return
            heappush(slots[was, -1].free, slot)
            heappush(slots[was, of].free, place)
        if lane == OUT:
            del last[m]
            move = (step, m, OUT, 0, 0, 0, number)
        else:
            if (lane, column) not in slots:
                slots[lane, column] = _Slots()
                slots.setdefault((lane, -1), _Slots())
            own, of_column = slots[lane, -1], slots[lane, column]
            slot = heappop(own.free) if own.free else own.add()
            place = heappop(of_column.free) if of_column.free else of_column.add()
            move = (step, m, lane, column, slot, place, number)
            last[m] = self.number, move
            self.index.firsts.setdefault(lane, step)
            if lane == _FREE:
                self.index.freed.setdefault(m, step)
        self.made.append(move)
        self.number += 1

    def _store(self) -> None:
        index = self.index
        stored = (index.moves, self.made), (index.entered, self.entered), (index.holds, self.holds)
        for rows, new in stored:
            if new:
                rows.extend(*zip(*new, strict=True))


def _extend(index: Index, history: History, first: int, last: int) -> None:
    _Extension(index, history, first, last).add()


_INDEX: Final = Growing(Index.empty, _extend, Index.until)


def moves_in_play(history: History) -> Index:
    """Return the moves of the pages in play in all steps of the current branch."""
    return _INDEX.of(history)


class Freed:
    """The pages that steps of the run have freed at or before the cursor of a history, as a container."""

    def __init__(self, history: History) -> None:
        self.history = history

    def __contains__(self, m: object) -> bool:
        freed = moves_in_play(self.history).freed
        return isinstance(m, int) and freed.get(m, self.history.step + 1) <= self.history.step
