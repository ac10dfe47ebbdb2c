"""One point of an experiment: plain values in, plain values out, no shared state.

`measure_point` is the same function in this process, in other processes and on a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from engine.errors import BadInput, CapacityError
from engine.experiments.arithmetic import Number
from engine.experiments.measures import End, Measure, compile_measure, evaluate_measures
from engine.experiments.table import ERROR, LOST
from engine.figures.latency import Latency
from engine.figures.names import check_figure, figure
from engine.language.values import Place
from engine.run.history import History
from engine.scenario.loader import Scenario
from engine.scenario.recipe import Recipe

Texts = tuple[tuple[str, str], ...]
"""The name and the text of each measure."""


@dataclass(frozen=True)
class RunJob:
    """A point that is a run of a scenario.

    schedule: None for the scenario's own. latency: what a local and a remote access cost.
    """

    recipe: Recipe
    schedule: str | None
    measures: Texts
    latency: tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """What was measured at a point; the parts are those of a Row."""

    values: Mapping[str, Number]
    notes: tuple[str, ...]
    outcome: str
    ok: bool


Job = RunJob


def measure_point(job: Job) -> Measured:
    """Measure one point.

    A point that cannot be run gives a result whose outcome is `error` and whose note says why.
    """
    try:
        return _run(job)
    except (BadInput, CapacityError) as error:
        return failed(job, ERROR, str(error))
    except MemoryError:
        return failed(job, LOST, "the process has no memory left; use fewer workers, or a smaller machine")


def failed(job: Job, outcome: str, note: str) -> Measured:
    """Return the result of a point without values."""
    return Measured({name: None for name, _ in job.measures}, (f"{outcome}: {note}",), outcome, False)


def _run(job: RunJob) -> Measured:
    scenario = job.recipe.scenario(job.schedule)
    measures = {name: compile_for(scenario, text, Place()) for name, text in job.measures}
    history = scenario.start()
    outcome = scenario.run(history)
    if not scenario.expects(outcome):
        finding = history.branch.finding
        return failed(job, outcome, str(finding or "no thread of the run has ended"))
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
