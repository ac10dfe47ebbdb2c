"""The search of all schedules finds what plain re-execution finds, on hundreds of small scenarios.

The scenarios are made from seeds, and some by hand. What is compared: every state and every step between two
states, the ends with their outcomes and findings, the livelocks, the numbers of schedules, the probabilities,
the simplest schedules, and the points of no return.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

import pytest

from engine.explore import explore
from engine.explore.exploration import Found
from engine.explore.graph.state_graph import EVENT, StateGraph
from engine.explore.model.ends import SCRIPT_ERROR
from engine.run.threads import DEADLOCK
from engine.scenario.loader import Scenario, load
from tests.engine.explore import brute_counts
from tests.engine.explore.brute_counts import LIVELOCK, Round
from tests.engine.explore.brute_force import Reference, brute_force
from tests.engine.explore.named_scenarios import NAMED, Named
from tests.engine.explore.small_scenarios import LARGEST, SEEDS, scenario_of
from tests.tiers import only_fast

FAST_SEEDS: Final = (7, 25, 49, 56, 89, 156, 243, 296)

SLOW_NAMES: Final = ("a-read", "queue-of-a-cpu")

every_seed = pytest.mark.parametrize("seed", only_fast(SEEDS, *FAST_SEEDS))
every_name = pytest.mark.parametrize(
    "name", only_fast([one.name for one in NAMED], *(one.name for one in NAMED if one.name not in SLOW_NAMES))
)


def scenario_named(name: str) -> Scenario:
    """A scenario that was made by hand."""
    return next(one for one in NAMED if one.name == name).load()


def walk_both(expected: Reference, graph: StateGraph) -> dict[int, int]:
    """The state of the graph for each state of the reference, found by walking both at once."""
    pairs, waiting = {0: 0}, deque([0])
    while waiting:
        state = waiting.popleft()
        steps = expected.steps[state]
        edges = {int(graph.thread[edge]): edge for edge in graph.steps_of(pairs[state])}
        assert steps.keys() == edges.keys(), f"other choices after {expected.paths[state]}"
        for who, to in steps.items():
            edge = edges[who]
            assert graph.length[edge] == (expected.length[state] if who == EVENT else 1)
            if to not in pairs:
                pairs[to] = int(graph.target[edge])
                waiting.append(to)
            assert pairs[to] == graph.target[edge], f"other states after {expected.paths[to]}"
    assert len(set(pairs.values())) == len(pairs) == graph.size, "different states were taken for one"
    return pairs


class Compared:
    """What the search found of a scenario, beside what plain re-execution finds."""

    def __init__(self, scenario: Scenario, largest: int = LARGEST + 200) -> None:
        """scenario: with the schedule `rr`; largest: the most states that it has."""
        self.expected = brute_force(scenario, largest)
        self.found = explore(scenario)
        assert self.found.graph is not None
        self.graph = self.found.graph
        self.pairs = walk_both(self.expected, self.graph)
        self.probabilities = brute_counts.probabilities(self.expected)
        self.schedules = brute_counts.schedules(self.expected)

    def compare_all(self) -> None:
        """Compare everything."""
        found, expected = self.found, self.expected
        assert (found.complete, found.bound) == (True, "")
        assert (found.states, found.transitions) == (expected.states, expected.transitions)
        assert {one.outcome for one in found.outcomes if not one.starves} == brute_counts.outcomes(expected)
        self.compare_ends()
        self.compare_rounds()
        for one in found.outcomes:
            if one.outcome != LIVELOCK:
                self.compare_outcome(one)

    def compare_ends(self) -> None:
        """The ends are the same states, and have the same outcomes."""
        names = {state: self.graph.outcomes[number] for state, number in self.graph.ends.items()}
        ends = self.expected.ends
        assert names == {self.pairs[state]: end.outcome for state, end in ends.items()}

    def compare_outcome(self, found: Found) -> None:
        """An outcome has the right counts, message and simplest schedule."""
        states = self.expected.ends_of(found.outcome)
        ends = [self.expected.ends[state] for state in states]
        assert (found.ends, found.lost) == (len(ends), sum(end.lost for end in ends))
        assert found.schedules == (None if self.schedules is None else self.schedules[found.outcome])
        self.compare_probability(found)
        steps = found.steps + (found.outcome == SCRIPT_ERROR)  # a step that fails is not taken
        assert (found.switches, steps) == brute_counts.simplest(self.expected, states)
        assert (found.switches, steps) == brute_counts.cost(self.expected, found.path)
        end = self.state_after(found.path)
        assert end in states
        assert self.pairs[end] == found.end
        if found.outcome.startswith("panic") or found.outcome in (SCRIPT_ERROR, DEADLOCK):
            assert found.message == self.expected.ends[end].message
        self.compare_no_return(found, found.path)

    def compare_probability(self, found: Found) -> None:
        expected = self.probabilities.get(found.outcome, 0)
        assert found.probability == pytest.approx(float(expected), rel=1e-9, abs=1e-300)

    def state_after(self, path: Sequence[int]) -> int:
        """The state of the reference to which a schedule leads."""
        state = 0
        for who in path:
            state = self.expected.steps[state][who]
        return state

    def compare_no_return(self, found: Found, path: Sequence[int]) -> None:
        """The step after which the outcome is the only one, and what could have been instead."""
        point = brute_counts.no_return(self.expected, path, found.outcome)
        inevitable = found.inevitable
        assert (point is None) == (inevitable is None)
        if point is None or inevitable is None:
            return
        assert inevitable.step == point.steps
        assert inevitable.thread == (self.name(path[point.place - 1]) if point.place else "")
        others = zip(inevitable.alternatives, inevitable.others, strict=True)
        assert {name: frozenset(left) for name, left in others} == {
            self.name(who): left for who, left in point.others.items()
        }

    def name(self, who: int) -> str:
        """The name of a thread, or `tick`."""
        return "tick" if who == EVENT else self.expected.threads[who]

    # --- livelocks ------------------------------------------------------------------------------------------

    def compare_rounds(self) -> None:
        """The livelocks are the same sets of states, fair or not."""
        rounds = brute_counts.rounds(self.expected)
        for fair in (True, False):
            own = [one for one in rounds if fair != bool(one.starves)]
            found = [one for one in self.livelocks() if fair != bool(one.starves)]
            assert [one.ends for one in found] == [len(own)] * bool(own)
            for one in found:
                self.compare_livelock(one, own, fair)

    def livelocks(self) -> list[Found]:
        """What was found of the outcome `livelock`."""
        return [one for one in self.found.outcomes if one.outcome == LIVELOCK]

    def compare_livelock(self, found: Found, rounds: list[Round], fair: bool) -> None:
        """A livelock has the right probability, and its schedule leads into it and around."""
        assert found.schedules is None
        way, around = self.parts(found)
        start, end = self.state_after(way), self.state_after([*way, *around])
        one = next(one for one in rounds if start in one.states)
        assert end == start
        assert around
        passed = {self.state_after([*way, *around[:n]]) for n in range(len(around))}
        assert passed <= one.states
        assert tuple(self.expected.threads[t] for t in one.starves) == found.starves
        states = frozenset[int]().union(*(one.states for one in rounds))
        assert brute_counts.cost(self.expected, way) == brute_counts.simplest(self.expected, states)
        if fair:
            self.compare_probability(found)
            assert self.threads_inside(one) <= set(around)
            self.compare_no_return(found, way)
        else:
            assert (found.probability, found.inevitable) == (0.0, None)

    def threads_inside(self, one: Round) -> set[int]:
        """The threads that can take a step without leaving a livelock."""
        steps = (step for state in one.states for step in self.expected.steps[state].items())
        return {who for who, to in steps if to in one.states} - {EVENT}

    def parts(self, found: Found) -> tuple[Sequence[int], Sequence[int]]:
        """The schedule of a livelock: the way into it, and once around it."""
        expected, path = self.expected, found.path
        total = brute_counts.cost(expected, path)[1]
        assert total == found.steps
        costs = [brute_counts.cost(expected, path[:n])[1] for n in range(len(path) + 1)]
        place = costs.index(total - found.cycle)
        return path[:place], path[place:]


@every_name
def test_the_search_finds_what_plain_re_execution_finds(name: str) -> None:
    Compared(scenario_named(name)).compare_all()


@every_seed
def test_the_search_of_a_made_scenario_finds_what_plain_re_execution_finds(seed: int) -> None:
    Compared(scenario_of(seed)).compare_all()


@pytest.mark.slow
def test_the_search_of_a_library_scenario_finds_what_plain_re_execution_finds() -> None:
    Compared(load("trylock-skips", schedule="rr"), 2_000).compare_all()


@pytest.mark.parametrize("named", NAMED, ids=lambda named: named.name)
def test_a_scenario_made_by_hand_has_the_outcomes_that_it_was_made_for(named: Named) -> None:
    outcomes = {one.outcome for one in explore(named.load()).outcomes if not one.starves}
    assert outcomes == named.outcomes


@pytest.mark.slow
def test_every_outcome_occurs_among_the_made_scenarios() -> None:
    outcomes: Counter[str] = Counter()
    for seed in SEEDS:
        outcomes.update({one.outcome.partition(":")[0] for one in explore(scenario_of(seed)).outcomes})
    rare = {"deadlock", "script error"}
    assert all(outcomes[one] > 1 for one in rare)
    often = {"completed", "panic", "blocked", "livelock", "leak", "unlock_order"}
    assert all(outcomes[one] > 10 for one in often)
    assert outcomes.keys() == rare | often
