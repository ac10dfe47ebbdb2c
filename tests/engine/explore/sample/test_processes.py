"""A sample is the same in one process and in several."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.errors import BadInput
from engine.explore import explore
from engine.explore.job import Job
from engine.explore.limits import Limits, Progress, Sample
from engine.explore.prepared import recipe_of
from engine.explore.sample import processes
from engine.explore.sample.processes import sampled, take
from engine.explore.sample.tally import Tally
from engine.explore.sample.walks import Walker
from tests.engine.explore.side_by_side import scenario_named
from tests.tiers import only_fast

NAMES = ("two-tokens", "queue-of-a-cpu", "naps")


def job(name: str, **words: tuple[str, ...]) -> Job:
    return Job(recipe_of(scenario_named(name)), Limits(), **words)


def taken(name: str, sample: Sample, *parts: range) -> Tally:
    """Each part by a walker of its own, as in several processes."""
    total = Tally()
    for part in parts:
        with job(name).prepared() as ready:
            total.add(take(Walker(ready.model, sample, Limits(), ready.asked), part))
    return total


@pytest.mark.parametrize("name", only_fast((*NAMES, "a-read"), *NAMES))
@pytest.mark.parametrize(
    "sample", [Sample("random", seed=8), Sample("pct", 1, seed=8)], ids=["random", "pct"]
)
def test_the_tally_does_not_depend_on_who_takes_which_part(name: str, sample: Sample) -> None:
    whole = taken(name, sample, range(60))
    assert whole == taken(name, sample, range(35, 60), range(10, 35), range(10))
    assert whole.schedules == 60


@pytest.mark.parametrize(("schedules", "parts"), [(1, [1]), (500, [500]), (1100, [500, 1000, 1100])])
def test_progress_is_reported_after_each_part(schedules: int, parts: list[int]) -> None:
    seen: list[Progress] = []

    def note(progress: Progress) -> bool:
        seen.append(progress)
        return True

    total = sampled(job("free-while-held"), Sample("random", schedules=schedules), note)
    assert [one.sampled for one in seen] == parts
    assert seen[-1].transitions == total.steps
    assert total.schedules == schedules


def test_the_first_part_is_kept_if_the_caller_says_no() -> None:
    total = sampled(job("free-while-held"), Sample("random", schedules=1100), lambda _: False)
    assert total.schedules == 500


def test_progress_is_reported_within_a_part_of_long_schedules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_STEPS", 100)
    sample, seen = Sample("random", schedules=60), list[int]()

    def note(now: Progress) -> bool:
        seen.append(now.transitions)
        return True

    total = sampled(job("free-while-held"), sample, note)
    between = [after - before for before, after in pairwise([0, *seen])]
    assert len(between) > 3
    assert all(100 <= steps < 200 for steps in between[:-1])
    assert total == taken("free-while-held", sample, range(60))


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_input_is_refused_in_this_process(workers: int) -> None:
    with pytest.raises(BadInput):
        sampled(job("two-tokens", always=("q.x",)), Sample("random", workers=workers))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two-tokens", "queue-of-a-cpu", "a-read"])
@pytest.mark.parametrize(("strategy", "depth"), [("random", 0), ("pct", 2)])
def test_a_sample_of_two_workers_is_that_of_one(name: str, strategy: str, depth: int) -> None:
    scenario = scenario_named(name)
    found = [
        explore(
            scenario,
            exprs=("setup.m.hold_count",),
            always=("setup.m.hold_count == 0",),
            end=("setup.m.busy_count == 0",),
            sample=Sample(strategy, depth, schedules=1200, seed=6, workers=workers),  # type: ignore[arg-type]
        )
        for workers in (1, 2)
    ]
    assert found[0] == found[1]
    assert found[0].sampled == 1200


@pytest.mark.slow
def test_two_workers_end_if_the_caller_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_CHUNK", 10)
    total = sampled(job("two-tokens"), Sample("random", schedules=400, workers=2), lambda _: False)
    assert total.schedules == 10
