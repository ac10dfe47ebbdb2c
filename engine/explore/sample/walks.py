"""One sampled schedule: a run from step 0 in which each next thread is chosen by a strategy.

`random` chooses each thread that can run with the same probability. `pct` (probabilistic concurrency testing)
gives each thread a random priority and always chooses the highest; at `depth` random steps the thread that
would run gets a priority below all others. A fault that needs d ordered steps is found by a walk with d - 1
change points with probability of at least 1 / (threads * steps ** (d - 1)), however rare it is at random.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from engine.explore.claims import Truth
from engine.explore.graph.state_graph import EVENT
from engine.explore.limits import Limits, Sample
from engine.explore.model.ends import EXCLUDED, has_lost_wakeup, outcome_of_idle, outcome_of_step
from engine.explore.model.marks import Marks
from engine.explore.model.transitions import Came, Leaf, Model
from engine.explore.model.watched import Asked, watched_truth
from engine.run.events import Event
from engine.run.runner import BOUND
from engine.run.splitmix import MASK64, splitmix64
from engine.run.threads import BLOCKED

MOST_STEPS: Final = 100_000
"""Steps after which a sampled schedule is cut."""

_PROBES: Final = 8
"""Random walks that show how long a schedule is."""

_REMEMBERED: Final = 500_000
"""States that walks remember."""


class Strategy(Protocol):
    """Chooses who takes the next step of one schedule."""

    def choose(self, threads: list[int], step: int, /) -> int:
        """Choose one of the threads, which are in number order; step: the number of steps taken before."""
        ...


class Random:
    """Chooses every thread with the same probability."""

    def __init__(self, state: int) -> None:
        """state: of splitmix64."""
        self._state = state

    def choose(self, threads: list[int], _step: int) -> int:
        """Choose one of the threads."""
        if len(threads) == 1:
            return threads[0]
        self._state, number = splitmix64(self._state)
        return threads[number % len(threads)]


class Pct:
    """Chooses the thread of the highest priority, and lowers that of the chosen one at some steps.

    priorities: the higher, the earlier a thread runs; changes: the steps at which one is lowered, ascending.
    """

    def __init__(self, state: int, threads: int, depth: int, steps: int) -> None:
        """steps: about how many a schedule has."""
        numbers = _numbers(state)
        order = sorted(range(threads), key=lambda _: next(numbers))
        self.priorities = [order.index(t) for t in range(threads)]
        self.changes = sorted(next(numbers) % max(steps, 1) for _ in range(depth))
        self._lowest = 0

    def choose(self, threads: list[int], step: int) -> int:
        """Choose one of the threads."""
        if len(threads) == 1 and (not self.changes or self.changes[0] > step):
            return threads[0]
        thread = max(threads, key=self.priorities.__getitem__)
        while self.changes and self.changes[0] <= step:
            del self.changes[0]
            self._lowest -= 1
            self.priorities[thread] = self._lowest
            thread = max(threads, key=self.priorities.__getitem__)
        return thread


def _numbers(state: int) -> Iterator[int]:
    while True:
        state, number = splitmix64(state)
        yield number


@dataclass(frozen=True, slots=True)
class WalkEnd:
    """The end of sampled schedules.

    outcome: `excluded` if an order excludes it, `bound` if it was cut.
    key:     of its state, without who has a cpu. message: of a step that ends it.
    lost:    whether a wakeup is lost.
    values, truths: those of what is watched.
    """

    outcome: str
    key: int = 0
    message: str = ""
    lost: bool = False
    values: tuple[Any, ...] = ()
    truths: tuple[Truth, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """A sampled schedule.

    end:    how it ends. path: who takes each step, EVENT for an event.
    ticks:  the ticks of each event, by place.
    broken: for each statement about every state, the first step after which it did not hold, or None.
    """

    end: WalkEnd
    path: array[int]
    ticks: dict[int, int]
    broken: tuple[int | None, ...]


@dataclass(slots=True, eq=False)
class _Node:
    """A state that walks have come to.

    key, sum: of the state, and the part of it that steps change. marks: what the schedules have done.
    threads:  the choices; none at an end and where time passes.
    end:      None if the walk continues. truths: of the statements about every state.
    next:     thread, or EVENT, -> the ticks that pass, and the next state.
    """

    key: int
    sum: int
    marks: Marks
    threads: list[int]
    end: WalkEnd | None
    truths: tuple[Truth, ...]
    next: dict[int, tuple[int, _Node]]


class Walker:
    """Takes walks on a model, which is at its start before and after each.

    States that walks have come to are remembered, so that a walk among them touches no cell.
    evaluated: for each statement about every state, whether it could be evaluated at any.
    """

    def __init__(self, model: Model, sample: Sample, limits: Limits, asked: Asked) -> None:
        self.model = model
        self.sample = sample
        self.limits = limits
        self.asked = asked
        self._at_ends = [watched_truth(model, one) for one in asked.evidence if one.at_ends]
        self._everywhere = [watched_truth(model, one) for one in asked.evidence if one.everywhere]
        self.evaluated = [False for _ in self._everywhere]
        self.steps = 0
        self._forget()
        if sample.strategy == "pct":
            states = [seeded(sample.seed, -1 - probe) for probe in range(_PROBES)]
            probes = [self._walk(partial(Random, state)) for state in states]
            self.steps = max(len(walk.path) for walk in probes)

    def walk(self, number: int) -> Walk:
        """Take walk `number` of the seed; the same one in every process."""
        state = seeded(self.sample.seed, number)
        if self.sample.strategy == "random":
            return self._walk(partial(Random, state))
        return self._walk(partial(Pct, state, len(self.model.names), self.sample.depth, self.steps))

    def _walk(self, make: Callable[[], Strategy]) -> Walk:
        """Take a walk; once more if states were taken to be the same that are not."""
        walk = self._try(make())
        while walk is None:
            self.model.choices.refine()
            self._forget()
            walk = self._try(make())
        return walk

    def _forget(self) -> None:
        """Forget all states; the model is at its start."""
        self._nodes: dict[int, _Node] = {}
        self._root = self._node(0, self.model.marking.start, None)

    def _try(self, strategy: Strategy) -> Walk | None:
        node, choose = self._root, strategy.choose
        path, came = array("h"), list[Came]()
        ticks: dict[int, int] = {}
        broken: list[int | None] = [None for _ in self._everywhere]
        stale = False
        while node.end is None and len(path) < MOST_STEPS and not stale:
            if broken:
                _note_broken(broken, node.truths, len(path))
            thread = choose(node.threads, len(path)) if node.threads else EVENT
            known = node.next.get(thread)
            if known is None:
                self._catch_up(came, path)
                known = self._learn(node, thread, came)
                stale = self.model.choices.is_stale
            passed, following = known
            if thread == EVENT:
                if sum(ticks.values()) + passed > self.limits.ticks:
                    break
                ticks[len(path)] = passed
            node = following
            path.append(thread)
        for step in reversed(came):
            self.model.take_back_any(step)
        if stale:
            return None
        _note_broken(broken, node.truths, len(path))
        return Walk(node.end or WalkEnd(BOUND), path, ticks, tuple(broken))

    # --- states ---------------------------------------------------------------------------------------------

    def _catch_up(self, came: list[Came], path: array[int]) -> None:
        """Take the steps of the path that the model has not taken: those among remembered states."""
        # States with the same key may differ in links, so a remembered step cannot be taken as it was.
        for thread in path[len(came) :]:
            came.append(self.model.next_step(thread))
            self.model.take(came[-1])

    def _learn(self, node: _Node, thread: int, taken: list[Came]) -> tuple[int, _Node]:
        """Take a step from a state, at which the model is, for the first time; add it to those taken."""
        model, passed, marks = self.model, 0, node.marks
        came: Came
        if thread == EVENT:
            event = model.idle()
            assert isinstance(event, Event)
            passed, came = event.number, model.event(event)[0]
        else:
            came = model.leaf(thread)
        changed: Marks | None = marks
        if isinstance(came, Leaf) and came.marks is not None:
            changed = model.marking.after(marks, came.marks)
        total = node.sum ^ model.take(came)
        taken.append(came)
        following = self._excluded(marks) if changed is None else self._node(total, changed, came)
        known = passed, following
        if len(self._nodes) < _REMEMBERED:
            node.next[thread] = known
        return known

    def _excluded(self, marks: Marks) -> _Node:
        return _Node(0, 0, marks, [], WalkEnd(EXCLUDED), (), {})

    def _node(self, total: int, marks: Marks, came: Came | None) -> _Node:
        """The present state of the model."""
        model = self.model
        without_cpus = total ^ model.times_part() ^ model.marks_part(marks)
        key = without_cpus ^ model.cpu_part()
        known = self._nodes.get(key)
        if known is None:
            # How much of the cpus is in a key depends on what was seen before: an end must not.
            threads, end = self._choices(without_cpus, marks, came)
            truths = tuple(watched.value() for watched in self._everywhere)
            for number, truth in enumerate(truths):
                self.evaluated[number] = self.evaluated[number] or not isinstance(truth, str)
            known = _Node(key, total, marks, threads, end, truths, {})
            if len(self._nodes) < _REMEMBERED:
                self._nodes[key] = known
        return known

    def _choices(self, key: int, marks: Marks, came: Came | None) -> tuple[list[int], WalkEnd | None]:
        """Who can take a step at the present state, or the end that it is; key: of an end."""
        model = self.model
        ending = came.finding if isinstance(came, Leaf) else None
        if ending is not None:
            return [], self._end(outcome_of_step(ending), key, str(ending))
        if threads := model.runnable():
            return threads, None
        idle = model.idle()
        return [], None if isinstance(idle, Event) else self._end(outcome_of_idle(model, idle, marks), key)

    def _end(self, outcome: str, key: int, message: str = "") -> WalkEnd:
        return WalkEnd(
            outcome=outcome,
            key=key,
            message=message,
            lost=outcome == BLOCKED and has_lost_wakeup(self.model),
            values=tuple(watched.value() for watched in self.asked.values),
            truths=tuple(watched.value() for watched in self._at_ends),
        )


def _note_broken(broken: list[int | None], truths: tuple[Truth, ...], step: int) -> None:
    for number, truth in enumerate(truths):
        if truth is False and broken[number] is None:
            broken[number] = step


def seeded(seed: int, number: int) -> int:
    """The state of splitmix64 with which schedule `number` of a seed starts."""
    _, first = splitmix64(seed)
    return splitmix64((first ^ number * 0x9E3779B97F4A7C15) & MASK64)[1]
