"""One point of an experiment: plain values in, plain values out, no shared state.

`measure_point` is the same function in this process, in other processes and on a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from engine.errors import BadInput, CapacityError
from engine.experiments.measured import Measured, Texts, failed
from engine.experiments.measures import End, Measure, compile_measure, evaluate_measures
from engine.experiments.replay_points import ReplayJob, measure_replay
from engine.experiments.table import ERROR, LOST
from engine.figures.latency import Latency
from engine.figures.names import check_figure, figure
from engine.language.values import Place
from engine.run.history import History
from engine.scenario.bounds import UNBOUNDED, Bounds
from engine.scenario.loader import Scenario
from engine.scenario.recipe import Recipe


@dataclass(frozen=True)
class RunJob:
    """A point that is a run of a scenario.

    schedule: None for the scenario's own. latency: what a local and a remote access cost.
    """

    recipe: Recipe
    schedule: str | None
    measures: Texts
    latency: tuple[float, float]


Job = RunJob | ReplayJob


def measure_point(job: Job, bounds: Bounds = UNBOUNDED) -> Measured:
    """Measure one point.

    bounds: what its run may take at most.
    A point that cannot be run gives a result whose outcome is `error` and whose note says why.
    """
    try:
        return measure_replay(job) if isinstance(job, ReplayJob) else _run(job, bounds)
    except (BadInput, CapacityError) as error:
        return failed(job.measures, ERROR, str(error))
    except MemoryError:
        return failed(
            job.measures, LOST, "the process has no memory left; use fewer workers, or a smaller machine"
        )


def _run(job: RunJob, bounds: Bounds) -> Measured:
    scenario = replace(job.recipe, bounds=bounds).scenario(job.schedule)
    measures = {name: compile_for(scenario, text, Place()) for name, text in job.measures}
    history = scenario.start(bounds.history)
    outcome = scenario.run(history)
    if not scenario.expects(outcome):
        finding = history.branch.finding
        return failed(job.measures, outcome, str(finding or "no thread of the run has ended"))
    values, notes = evaluate_measures(measures, _end(history, Latency(*job.latency)))
    return Measured(values, notes, outcome, True)


def _end(history: History, latency: Latency) -> End:
    return End(history.vm, partial(figure, history, latency=latency))


def compile_for(scenario: Scenario, text: str, place: Place) -> Measure:
    """Compile a measure with the names of a scenario.

    Errors: BadInput at the place.
    """
    names = scenario.names
    check = partial(check_figure, threads=names.threads, processes=names.processes)
    return compile_measure(text, names, check, place)
