"""An experiment: its file, what varies, its points, and what is measured at each of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Protocol

from engine.errors import BadInput
from engine.experiments.aggregates import Statement, compile_statement
from engine.experiments.engine_sources import engine_digest
from engine.experiments.form import (
    Chart,
    ExperimentForm,
    Vary,
    check_keys,
    default_chart,
    read_experiment,
)
from engine.experiments.listing import FOLDER, experiment_names, find_experiment
from engine.experiments.points import Job
from engine.experiments.replay_runs import ReplayRuns
from engine.experiments.scenario_runs import ScenarioRuns
from engine.experiments.values import Value, parse_values
from engine.language.values import Place
from engine.scenario.loader import Scenario

__all__ = ["Experiment", "Point", "experiment_names", "load_experiment"]


@dataclass(frozen=True)
class Point:
    """One combination of values; settings: the value of each key, in the order of the experiment."""

    settings: Mapping[str, Value]


class Runs(Protocol):
    """What happens at a point: a run of a scenario, or a reference string through a policy."""

    def scenario(self, point: Mapping[str, Value], /) -> Scenario:
        """Make the scenario that shows a point."""
        ...

    def check(self, point: Mapping[str, Value], /, *, measures: bool = False) -> None:
        """Check that a point can be measured, as far as can be known without measuring it.

        measures: whether the measures are checked too.
        """
        ...

    def job(self, point: Mapping[str, Value], /) -> Job:
        """Return what another process needs to measure a point."""
        ...

    def weight(self, point: Mapping[str, Value], /) -> int:
        """Return how much work a point is, compared with others."""
        ...

    def contents(self) -> tuple[str, ...] | None:
        """Return everything on which the results depend besides settings; None if it is not known."""
        ...


@dataclass(frozen=True)
class Experiment:
    """An experiment that can be measured.

    name: its name in the program, or the path from which it was read.
    vary: the keys and their values, those of `--vary` too.
    statements: the verdicts, compiled, in the order of the file.
    """

    name: str
    form: ExperimentForm
    vary: dict[str, tuple[Value, ...]]
    points: tuple[Point, ...]
    statements: tuple[Statement, ...]
    runs: Runs

    @property
    def title(self) -> str:
        """The title, one line."""
        return self.form.title

    @property
    def claim(self) -> str:
        """What the document claims, in our words, one line."""
        return self.form.claim

    @property
    def section(self) -> str:
        """The heading of the document that has the claim; "" for none."""
        return self.form.section

    @property
    def says(self) -> str:
        """What the numbers show and what they do not, Markdown."""
        return self.form.says

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures, in the order of the file."""
        return tuple(self.form.measures)

    @property
    def means(self) -> dict[str, str]:
        """What each measure is, in words; of one about which the file says nothing, its expression.

        A key of [vary] is there too if the file says what it is.
        """
        form = self.form
        said = {key: form.means[key] for key in self.vary if key in form.means}
        return said | {name: form.means.get(name, text.text) for name, text in form.measures.items()}

    @cached_property
    def chart(self) -> Chart | None:
        """What is drawn; None if nothing varies."""
        if self.form.chart is not None:
            return self.form.chart
        vary = tuple(Vary(key, values, "") for key, values in self.vary.items())
        return default_chart(vary, list(self.measures))

    def scenario_of(self, point: Point) -> Scenario:
        """Make the scenario of a point; its run is the one that is measured there.

        Errors: BadInput if the settings of the point do not fit, or nothing of it can be shown.
        """
        return self.runs.scenario(point.settings)

    @cached_property
    def identity(self) -> str | None:
        """What all results of the experiment depend on besides the settings of their points, as a sha256.

        It is the engine, the scenario and every file that it names, the measures, and the latencies. None if
        it is not known which files those are.
        """
        contents = self.runs.contents()
        if contents is None:
            return None
        form = self.form
        measures = [(name, text.text) for name, text in form.measures.items()]
        parts = [engine_digest(), contents, measures, form.local, form.remote]
        return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()


def load_experiment(name_or_path: str, vary: Sequence[str] = ()) -> Experiment:
    """Load an experiment of the program, or from a file.

    vary: texts `KEY=VALUES`, each of which replaces the values of a key, or adds one. A key may be written by
          its last part, such as `colors` for `machine.colors`, if it is that of one key of the file.
    Errors: BadInput, with file and line, or with the `--vary` that is wrong.
    """
    path = find_experiment(name_or_path)
    form = read_experiment(path)
    name = path.stem if path.parent == FOLDER else name_or_path
    given = {one.key: one for one in form.vary}
    for text in vary:
        one = _varied(text, given, str(path))
        given[one.key] = one
    check_keys(tuple(given.values()), form.scenario, lambda words: _too_much(words, form, vary))
    runs = _runs(form, given)
    values = {key: one.values for key, one in given.items()}
    points = tuple(Point(dict(zip(values, point, strict=True))) for point in product(*values.values()))
    runs.check(points[0].settings, measures=True)
    return Experiment(name, form, values, points, _statements(form), runs)


def _varied(text: str, vary: Mapping[str, Vary], file: str) -> Vary:
    key, equals, values = text.partition("=")
    key = key.strip()
    if not equals or not key or len(text) > 1 << 20:
        raise BadInput(f"--vary {text[:60]!r} is not KEY=VALUES; write one such as cpus=1,4,16")
    if key not in vary:
        longer = [other for other in vary if other.endswith(f".{key}")]
        key = longer[0] if len(longer) == 1 else key
    origin = f"--vary {key[:60]}"
    try:
        return Vary(key, parse_values(values), file, origin=origin)
    except BadInput as error:
        raise BadInput(f"{origin}: {error.message}") from None


def _too_much(words: str, form: ExperimentForm, vary: Sequence[str]) -> BadInput:
    return BadInput(f"--vary: {words}") if vary else form.error(words)


def _runs(form: ExperimentForm, vary: Mapping[str, Vary]) -> Runs:
    return ReplayRuns.of(form, vary) if form.is_replay else ScenarioRuns.of(form, vary)


def _statements(form: ExperimentForm) -> tuple[Statement, ...]:
    """Compile the verdicts with the file's own values: a filter may have no row left after `--vary`."""
    own: dict[str, Any] = {one.key: one.values for one in form.vary}
    return tuple(
        compile_statement(one.that.text, form.measures, own, Place(one.that.file, one.that.line))
        for one in form.verdicts
    )
