"""The search of all states: depth first, each state once, with the steps between them.

The machine is at the state of the last frame of a stack. A step to a known state changes only the key; a step
to a new state is taken, and taken back when everything after it has been searched.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.explore.claims import Evidence
from engine.explore.ends import (
    EXCLUDED,
    INVARIANT,
    has_lost_wakeup,
    outcome_of_idle,
    outcome_of_step,
)
from engine.explore.graph import EVENT, StateGraph
from engine.explore.limits import Limits, Progress
from engine.explore.marks import Marks, Write
from engine.explore.model import Leaf, Model
from engine.explore.watched import Watched
from engine.invariants import CALLERS_RULES, violations
from engine.run.events import Event
from engine.run.threads import BLOCKED

LOOK_EVERY: Final = 4096
"""States between two looks at the limits and at the caller's wish to stop."""

_KEY_BYTES: Final = 76
"""The numbers of a state in the table of states, without the table."""

ALL: Final = "all"
CALM: Final = "calm"
"""Where the invariants are checked: at every state, or at ends and where no call is unfinished."""


@dataclass(frozen=True, slots=True)
class End:
    """An end: its state, outcome, and finding in words; whether a wakeup is lost; its values, as watched."""

    state: int
    outcome: str
    message: str
    lost: bool = False
    values: tuple[Any, ...] = ()


@dataclass(slots=True)
class _Frame:
    """A state on the way to the present one.

    todo: the choices that are left. came: the step to the state, or the writes of an event; None for none.
    sum:  the part of the key that steps change; more: the rest. cpus, times, marks: of what the rest is made.
    """

    state: int
    todo: list[int | Event]
    came: Leaf | tuple[Write, ...] | None
    sum: int
    more: int
    cpus: int
    times: int
    marks: Marks


@dataclass(frozen=True)
class Asked:
    """What a search evaluates.

    values:   at each end: `End.values` has the results, in this order.
    evidence: what is said of all schedules; each notes what the search finds about it.
    """

    values: Sequence[Watched] = ()
    evidence: Sequence[Evidence] = ()


