"""The search of all states: depth first, each state once, with the steps between them.

The machine is at the state of the last frame of a stack. A step to a known state changes only the key; a step
to a new state is taken, and taken back when everything after it has been searched. So the machine is never
copied: of a state, its key and the step that found it are kept. States after more than `DEPTH` steps are left
for later, so that a thread that never ends does not hide what others can do.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.explore.graph.state_graph import EVENT, StateGraph
from engine.explore.limits import Limits, Progress
from engine.explore.model.consistency import CALM, Consistency, Where
from engine.explore.model.ends import (
    EXCLUDED,
    INVARIANT,
    has_lost_wakeup,
    outcome_of_idle,
    outcome_of_step,
)
from engine.explore.model.marks import Marks
from engine.explore.model.transitions import Came, Leaf, Model
from engine.explore.model.watched import Asked, watched_truth
from engine.explore.reduction import Reduction
from engine.explore.state_table import StateTable
from engine.run.events import Event
from engine.run.threads import BLOCKED
from engine.words import plural

LOOK_EVERY: Final = 4096
"""States between two looks at the limits and at the caller's wish to stop."""

DEPTH: Final = 1024
"""Steps after which a state is searched only when all states after fewer steps have been."""

_DEEPER: Final = 4
"""How many times further each later part of the search goes."""


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

    todo: the choices that are left. came: the step to the state; None at step 0.
    sum:  the part of the key that steps change; more: the rest. cpus, times, marks: of what the rest is made.
    """

    state: int
    todo: list[int | Event]
    came: Came | None
    sum: int
    more: int
    cpus: int
    times: int
    marks: Marks


class Search:
    """One search; `run` performs it.

    table:    the states and steps that were found. ends: in the order in which they were found.
    bound:    what ended the search, in words; "" if nothing did.
    excluded: the state of all schedules that the order excludes; None if there is none.
    """

    def __init__(
        self,
        model: Model,
        limits: Limits,
        asked: Asked,
        where: Where = CALM,
        progress: Callable[[Progress], bool] | None = None,
        reduction: Reduction | None = None,
    ) -> None:
        """where: the invariants are checked. progress: called from time to time; False ends the search.

        reduction: leaves steps out.
        """
        self.model = model
        self.limits = limits
        self.asked = asked
        self.consistency = Consistency(model, where)
        self.progress = progress
        self.reduction = reduction
        self.bound = ""
        self.ends: list[End] = []
        self._at_ends = [(one, watched_truth(model, one)) for one in asked.evidence if one.at_ends]
        self._everywhere = [(one, watched_truth(model, one)) for one in asked.evidence if one.everywhere]
        self._clear()

    def _clear(self) -> None:
        self.table = StateTable()
        self.excluded: int | None = None
        self._cut_by_ticks = False
        self._depth, self._later = DEPTH, array("i")
        self._stack: list[_Frame] = []
        self._left_out: dict[int, list[int]] = {}
        self.ends.clear()
        for one in self.asked.evidence:
            one.clear()

    @property
    def why_bounded(self) -> str:
        """What kept the search from all schedules, in words; "" if nothing did."""
        if self.bound or not self._cut_by_ticks:
            return self.bound
        return f"{plural(self.limits.ticks, 'tick')} in a schedule"

    def run(self) -> StateGraph:
        """Search; return the graph of all states."""
        self._search_all()
        while self.reduction is not None and self.reduction.learn() and not self.bound:
            self._clear()
            self._search_all()
        ends = [(end.state, end.outcome) for end in self.ends]
        excluded = [] if self.excluded is None else [(self.excluded, EXCLUDED)]
        return self.table.graph(self.model.names, [*ends, *excluded])

    def _search_all(self) -> None:
        self._search()
        while self.model.choices.is_stale and not self.bound:
            self.model.choices.refine()
            self._clear()
            self._search()

    def _search(self) -> None:
        model = self.model
        cpus, times, marks = model.cpu_part(), model.times_part(), model.marking.start
        more = cpus ^ times ^ model.marks_part(marks)
        first = _Frame(self.table.add(more, -1, EVENT), [], None, 0, more, cpus, times, marks)
        try:
            self._enter(first)
            self._go_on()
            while self._later and not self._is_over:
                later, self._later = self._later, array("i")
                self._depth *= _DEEPER
                for state in later:
                    if not self._is_over:
                        self._go_to(state, replace(first, todo=[]))
                        self._go_on()
        finally:
            while self._stack:
                self._leave()

    @property
    def _is_over(self) -> bool:
        return bool(self.bound) or self.model.choices.is_stale

    def _go_on(self) -> None:
        """Search everything after the states of the stack."""
        stack, model, table = self._stack, self.model, self.table
        numbers, sources, targets, threads = table.numbers, table.sources, table.targets, table.threads
        while stack and not self.bound and not model.choices.is_stale:
            frame = stack[-1]
            if not frame.todo:
                self._leave()
                continue
            choice = frame.todo.pop()
            if choice.__class__ is Event:
                self._event(frame, choice)
                continue
            leaf = model.leaf(choice)  # type: ignore[arg-type]  # a thread
            if leaf.still or (leaf.quiet and not frame.cpus):
                total, more = frame.sum ^ leaf.delta, frame.more
                state = numbers.get(total ^ more)
                if state is None:
                    state = self._add(total ^ more, frame.state, leaf.thread)
                    model.apply(leaf)
                    self._enter(_Frame(state, [], leaf, total, more, frame.cpus, frame.times, frame.marks))
            else:
                state = self._whole_step(frame, leaf)
            sources.append(frame.state)
            targets.append(state)
            threads.append(leaf.thread)
            if self._left_out:
                self._close_cycle(frame, state)

    def _close_cycle(self, frame: _Frame, state: int) -> None:
        """After a step to a state of the stack: take the steps that were left out too."""
        if frame.state in self._left_out and any(one.state == state for one in self._stack):
            frame.todo += self._left_out.pop(frame.state)

    def _whole_step(self, frame: _Frame, leaf: Leaf) -> int:
        """A step that may change any part of the key; return the state that it leads to."""
        arrived = self._taken(frame, leaf)
        if arrived is not None:
            return self._arrive(frame, arrived)
        if self.excluded is None:
            self.excluded = self._add(self.model.keys.of(EXCLUDED), -1, EVENT)
        return self.excluded

    def _event(self, frame: _Frame, event: Event) -> None:
        """Time passes."""
        arrived = self._taken(frame, self.model.event(event)[0])
        assert arrived is not None, "an event comes to no place of an order"
        self.table.add_event(frame.state, self._arrive(frame, arrived), event.number)

    def _taken(self, frame: _Frame, came: Came) -> _Frame | None:
        """Take a step; return the frame of where it leads to, not yet numbered; None if it is excluded."""
        model, cpus, times = self.model, frame.cpus, frame.times
        marks: Marks | None = frame.marks
        if isinstance(came, Leaf) and came.marks is not None:
            marks = model.marking.after(frame.marks, came.marks)
        if marks is None:
            return None
        total = frame.sum ^ model.take(came)
        if not isinstance(came, Leaf) or not came.keeps:
            cpus = model.cpu_part()
        if not isinstance(came, Leaf) or came.times:
            times = model.times_part()
        return _Frame(-1, [], came, total, cpus ^ times ^ model.marks_part(marks), cpus, times, marks)

    def _arrive(self, frame: _Frame, arrived: _Frame) -> int:
        """Come to the present state; take the step back if the state is known. Return its number."""
        key, came = arrived.sum ^ arrived.more, arrived.came
        state = self.table.numbers.get(key)
        if state is not None:
            self.model.take_back_any(came)
            return state
        thread = came.thread if isinstance(came, Leaf) else EVENT
        arrived.state = self._add(key, frame.state, thread)
        self._enter(arrived)
        return arrived.state

    def _go_to(self, state: int, first: _Frame) -> None:
        """Go to a state that was left for later, by the steps that found it, and find its choices."""
        self._stack.append(first)
        for thread in self.table.way_to(state):
            arrived = self._taken(self._stack[-1], self.model.next_step(thread))
            assert arrived is not None, "an excluded state has no steps"
            arrived.state = self.table.numbers[arrived.sum ^ arrived.more]
            self._stack.append(arrived)
        self._stack[-1].todo = self._choices(self._stack[-1])

    # --- states ---------------------------------------------------------------------------------------------

    def _add(self, key: int, parent: int, thread: int) -> int:
        number = self.table.add(key, parent, thread)
        if not number % LOOK_EVERY:
            self._look(number)
        return number

    def _look(self, count: int) -> None:
        """Look at the limits, and ask the caller whether to continue."""
        if self.table.bytes > self.limits.memory:
            self.bound = f"{count:,} states in {self.limits.memory >> 20:,} MiB"
        elif self.progress is not None and not self.progress(Progress(count, len(self.table.sources))):
            self.bound = "stopped"

    def _enter(self, frame: _Frame) -> None:
        """Make a new state, at which the machine is, the present one; find its choices."""
        self._stack.append(frame)
        ending = frame.came.finding if isinstance(frame.came, Leaf) else None
        moved = frame.came.thread if isinstance(frame.came, Leaf) else None
        if ending is not None:
            self._end(frame.state, outcome_of_step(ending), str(ending))
        elif not self.consistency.is_due(moved) or not self._is_violated(frame):
            if len(self._stack) > self._depth:
                self._later.append(frame.state)
            else:
                frame.todo = self._choices(frame)
        for one, watched in self._everywhere:
            one.note(frame.state, watched.value())
        if len(self.table) >= self.limits.states and not self.bound:
            self.bound = plural(self.limits.states, "state")

    def _leave(self) -> None:
        self.model.take_back_any(self._stack.pop().came)

    def _choices(self, frame: _Frame) -> list[int | Event]:
        """The choices at the present state; [] if it is an end, which is noted."""
        model = self.model
        if threads := model.runnable():
            enough = threads if self.reduction is None else self.reduction.enough(threads)
            if len(enough) < len(threads):
                self._left_out[frame.state] = [t for t in threads if t not in enough]
            return [*reversed(enough)]
        idle = model.idle()
        if isinstance(idle, Event):
            if model.ticks - model.start_ticks + idle.number <= self.limits.ticks:
                return [idle]
            self._cut_by_ticks = True
        elif not self._is_violated(frame):
            lost = idle == BLOCKED and has_lost_wakeup(model)
            self._end(frame.state, outcome_of_idle(model, idle, frame.marks), "", lost=lost)
        return []

    def _is_violated(self, frame: _Frame) -> bool:
        """Check the invariants at the present state; a violation ends the schedule."""
        message = self.consistency.violation(frame.sum)
        if message:
            self._end(frame.state, INVARIANT, message)
        return bool(message)

    def _end(self, state: int, outcome: str, message: str, *, lost: bool = False) -> None:
        values = tuple(watched.value() for watched in self.asked.values)
        for one, watched in self._at_ends:
            one.note_end(state, watched.value())
        self.ends.append(End(state, outcome, message, lost, values))
