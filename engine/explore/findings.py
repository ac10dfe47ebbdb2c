"""From a searched graph to what is reported: the outcomes, their counts, schedules and turning points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

import numpy as np

from engine.errors import InvariantViolation
from engine.explore.exploration import Found, Inevitable, Race, ValueFound
from engine.explore.graph.chances import chances
from engine.explore.graph.counts import schedules
from engine.explore.graph.cycles import Livelock, livelocks, round_trip
from engine.explore.graph.no_return import NoReturn, no_return
from engine.explore.graph.possible import outcomes_of, possible
from engine.explore.graph.simplest import simplest
from engine.explore.graph.state_graph import EVENT, Ints, StateGraph
from engine.explore.model.ends import EXCLUDED, INVARIANT
from engine.explore.model.transitions import Leaf, Model
from engine.explore.races import leaves_of, race_at
from engine.explore.search import End, Search
from engine.explore.shown_runs import TICK, TIME_PASSES, ShownRun, Taken, items, shown_run
from engine.language.expressions import Expression
from engine.language.symbols import Kind
from engine.run.runner import LIVELOCK
from engine.run.threads import COMPLETED
from engine.scenario.loader import Scenario

_EXACT: Final = 1e-9
"""The share of random runs that may be left over where probabilities are given."""


@dataclass(frozen=True)
class _Goal:
    """An outcome, and the states that are its ends or the cycles of which are it."""

    outcome: str
    states: tuple[int, ...]
    ends: tuple[End, ...] = ()
    cycles: tuple[Livelock, ...] = ()

    def cycle_at(self, state: int) -> Livelock | None:
        """The cycle through a state; None for an end."""
        at = ((one, int(np.searchsorted(one.states, state))) for one in self.cycles)
        return next((one for one, n in at if n < one.states.size and one.states[n] == state), None)


class Findings:
    """What a search found, computed when it is asked for.

    exact: whether all schedules were searched one by one, so that counts and turning points are known.
    """

    def __init__(
        self, scenario: Scenario, model: Model, search: Search, graph: StateGraph, *, exact: bool
    ) -> None:
        self.scenario = scenario
        self.model = model
        self.search = search
        self.graph = graph
        self.exact = exact

    @cached_property
    def goals(self) -> tuple[_Goal, ...]:
        """Every outcome, `completed` first."""
        ends: dict[str, list[End]] = {}
        for end in self.search.ends:
            ends.setdefault(end.outcome, []).append(end)
        found = [_Goal(outcome, tuple(end.state for end in own), tuple(own)) for outcome, own in ends.items()]
        cycles = self._livelocks()
        for fair in (True, False):
            own = tuple(one for one in cycles if one.fair == fair)
            if own:
                states = tuple(int(state) for one in own for state in one.states)
                found.append(_Goal(LIVELOCK, states, cycles=own))
        return tuple(sorted(found, key=lambda goal: goal.outcome != COMPLETED))

    def _livelocks(self) -> list[Livelock]:
        """The livelocks that are certain: after a reduced search, those without a way out."""
        if self.search.why_bounded:
            return []
        found = livelocks(self.graph)
        return found if self.exact else [one for one in found if one.bottom]

    @cached_property
    def decided(self) -> tuple[_Goal, ...]:
        """The outcomes that a run cannot avoid for ever: all but livelocks that are not fair."""
        return tuple(goal for goal in self.goals if not _is_unfair(goal))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of `decided`, by the numbers of the bits in `sets`."""
        return tuple(goal.outcome for goal in self.decided)

    @cached_property
    def sets(self) -> Ints:
        """The set of possible outcomes of each state, as bits; int64, (states,)."""
        numbers = {state: bit for bit, goal in enumerate(self.decided) for state in goal.states}
        return possible(self.graph, numbers)

    @cached_property
    def _counts(self) -> dict[int, int] | None:
        return schedules(self.graph) if self.exact else None

    @cached_property
    def _chances(self) -> dict[int, float] | None:
        """The probability of each end and each livelock without a way out, among what no order excludes.

        None if it is not known.
        """
        found = chances(self.graph) if self.exact else None
        if found is None or found.left > _EXACT:
            return None
        excluded = {state for state, number in self.graph.ends.items() if self._is_excluded(number)}
        kept = 1.0 - sum(found.ends.get(state, 0.0) for state in excluded)
        every = {**found.ends, **found.never}
        return {state: chance / kept for state, chance in every.items() if kept and state not in excluded}

    def _is_excluded(self, number: int) -> bool:
        return self.graph.outcomes[number] == EXCLUDED

    # --- outcomes -------------------------------------------------------------------------------------------

    def outcomes(self) -> tuple[Found, ...]:
        """Every outcome: `completed` first, then the likelier ones."""
        found = [self._found(goal) for goal in self.goals]
        return tuple(sorted(found, key=lambda one: (one.outcome != COMPLETED, -(one.probability or 0.0))))

    def _found(self, goal: _Goal) -> Found:
        way = simplest(self.graph, goal.states)
        assert way is not None, "every state was found by a path from state 0"
        edges = way.edges
        state = int(self.graph.target[edges[-1]]) if edges else 0
        cycle = goal.cycle_at(state)
        around = [] if cycle is None else round_trip(self.graph, cycle, state)
        path = self.path([*edges, *around])
        run = self._shown_run(path, ends=_ends_a_run(goal))
        point = self._no_return(goal, edges)
        leaves = leaves_of(self.model, self.path(edges)) if point is not None and point.place else []
        return Found(
            outcome=goal.outcome,
            message=self._message(goal, run.outcome, run.message),
            ends=len(goal.ends) or len(goal.cycles),
            schedules=self.schedules_to(end.state for end in goal.ends) if goal.ends else None,
            probability=self.chance_of(goal.states),
            path=tuple(taken.thread for taken in path),
            schedule=run.schedule,
            settings=run.settings,
            switches=max(items(path) - 1, 0),
            steps=run.steps,
            state=run.state,
            inevitable=None if point is None else self._inevitable(leaves, point),
            race=None if point is None else self._race(edges, leaves, point),
            lost=sum(end.lost for end in goal.ends),
            starves=() if cycle is None else tuple(self.model.names[t] for t in cycle.starves),
            cycle=sum(int(self.graph.length[edge]) for edge in around),
            end=state,
        )

    def _message(self, goal: _Goal, outcome: str, message: str) -> str:
        """The finding of the run that was shown.

        Errors: InvariantViolation if the run ends in another way than the search found.
        """
        if _ends_a_run(goal) and goal.outcome != outcome:
            raise InvariantViolation(f"a schedule that was found to end as {goal.outcome} ends as {outcome}")
        return message or next((end.message for end in goal.ends), "")

    def _shown_run(self, path: Sequence[Taken], *, ends: bool) -> ShownRun:
        return shown_run(self.scenario, self.model.names, path, self.model.opening, ends=ends)

    def path(self, edges: Iterable[int]) -> list[Taken]:
        """The steps along edges of the graph."""
        return [Taken(int(self.graph.thread[edge]), int(self.graph.length[edge])) for edge in edges]

    def schedules_to(self, states: Iterable[int]) -> int | None:
        """The number of schedules that end at one of the states; None if it is not known."""
        counts = self._counts
        return None if counts is None else sum(counts[state] for state in states)

    def chance_of(self, states: Iterable[int]) -> float | None:
        """The probability that a random run ends at one of the states, or gets into a livelock there.

        None if it is not known.
        """
        known = self._chances
        return None if known is None else min(1.0, sum(known.get(state, 0.0) for state in states))

    # --- turning points -------------------------------------------------------------------------------------

    def _no_return(self, goal: _Goal, edges: Sequence[int]) -> NoReturn | None:
        if not self.exact or _is_unfair(goal):
            return None
        return no_return(self.graph, self.sets, edges, self.decided.index(goal))

    def _inevitable(self, leaves: Sequence[Leaf | None], point: NoReturn) -> Inevitable:
        opening = self.model.opening
        if not point.place:
            return Inevitable(opening, "", "")
        thread = int(self.graph.thread[point.edge])
        alternatives = point.alternatives
        return Inevitable(
            step=opening + point.step,
            thread=self._name(thread),
            action=self._action(leaves[point.place - 1]),
            alternatives=tuple(self._name(other) for other, _ in alternatives),
            others=tuple(tuple(self.names[bit] for bit in outcomes_of(left)) for _, left in alternatives),
        )

    def _name(self, thread: int) -> str:
        return TICK if thread == EVENT else self.model.names[thread]

    def _action(self, leaf: Leaf | None) -> str:
        return TIME_PASSES if leaf is None else self.model.states[leaf.thread].actions[leaf.before]

    def _race(self, edges: Sequence[int], leaves: Sequence[Leaf | None], point: NoReturn) -> Race | None:
        if not point.place:
            return None
        lengths = (int(self.graph.length[edge]) for edge in edges)
        steps = list(accumulate(lengths, initial=self.model.opening))[1:]
        others = [thread for thread, _ in point.alternatives]
        return race_at(self.model, leaves, point.place - 1, steps, others)

    # --- values ---------------------------------------------------------------------------------------------

    def values(self, expressions: Sequence[Expression]) -> Iterator[ValueFound]:
        """Each value that the expressions have at ends, the likeliest first."""
        for number, expression in enumerate(expressions):
            states: dict[int | str | None, list[int]] = {}
            for end in self.search.ends:
                states.setdefault(end.values[number], []).append(end.state)
            found = [self._value(expression, value, own) for value, own in states.items()]
            yield from sorted(found, key=lambda one: (-(one.probability or 0.0), one.shown))

    def _value(self, expression: Expression, value: int | str | None, states: list[int]) -> ValueFound:
        return ValueFound(
            expr=expression.text,
            value=value,
            schedules=self.schedules_to(states),
            probability=self.chance_of(states),
            ends=len(states),
            shown=in_words(expression, value),
        )

    def shown_to(self, states: Sequence[int]) -> tuple[str, str, int]:
        """The simplest schedule to one of the states: its text, the state string, and the step."""
        way = simplest(self.graph, states)
        assert way is not None, "every state was found by a path from state 0"
        ends = int(self.graph.target[way.edges[-1]]) in self.graph.ends if way.edges else False
        run = self._shown_run(self.path(way.edges), ends=ends)
        return run.schedule, run.state, run.steps


def in_words(expression: Expression, value: int | str | None) -> str:
    """A value in words: `page 0x203`, `NULL`, `3`."""
    if value is None:
        return "NULL"
    return f"page {value:#x}" if expression.kind is Kind.PAGE and isinstance(value, int) else str(value)


def _ends_a_run(goal: _Goal) -> bool:
    """Whether a run ends by itself at a goal: not at a cycle, nor where only this program's check fails."""
    return bool(goal.ends) and goal.outcome != INVARIANT


def _is_unfair(goal: _Goal) -> bool:
    return bool(goal.cycles) and not goal.cycles[0].fair