class Search:
    """One search; `run` performs it.

    bound:     what ended it, in words; "" if every schedule was searched.
    ends:      in the order in which they were found.
    excluded:  the state of all schedules that the order excludes; None if there is none.
    cut_by_ticks: whether schedules were not followed past the limit of ticks.
    """

    def __init__(
        self,
        model: Model,
        limits: Limits,
        asked: Asked,
        invariants: str = CALM,
        progress: Callable[[Progress], bool] | None = None,
    ) -> None:
        """progress: called from time to time; False ends the search."""
        self.model = model
        self.limits = limits
        self.asked = asked
        self._at_ends = [(one, self._watched(one)) for one in asked.evidence if one.at_ends]
        self._everywhere = [(one, self._watched(one)) for one in asked.evidence if one.everywhere]
        self.invariants = invariants
        self.progress = progress
        self.bound = ""
        self.ends: list[End] = []
        self.excluded: int | None = None
        self._clear()

    def _clear(self) -> None:
        self.seen: dict[int, int] = {}
        self._sources, self._targets, self._threads = array("i"), array("i"), array("b")
        self._lengths: dict[int, int] = {}
        self._checked: dict[int, str] = {}
        self.cut_by_ticks = False
        self.ends.clear()
        for one in self.asked.evidence:
            one.clear()
        self.excluded = None
        self._stack: list[_Frame] = []

    @property
    def why_bounded(self) -> str:
        """What kept the search from all schedules, in words; "" if nothing did."""
        if self.bound or not self.cut_by_ticks:
            return self.bound
        return f"{self.limits.ticks:,} ticks in a schedule"

    def _watched(self, one: Evidence) -> Watched:
        return Watched(self.model, lambda: one.statement.truth(self.model.vm))

    def run(self) -> StateGraph:
        """Search; return the graph of all states."""
        self._search()
        while (cpu := self.model.choices.crowded) is not None and not self.bound:
            # What was found so far did not tell apart what differs: search again with the cpu's order.
            self.model.choices.ordered.add(cpu)
            self.model.choices.crowded = None
            self._clear()
            self._search()
        return self._graph()

    def _search(self) -> None:
        model = self.model
        cpus, times, marks = model.cpu_part(), model.times_part(), model.marking.start
        more = cpus ^ times ^ self._of_marks(marks)
        self._enter(_Frame(self._add(more), [], None, 0, more, cpus, times, marks))
        try:
            self._go_on()
        finally:
            while self._stack:
                self._leave()

    def _go_on(self) -> None:
        stack, model, seen = self._stack, self.model, self.seen
        sources, targets, threads = self._sources, self._targets, self._threads
        while stack and not self.bound and model.choices.crowded is None:
            frame = stack[-1]
            if not frame.todo:
                self._leave()
                continue
            choice = frame.todo.pop()
            if choice.__class__ is Event:
                self._event(frame, choice)
                continue
            leaf = model.leaf(choice)  # type: ignore[arg-type]  # a thread
            if leaf.quiet and not frame.cpus:
                total = frame.sum ^ leaf.delta
                state = seen.get(total ^ frame.more)
                if state is None:
                    state = self._add(total ^ frame.more)
                    model.apply(leaf)
                    self._enter(
                        _Frame(state, [], leaf, total, frame.more, frame.cpus, frame.times, frame.marks)
                    )
            else:
                state = self._whole_step(frame, leaf)
            sources.append(frame.state)
            targets.append(state)
            threads.append(leaf.thread)

    def _whole_step(self, frame: _Frame, leaf: Leaf) -> int:
        """A step that may change any part of the key; return the state that it leads to."""
        model = self.model
        marks: Marks | None = frame.marks
        if leaf.marks is not None:
            marks = model.marking.after(frame.marks, leaf.marks)
        if marks is None:
            return self._excluded_state()
        model.apply(leaf)
        cpus = model.cpu_part()
        times = model.times_part() if leaf.times else frame.times
        return self._arrive(frame.sum ^ leaf.delta, leaf, cpus, times, marks)

    def _event(self, frame: _Frame, event: Event) -> None:
        """Time passes."""
        model = self.model
        writes, _ = model.event(event)
        delta, of_cell = 0, model.keys.of_cell
        for address, old, new in writes:
            model.cells[address] = new
            delta ^= of_cell(address, old) ^ of_cell(address, new)
        self._lengths[len(self._sources)] = event.number
        marks = frame.marks
        state = self._arrive(frame.sum ^ delta, writes, model.cpu_part(), model.times_part(), marks)
        self._sources.append(frame.state)
        self._targets.append(state)
        self._threads.append(EVENT)

    def _arrive(self, total: int, came: Leaf | tuple[Write, ...], cpus: int, times: int, marks: Marks) -> int:
        """Come to the present state by a step that has been taken; take it back if the state is known."""
        more = cpus ^ times ^ self._of_marks(marks)
        state = self.seen.get(total ^ more)
        if state is None:
            state = self._add(total ^ more)
            self._enter(_Frame(state, [], came, total, more, cpus, times, marks))
        else:
            self._take_back(came)
        return state

    def _take_back(self, came: Leaf | tuple[Write, ...] | None) -> None:
        if isinstance(came, Leaf):
            self.model.take_back(came)
        elif came is not None:
            for address, old, _ in came:
                self.model.cells[address] = old

    def _of_marks(self, marks: Marks) -> int:
        start = self.model.marking.start
        return 0 if marks == start else self.model.keys.of(marks) ^ self.model.keys.of(start)

    def _excluded_state(self) -> int:
        if self.excluded is None:
            self.excluded = self._add(self.model.keys.of(EXCLUDED))
        return self.excluded

    # --- states ---------------------------------------------------------------------------------------------

    def _add(self, key: int) -> int:
        number = self.seen[key] = len(self.seen)
        if not number % LOOK_EVERY and number:
            self._look()
        return number

    def _look(self) -> None:
        """Look at the limits, and ask the caller whether to go on."""
        count = len(self.seen)
        if self._bytes() > self.limits.memory:
            self.bound = f"{count:,} states in {self.limits.memory >> 20:,} MiB"
        elif self.progress is not None and not self.progress(Progress(count, len(self._sources))):
            self.bound = f"{count:,} states, when it was stopped"

    def _bytes(self) -> int:
        """The memory that the search takes, about."""
        edges = len(self._sources) * (2 * self._sources.itemsize + self._threads.itemsize)
        return sys.getsizeof(self.seen) + len(self.seen) * _KEY_BYTES + edges

    def _enter(self, frame: _Frame) -> None:
        """Make a new state, at which the machine is, the present one; find its choices."""
        self._stack.append(frame)
        ending = frame.came.finding if isinstance(frame.came, Leaf) else None
        if ending is not None:
            self._end(frame.state, outcome_of_step(ending), str(ending))
        elif self._is_valid(frame):
            frame.todo = self._choices(frame)
        for one, watched in self._everywhere:
            one.note(frame.state, watched.value())
        if len(self.seen) >= self.limits.states and not self.bound:
            self.bound = f"{self.limits.states:,} states"

    def _leave(self) -> None:
        self._take_back(self._stack.pop().came)

    def _choices(self, frame: _Frame) -> list[int | Event]:
        """The choices at the present state; [] if it is an end, which is noted."""
        model = self.model
        if threads := model.runnable():
            return [*reversed(threads)]
        idle = model.idle()
        if isinstance(idle, Event):
            if model.ticks - model.start_ticks < self.limits.ticks:
                return [idle]
            self.cut_by_ticks = True
            return []
        lost = idle == BLOCKED and has_lost_wakeup(model)
        self._end(frame.state, outcome_of_idle(model, idle, frame.marks), "", lost=lost)
        return []

    def _end(self, state: int, outcome: str, message: str, *, lost: bool = False) -> None:
        values = tuple(watched.value() for watched in self.asked.values)
        for one, watched in self._at_ends:
            one.note_end(state, watched.value())
        self.ends.append(End(state, outcome, message, lost, values))

    # --- invariants -----------------------------------------------------------------------------------------

    def _is_valid(self, frame: _Frame) -> bool:
        """Check the invariants at the present state, if they are due; a violation ends the schedule."""
        if self.invariants != ALL and not self._is_calm(frame.came):
            return True
        model, cells = self.model, frame.sum
        for states, number in zip(model.states, model.local, strict=True):
            cells ^= model.keys.of((states.t, states.frames[number]))
        if cells not in self._checked:
            found = violations(model.vm, CALLERS_RULES)
            self._checked[cells] = str(found[0]) if found else ""
        if message := self._checked[cells]:
            self._end(frame.state, INVARIANT, message)
        return not message

    def _is_calm(self, came: Leaf | tuple[Write, ...] | None) -> bool:
        """Whether no call is unfinished; came: the step to the present state."""
        states, local = self.model.states, self.model.local
        if isinstance(came, Leaf) and not states[came.thread].begins[came.after]:
            return False
        return all(states[t].begins[number] for t, number in enumerate(local))

    # --- the graph ------------------------------------------------------------------------------------------

    def _graph(self) -> StateGraph:
        """The states and steps that were found, the steps by state."""
        source = np.asarray(self._sources, np.int64)
        length = np.ones(source.size, np.int64)
        for step, ticks in self._lengths.items():
            length[step] = ticks
        order = np.argsort(source, kind="stable")
        names = list(dict.fromkeys(end.outcome for end in self.ends))
        ends = {end.state: names.index(end.outcome) for end in self.ends}
        if self.excluded is not None:
            ends[self.excluded] = len(names)
            names.append(EXCLUDED)
        return StateGraph(
            threads=self.model.names,
            source=source[order],
            target=np.asarray(self._targets, np.int64)[order],
            thread=np.asarray(self._threads, np.int64)[order],
            length=length[order],
            size=len(self.seen),
            ends=ends,
            outcomes=tuple(names),
        )
