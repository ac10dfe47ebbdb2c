"""The points of an experiment that are runs of a scenario: what the keys of [vary] set.

A key is one of `--set`, or one of these: `cpus` (the topology 1xNx1), `topology`, `machine`, `seed` (the
schedule random:SEED) and `schedule`. A parameter of the scenario that has the name of one of these hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.experiments.form import ExperimentForm, Vary
from engine.experiments.named_files import is_regular, string_digest
from engine.experiments.points import RunJob, compile_for
from engine.experiments.values import Value, value_text
from engine.inputs.file_roles import SCENARIO
from engine.inputs.machine_name import names_file
from engine.inputs.wrong_file import asking_for, refused
from engine.language.values import Place
from engine.machine.rules import changes_in, read_rules
from engine.machine.topology import PRESETS, parse_grid
from engine.scenario.file_text import read_text
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario
from engine.scenario.recipe import Recipe
from engine.scenario.settings import COUNTERS_KEY, PARAMETERS, RULES, Setting, is_counters_file, setting
from engine.scenario.toml_reader import parse_toml

MOST_CPUS: Final = 1024
MOST_SEED: Final = (1 << 64) - 1

_HWLOC: Final = "machine.hwloc"
_TOPOLOGY: Final = "machine.topology"

_MEMORY: Final = "the memory"
_PROCESSORS: Final = "the processors"
_SCHEDULE: Final = "the schedule"

_SETS: Final[dict[str, tuple[str, ...]]] = {
    "cpus": (_PROCESSORS,),
    "topology": (_PROCESSORS,),
    _TOPOLOGY: (_PROCESSORS,),
    "machine": (_PROCESSORS, _MEMORY),
    _HWLOC: (_PROCESSORS, _MEMORY),
    "machine.memory": (_MEMORY,),
    "seed": (_SCHEDULE,),
    "schedule": (_SCHEDULE,),
}
"""What a key sets, if it is more than the key says; of two keys that set the same, one would not count."""


@dataclass(frozen=True)
class ScenarioRuns:
    """The runs of an experiment's scenario.

    text, path, name: the scenario, as for a Recipe. document: its tables, as parsed.
    """

    form: ExperimentForm
    vary: Mapping[str, Vary]
    text: str
    path: Path
    name: str
    document: Mapping[str, Any]

    @classmethod
    def of(cls, form: ExperimentForm, vary: Mapping[str, Vary]) -> ScenarioRuns:
        """Find and read the scenario of an experiment: a path relative to its file, or a library name.

        Errors: BadInput, with file and line.
        """
        path = form.path.parent / form.scenario
        name = str(path)
        if not is_regular(path):
            found = OWN.files().get(form.scenario)
            if found is None:
                right = "give a path relative to this file, or a name of the library (pageq list)"
                raise form.error(f"there is no scenario {form.scenario[:80]!r}; {right}", "scenario")
            path, name = found, form.scenario
        with asking_for(SCENARIO, path):
            text = read_text(path)
            document = parse_toml(text, str(path))
        runs = cls(form, vary, text, path, name, document)
        runs._check_values()
        return runs

    # --- what the keys set --------------------------------------------------------------------------------

    def _is_parameter(self, key: str) -> bool:
        table = self.document.get(PARAMETERS)
        return isinstance(table, dict) and key in table

    def _is_own(self, key: str) -> bool:
        """Whether a key is one of experiments, not of `--set`."""
        return key in _READERS and not self._is_parameter(key)

    def _check_values(self) -> None:
        """Check the values of the keys that are not those of `--set`, and that all keys can be set.

        Errors: BadInput, with the place of the key.
        """
        keys = self.vary.values()
        for one in keys:
            if (read := self._reader(one.key)) is not None:
                _check_each(one, read)
            if not self._is_own(one.key):
                setting(one.key, one.values[0], one.place)
        for (first, ones), (second, others) in combinations([(one, self._sets(one)) for one in keys], 2):
            if both := ones & others:
                blamed = first if first.origin and not second.origin else second
                words = f"{first.key} and {second.key} both set {min(both)}"
                raise blamed.error(f"{words}, so one of them would not count; vary only one")

    def _reader(self, key: str) -> Callable[[Value], object] | None:
        """What reads a value of a key without the scenario; None for a key that needs its tables."""
        if key == RULES:
            return lambda value: read_rules(str(value))
        return _READERS[key] if self._is_own(key) else None

    def _sets(self, one: Vary) -> frozenset[str]:
        """What a key sets, in words or as keys of `--set`."""
        if one.key == RULES:
            return frozenset(f"machine.{name}" for value in one.values for name in changes_in(str(value)))
        if one.key in _SETS and not self._is_parameter(one.key):
            return frozenset(_SETS[one.key])
        table = one.key.rpartition(".")[0]
        return frozenset({one.key} if table not in self.vary or "." not in table else {one.key, table})

    def _settings(self, point: Mapping[str, Value], *, placed: bool) -> Iterator[Setting]:
        """The settings of `--set` at a point; placed: whether messages about them say where they are."""
        for key, value in point.items():
            origin = self.vary[key].place if placed else ""
            if not self._is_own(key):
                yield setting(key, value, origin)
            elif key in ("cpus", "topology"):
                yield setting(_TOPOLOGY, _READERS[key](value), origin)

    def recipe(self, point: Mapping[str, Value], *, placed: bool = False) -> Recipe:
        """Return what makes the scenario of a point."""
        own = {key: _READERS[key](value) for key, value in point.items() if self._is_own(key)}
        return Recipe(
            text=self.text,
            path=str(self.path),
            name=self.name,
            machine=own.get("machine"),
            rules=None,
            settings=tuple(self._settings(point, placed=placed)),
            seed=None,
            library=OWN,
        )

    def schedule(self, point: Mapping[str, Value]) -> str | None:
        """Return the schedule of a point; None for the scenario's own."""
        keys = (key for key in ("seed", "schedule") if key in point and self._is_own(key))
        return next((_READERS[key](point[key]) for key in keys), None)

    def scenario(self, point: Mapping[str, Value]) -> Scenario:
        """Make the scenario of a point.

        Errors: BadInput if the point's settings do not fit.
        """
        return self.recipe(point).scenario(self.schedule(point))

    # --- measuring ----------------------------------------------------------------------------------------

    def check(self, point: Mapping[str, Value], *, measures: bool = False) -> None:
        """Make the scenario of a point, with messages that say where its settings are.

        measures: whether the measures are compiled with its names, too.
        Errors: BadInput, with the place.
        """
        try:
            scenario = self.recipe(point, placed=True).scenario(self.schedule(point))
        except BadInput as error:
            other = refused(error, SCENARIO, self.path)
            raise self._placed(error, point) if other is error else other from None
        for text in self.form.measures.values() if measures else ():
            compile_for(scenario, text.text, Place(text.file, text.line))

    def _placed(self, error: BadInput, point: Mapping[str, Value]) -> BadInput:
        """Add to an error that has no place the one of a key that may be the cause."""
        if any(str(error).startswith(one.place) for one in self.vary.values()):
            return error
        if error.file is not None:
            where = " ".join(f"{key}={value_text(value)}" for key, value in point.items())
            return BadInput(f"{error.message} (at {where})", file=error.file, line=error.line)
        cause = self._cause(point)
        return self.form.error(error.message) if cause is None else cause.value_error(error.message)

    def _cause(self, point: Mapping[str, Value]) -> Vary | None:
        """The key without which a point's scenario can be made; one of `--vary` comes first.

        If there is no such key, the first that is not checked with its place; None if there is none either.
        """
        placed = {key: not (self._is_own(key) or key == RULES) for key in point}
        keys = sorted(point, key=lambda key: (not self.vary[key].origin, placed[key]))
        for key in keys:
            try:
                self.scenario({other: value for other, value in point.items() if other != key})
            except BadInput:
                continue
            return self.vary[key]
        return next((self.vary[key] for key in keys if not placed[key]), None)

    def job(self, point: Mapping[str, Value]) -> RunJob:
        """Return what another process needs to measure a point."""
        texts = tuple((name, text.text) for name, text in self.form.measures.items())
        costs = (self.form.local, self.form.remote)
        return RunJob(self.recipe(point), self.schedule(point), texts, costs)

    def weight(self, point: Mapping[str, Value]) -> int:
        """Return how much work a point is, compared with others: its number of cpus."""
        own = {key: _READERS[key](value) for key, value in point.items() if self._is_own(key)}
        grid = own.get("cpus") or own.get("topology") or own.get("machine", "").rpartition(":")[2]
        grid = grid or str(point.get(_TOPOLOGY, ""))
        return prod(int(part) for part in grid.split("x") if part.isdecimal())

    def contents(self) -> tuple[str, ...] | None:
        """Return the text of the scenario and the digests of the files that it names.

        None if it is not known which ones these are.
        Errors: BadInput if one cannot be read.
        """
        names = [*self._named_files(), *self._varied_files()]
        if any("{" in str(name) for name in names):
            return None  # a parameter makes the name
        return (self.text, *(string_digest(str(name), self.path.parent) for name in names))

    def _varied_files(self) -> Iterator[Value]:
        """The files that settings name: those of machines and of what real machines printed."""
        yield from self.vary[_HWLOC].values if _HWLOC in self.vary else ()
        yield from filter(
            is_counters_file, self.vary[COUNTERS_KEY].values if COUNTERS_KEY in self.vary else ()
        )

    def _named_files(self) -> Iterator[str]:
        machine = self.document.get("machine")
        dump = machine.get("counters") if isinstance(machine, dict) else None
        if isinstance(dump, str) and is_counters_file(dump):
            yield dump
        threads = self.document.get("thread")
        tables = [machine, *(threads if isinstance(threads, list) else ())]
        for table, key in zip(tables, ("hwloc", *["trace"] * len(tables)), strict=False):
            name = table.get(key) if isinstance(table, dict) else None
            if isinstance(name, str):
                yield name


