"""Breakpoints and watchpoints, found in the journal in either direction.

A stop (a breakpoint or watchpoint) has positions: the steps after which the run is stopped. A breakpoint on
entry is before the function's first step, one on return after its last; a watchpoint is after the write.
Positions are found by a vectorized search of the journal. Only where the journal is not sufficient (for call
stacks and conditions) are steps repeated or expressions evaluated. So a stop is hit at the same positions
forwards and backwards, and its hits are numbered from the start of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final

import numpy as np

from engine.constants import PQ_L2_SIZE, PQ_NONE
from engine.debug.call_stack import Span, spans
from engine.debug.entry_points import first_texts
from engine.debug.journal_search import (
    Steps,
    steps_labelled,
    steps_of_thread,
    steps_writing,
    writes_between,
)
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.language.naming import Keyed
from engine.machine.tables import READY, SLEEPING
from engine.memory.distinct import distinct
from engine.run.history import History
from engine.run.runner import PANIC


class Kind:
    """The kind of a stop; `positions` lists where it can be hit.

    stride: the number of steps that can be searched within a few hundredths of a second.
    """

    stride: ClassVar[int] = 65536

    def positions(self, history: History, first: int, last: int) -> Steps:
        """Return the positions from first + 1 to `last`, ascending; `confirms` may reject some of them."""
        raise NotImplementedError

    def confirms(self, history: History, position: int) -> bool:  # noqa: ARG002  # most kinds confirm all
        """Whether the stop is really hit at the position."""
        return True


_NONE: Final = np.zeros(0, np.int64)


@dataclass(frozen=True)
class OnEntry(Kind):
    """Before the first step of a call of `function`."""

    function: str
    stride: ClassVar[int] = 4096

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind."""
        return _entries(history, self.function, first + 1, min(last + 1, history.total)) - 1

    def confirms(self, history: History, position: int) -> bool:
        """See Kind."""
        return any(span.entered == position + 1 for span in _spans(history, self.function, position + 1))


@dataclass(frozen=True)
class OnReturn(Kind):
    """After the last step of a call of `function`."""

    function: str
    stride: ClassVar[int] = 4096

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind; examines the operations active at `first` and those with a possible entry."""
        first = max(first, 0)
        begun = [steps_of_thread(history, t, first, last)[:1] for t in range(len(history.programs))]
        steps = [*begun, _entries(history, self.function, first, last)]
        found: set[int] = set()
        covered: dict[int, int] = {}
        for step in map(int, distinct(np.concatenate(steps))):
            t = history.journal.thread(step)
            if step > covered.get(t, 0):
                calls = spans(history, step)
                covered[t] = max((span.last for span in calls), default=step)
                found |= {span.last for span in calls if span.function == self.function and span.returned}
        return np.array(sorted(at for at in found if first < at <= last), np.int64)


def _entries(history: History, function: str, first: int, last: int) -> Steps:
    """Return the steps from first + 1 to `last` that may be the first of a call of `function`."""
    texts = first_texts(function)
    if texts is None:
        return np.arange(first + 1, last + 1)
    return steps_labelled(history, texts, first, last)


def _spans(history: History, function: str, step: int) -> list[Span]:
    return [span for span in spans(history, step) if span.function == function]


@dataclass(frozen=True)
class AtLine(Kind):
    """Where thread `t` reaches `line` of its script, before the line runs."""

    t: int
    line: int

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind. A branch without the thread, which a call started in another one, has no such step."""
        if self.t >= len(history.programs):
            return np.zeros(0, np.int64)
        journal, program = history.journal, history.programs[self.t]
        writes = writes_between(history, (history.vm.memory.address("thread.pc", self.t),), first, last)
        come = [
            n
            for n in map(int, writes)
            if program.line_at(journal.new[n]) == self.line
            and (program.line_at(journal.old[n]) != self.line or journal.new[n] <= journal.old[n])
        ]
        start = history.start_of(self.t)
        there = [] if start is None or not first < start <= last else [start]
        there = there if program.line_at(0) == self.line else []
        return distinct(np.append(there, journal.steps_of(np.array(come, np.int64))).astype(np.int64))


