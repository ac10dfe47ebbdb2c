"""What a number of sampled schedules found, which can be added up in any order of the processes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from engine.explore.graph.state_graph import EVENT
from engine.explore.model.ends import EXCLUDED
from engine.explore.sample.walks import Walk, WalkEnd
from engine.explore.shown_runs import Taken
from engine.run.runner import BOUND


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sampled schedule: who takes each step, EVENT for an event, and the ticks of each event, by place."""

    path: array[int]
    ticks: dict[int, int]

    @property
    def cost(self) -> tuple[int, int, array[int]]:
        """The simpler schedule has the lower one: fewest items, then fewest steps."""
        steps = len(self.path) + sum(self.ticks.values()) - len(self.ticks)
        return sum(1 for _ in groupby(self.path)), steps, self.path

    def taken(self, steps: int | None = None) -> list[Taken]:
        """The first steps, or all."""
        return [
            Taken(thread, self.ticks.get(place, 1) if thread == EVENT else 1)
            for place, thread in enumerate(self.path[:steps])
        ]


@dataclass(slots=True)
class Seen:
    """How often something was seen, and the simplest schedule in which it was."""

    count: int
    simplest: Sampled

    def add(self, count: int, sampled: Sampled) -> None:
        """Add that it was seen `count` times more, once of them in a schedule."""
        self.count += count
        self.simplest = min(self.simplest, sampled, key=lambda one: one.cost)


@dataclass
class Tally:
    """What was seen: of ends, and of what does not hold after each step.

    schedules, steps: how many were taken. cut, excluded: how many schedules were, and count in nothing else.
    ends:      the end of schedules -> how often.
    broken:    the number of a statement about every state -> in how many schedules it did not hold, and the
               steps of the simplest one up to there.
    evaluated: whether each of these could be evaluated at any state.
    """

    schedules: int = 0
    steps: int = 0
    cut: int = 0
    excluded: int = 0
    ends: dict[WalkEnd, Seen] = field(default_factory=dict)
    broken: dict[int, Seen] = field(default_factory=dict)
    evaluated: tuple[bool, ...] = ()

    def add_walk(self, walk: Walk) -> None:
        """Add a sampled schedule."""
        self.schedules += 1
        self.steps += len(walk.path)
        self.cut += walk.end.outcome == BOUND
        self.excluded += walk.end.outcome == EXCLUDED
        for number, step in enumerate(walk.broken):
            if step is not None and walk.end.outcome != EXCLUDED:
                ticks = {place: passed for place, passed in walk.ticks.items() if place < step}
                _add(self.broken, number, 1, Sampled(walk.path[:step], ticks))
        if walk.end.outcome not in (BOUND, EXCLUDED):
            _add(self.ends, walk.end, 1, Sampled(walk.path, walk.ticks))

    def add(self, other: Tally) -> None:
        """Add another tally."""
        self.schedules += other.schedules
        self.steps += other.steps
        self.cut += other.cut
        self.excluded += other.excluded
        for end, seen in other.ends.items():
            _add(self.ends, end, seen.count, seen.simplest)
        for number, seen in other.broken.items():
            _add(self.broken, number, seen.count, seen.simplest)
        pairs = zip(self.evaluated or other.evaluated, other.evaluated, strict=True)
        self.evaluated = tuple(own or more for own, more in pairs)

    @property
    def ended(self) -> int:
        """The number of schedules that came to an end."""
        return self.schedules - self.cut - self.excluded

    def simplest(self, ends: Iterable[WalkEnd]) -> Sampled:
        """The simplest schedule to one of some ends."""
        return min((self.ends[end].simplest for end in ends), key=lambda one: one.cost)

    def count(self, ends: Iterable[WalkEnd]) -> int:
        """The number of schedules to some ends."""
        return sum(self.ends[end].count for end in ends)


def _add(found: dict[Any, Seen], key: object, count: int, sampled: Sampled) -> None:
    if key in found:
        found[key].add(count, sampled)
    else:
        found[key] = Seen(count, sampled)
