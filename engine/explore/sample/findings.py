"""From a tally of sampled schedules to what is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.explore.claims import Evidence, judged
from engine.explore.exploration import Claim, Found, ValueFound
from engine.explore.findings import in_words
from engine.explore.model.ends import INVARIANT
from engine.explore.sample.tally import Sampled, Tally
from engine.explore.sample.walks import WalkEnd
from engine.explore.shown_runs import items, shown_run
from engine.language.expressions import Expression
from engine.run.threads import COMPLETED
from engine.scenario.loader import Scenario


class SampledFindings:
    """What sampled schedules found."""

    def __init__(
        self, scenario: Scenario, names: Sequence[str], opening: int, tally: Tally, *, uniform: bool
    ) -> None:
        """opening: the steps before the first choice. uniform: whether every choice was equally likely."""
        self.scenario = scenario
        self.names = names
        self.opening = opening
        self.tally = tally
        self.uniform = uniform

    def outcomes(self) -> tuple[Found, ...]:
        """Every outcome: `completed` first, then the ones that were seen more often."""
        ends: dict[str, list[WalkEnd]] = {}
        for end in self.tally.ends:
            ends.setdefault(end.outcome, []).append(end)
        found = [self._found(outcome, own) for outcome, own in ends.items()]
        return tuple(sorted(found, key=lambda one: (one.outcome != COMPLETED, -one.sampled, one.outcome)))

    def _found(self, outcome: str, ends: Sequence[WalkEnd]) -> Found:
        simplest = self.tally.simplest(ends)
        path = simplest.taken()
        run = shown_run(self.scenario, self.names, path, self.opening, ends=outcome != INVARIANT)
        count = self.tally.count(ends)
        return Found(
            outcome=outcome,
            message=run.message or next(end.message for end in ends),
            ends=len({end.key for end in ends}),
            schedules=None,
            probability=self._share(count),
            path=tuple(taken.thread for taken in path),
            schedule=run.schedule,
            settings=run.settings,
            switches=max(items(path) - 1, 0),
            steps=run.steps,
            state=run.state,
            lost=len({end.key for end in ends if end.lost}),
            sampled=count,
        )

    def _share(self, count: int) -> float | None:
        """The share of the schedules, which estimates the probability if choices were equally likely."""
        return count / self.tally.ended if self.uniform and self.tally.ended else None

    def values(self, expressions: Sequence[Expression]) -> Iterator[ValueFound]:
        """Each value that the expressions had at ends, the most frequent first."""
        for number, expression in enumerate(expressions):
            ends: dict[int | str | None, list[WalkEnd]] = {}
            for end in self.tally.ends:
                ends.setdefault(end.values[number], []).append(end)
            found = [self._value(expression, value, own) for value, own in ends.items()]
            yield from sorted(found, key=lambda one: (-one.sampled, one.shown))

    def _value(self, expression: Expression, value: int | str | None, ends: list[WalkEnd]) -> ValueFound:
        count = self.tally.count(ends)
        return ValueFound(
            expr=expression.text,
            value=value,
            shown=in_words(expression, value),
            schedules=None,
            probability=self._share(count),
            ends=len({end.key for end in ends}),
            sampled=count,
        )

    # --- claims ---------------------------------------------------------------------------------------------

    def claims(
        self, evidence: Sequence[Evidence], outcomes: Sequence[Found], bound: str
    ) -> tuple[Claim, ...]:
        """What was said of all schedules, as far as samples can show."""
        paths: list[Sampled] = []
        at_ends = [one for one in evidence if one.at_ends]
        everywhere = [one for one in evidence if one.everywhere]
        for end, seen in self.tally.ends.items():
            paths.append(seen.simplest)
            for one, truth in zip(at_ends, end.truths, strict=True):
                one.note_end(len(paths) - 1, truth)
        for number, one in enumerate(everywhere):
            one.evaluated = self.tally.evaluated[number]
            if number in self.tally.broken:
                paths.append(self.tally.broken[number].simplest)
                one.note(len(paths) - 1, False)

        def shown(numbers: Sequence[int]) -> tuple[str, str, int]:
            simplest = min((paths[number] for number in numbers), key=lambda one: one.cost)
            run = shown_run(self.scenario, self.names, simplest.taken(), self.opening, ends=False)
            return run.schedule, run.state, run.steps

        return judged(evidence, outcomes, bound=bound, schedule_to=shown)