@dataclass(frozen=True)
class OnState(Kind):
    """Where a thread (None: any) goes to sleep, or is woken."""

    t: int | None
    blocks: bool

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind."""
        journal, vm = history.journal, history.vm
        threads = range(len(history.programs)) if self.t is None else (self.t,)
        writes = writes_between(history, [vm.memory.address("thread.state", t) for t in threads], first, last)
        bias = vm.memory.places["thread.state"].spec.bias
        before, after = (READY, SLEEPING) if self.blocks else (SLEEPING, READY)
        moves = [
            n for n in map(int, writes) if (journal.old[n] + bias, journal.new[n] + bias) == (before, after)
        ]
        return distinct(journal.steps_of(np.array(moves, np.int64)))


@dataclass(frozen=True)
class OnPanic(Kind):
    """Where the modelled kernel panics, which ends the run."""

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind."""
        ended = history.branch.outcome == PANIC and first < history.total <= last
        return np.array([history.total], np.int64) if ended else _NONE


@dataclass(frozen=True)
class OnWrite(Kind):
    """Where a cell changes."""

    cell: int | Keyed

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind."""
        address = self.cell if isinstance(self.cell, int) else self.cell.address(history.vm)
        return _NONE if address is None else steps_writing(history, (address,), first, last)


@dataclass(frozen=True)
class OnLeave(Kind):
    """Where page `m` leaves a queue: one colour of a type, or (color None) any of the type."""

    m: int
    base: int
    color: int | None = None

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind."""
        journal = history.journal
        writes = writes_between(history, (history.vm.memory.address("page.queue", self.m),), first, last)
        left = [n for n in map(int, writes) if self._is_it(journal.old[n])]
        return distinct(journal.steps_of(np.array(left, np.int64)))

    def _is_it(self, queue: int) -> bool:
        if self.base == PQ_NONE:
            return queue == PQ_NONE
        color = queue - self.base
        return 0 <= color < PQ_L2_SIZE if self.color is None else color == self.color


@dataclass
class Stop:
    """A breakpoint or watchpoint: its kind and its condition.

    condition: an EXPR that must hold; one that cannot be evaluated does not hold.
    hits:      the first hit, counted from the start of the run, at which it stops.
    """

    number: int
    text: str
    kind: Kind
    condition: Expression | None = None
    hits: int = 1
    enabled: bool = True

    @property
    def word(self) -> str:
        """The verb that sets it: `watch` for a cell's change or a page leaving a queue, else `break`."""
        return "watch" if isinstance(self.kind, OnWrite | OnLeave) else "break"

    @property
    def slow(self) -> bool:
        """Whether each position must be visited."""
        return self.condition is not None or self.hits > 1

    def found(self, history: History, first: int, last: int, backwards: bool = False) -> Iterator[int]:
        """Yield the positions from first + 1 to `last` at which it stops, in the order of the search.

        Moves the cursor to evaluate a condition.
        """
        positions = self.kind.positions(history, first, last)
        for position in map(int, positions[::-1] if backwards else positions):
            if self._holds(history, position) and self._ordinal(history, position) >= self.hits:
                yield position

    def _holds(self, history: History, position: int) -> bool:
        if not self.kind.confirms(history, position):
            return False
        if self.condition is None:
            return True
        history.seek(position)
        try:
            return self.condition.holds(history.vm)
        except BadInput:
            return False

    def _ordinal(self, history: History, position: int) -> int:
        """Return the number of this hit, counted from the start of the run."""
        if self.hits <= 1:
            return 1
        positions = self.kind.positions(history, -1, position)
        return sum(self._holds(history, at) for at in map(int, positions))


def stride_of(stops: list[Stop]) -> int:
    """Return how many steps may be searched for these stops before user input is handled."""
    strides = [
        min(stop.kind.stride, 1024) if stop.slow else stop.kind.stride for stop in stops if stop.enabled
    ]
    return min(strides, default=Kind.stride)


def chunks(first: int, last: int, stride: int, backwards: bool = False) -> Iterator[tuple[int, int]]:
    """Split steps first + 1 .. last into parts of `stride` steps, in the order of the search."""
    edges = [*range(first, last, stride), last]
    parts = pairwise(edges[::-1] if backwards else edges)
    return ((min(part), max(part)) for part in parts)


def next_hit(
    history: History, stops: list[Stop], first: int, last: int, backwards: bool = False
) -> tuple[int, Stop] | None:
    """Return the nearest hit of any of the stops from first + 1 to `last`; does not move the cursor.

    backwards: search from `last` down.
    """
    cursor, best = history.step, None
    try:
        for stop in stops:
            if not stop.enabled:
                continue
            low, high = (
                (first, last) if best is None else (best[0], last) if backwards else (first, best[0] - 1)
            )
            hit = next(stop.found(history, low, high, backwards), None) if low < high else None
            if hit is not None:
                best = hit, stop
    finally:
        history.seek(cursor)
    return best