def _check_each(one: Vary, read: Callable[[Value], object]) -> None:
    for value in one.values:
        try:
            read(value)
        except BadInput as error:
            raise one.value_error(error.message) from None


# --- the keys of experiments ------------------------------------------------------------------------------


def _cpus(value: Value) -> str:
    if type(value) is not int or not 1 <= value <= MOST_CPUS:
        raise BadInput(f"{value_text(value)} is not a number of cpus; use 1 to {MOST_CPUS:,}")
    return f"1x{value}x1"


def _topology(value: Value) -> str:
    parse_grid(_text(value, "a topology", "1x2x1"))
    return str(value)


def _machine(value: Value) -> str:
    text = _text(value, "a machine", "64MiB:2x4x2")
    unknown = names_file(text)
    if text == "host" or (unknown and is_regular(Path(text))):
        raise BadInput(f"{text[:60]!r} is not the same everywhere; give a preset, or SIZE:SxCxT")
    if unknown:
        right = f"give one ({', '.join(PRESETS)}), or SIZE:SxCxT such as 64MiB:2x4x2"
        raise BadInput(f"there is no preset {text[:60]!r}; {right}")
    return text


def _seed(value: Value) -> str:
    if type(value) is not int or not 0 <= value <= MOST_SEED:
        raise BadInput(f"{value_text(value)[:60]} is not a seed; use an integer from 0 to 2^64 - 1")
    return f"random:{value}"


def _schedule(value: Value) -> str:
    text = _text(value, "a schedule", "rr")
    if text.lstrip().startswith("@"):
        raise BadInput(f"{text[:60]!r} names a file; write the schedule itself")
    return text


def _text(value: Value, what: str, example: str) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{value_text(value)} is not {what}; write one such as {example!r}")
    return value


_READERS: Final[dict[str, Callable[[Value], str]]] = {
    "cpus": _cpus,
    "topology": _topology,
    "machine": _machine,
    "seed": _seed,
    "schedule": _schedule,
}
"""The keys of experiments, and what reads a value of each."""

RUN_KEYS: Final = tuple(_READERS)
"""The keys of [vary] that are not those of `--set`."""
