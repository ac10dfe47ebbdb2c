"""The points of an experiment over reference strings: what the keys of [vary] mean.

`trace`: a file relative to the experiment's, `made:...` or `recorded:...`; after `--vary` a file is relative
to the current directory. `frames`: how many pages can be in memory. `policy`: `kernel`, or one of a textbook.
For the kernel also `tick`, the references a tick (default 1,000), and `rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.experiments.form import FRAMES, POLICY, REPLAY_KEYS, TRACE, ExperimentForm, Vary
from engine.experiments.named_files import is_regular, string_digest
from engine.experiments.replay_points import KERNEL, POLICY_NAMES, ReplayJob, compile_replay
from engine.experiments.values import Value, value_text
from engine.language.values import Place
from engine.machine.rules import read_rules
from engine.policies.comparison import MOST_FRAMES
from engine.references import recorded
from engine.references.made import PREFIX, made
from engine.references.reader import Reading
from engine.replay.scenario import replay_scenario
from engine.run.reference_string import REFERENCES_PER_TICK
from engine.scenario.loader import Scenario, load_text
from engine.scenario.trace_file import read_trace

TICK: Final = "tick"
RULES: Final = "rules"
MOST_TICK: Final = 1 << 31

_DEFAULT_RULES: Final = "document"
_KERNEL_WEIGHT: Final = 8


@dataclass(frozen=True)
class ReplayRuns:
    """The replays of an experiment."""

    form: ExperimentForm
    vary: Mapping[str, Vary]

    @classmethod
    def of(cls, form: ExperimentForm, vary: Mapping[str, Vary]) -> ReplayRuns:
        """Check every value of every key.

        Errors: BadInput, with the place of the key.
        """
        runs = cls(form, vary)
        for one in vary.values():
            if one.key not in _READERS:
                keys = ", ".join((*REPLAY_KEYS, TICK, RULES))
                raise one.error(
                    f"{one.key[:60]} is not a key of an experiment over reference strings; use {keys}"
                )
            for value in one.values:
                runs._check_value(one, value)
        return runs

    def _check_value(self, one: Vary, value: Value) -> None:
        try:
            _READERS[one.key](value)
            if one.key == TRACE:
                self._source(str(value))
        except BadInput as error:
            raise one.value_error(error.message) from None

    def _source(self, trace: str) -> str:
        """The string, as `read_trace` is given it.

        Errors: BadInput if there is no such file, or no such made or recorded string.
        """
        if trace.startswith(PREFIX):
            made(trace)
            return trace
        if trace.startswith(recorded.PREFIX):
            recorded.recorded_path(trace)
            return trace
        folder = Path() if self.vary[TRACE].origin else self.form.path.parent
        path = folder / trace
        if not is_regular(path):
            right = f"give a file, {PREFIX}... or {recorded.PREFIX}..."
            raise BadInput(f"there is no file {trace[:80]!r}; {right} (pageq help references)")
        return str(path.absolute())

    # --- one point ----------------------------------------------------------------------------------------

    def job(self, point: Mapping[str, Value]) -> ReplayJob:
        """Return what another process needs to measure a point."""
        read: dict[str, Any] = {key: _READERS[key](value) for key, value in point.items()}
        return ReplayJob(
            trace=self._source(read[TRACE]),
            frames=read[FRAMES],
            policy=read[POLICY],
            tick=read.get(TICK, REFERENCES_PER_TICK),
            rules=read.get(RULES, _DEFAULT_RULES),
            measures=tuple((name, text.text) for name, text in self.form.measures.items()),
        )

    def scenario(self, point: Mapping[str, Value]) -> Scenario:
        """Make the scenario of a point of the kernel: its process takes the references one by one.

        Errors: BadInput for another policy, which has no machine.
        """
        job = self.job(point)
        if job.policy != KERNEL:
            raise BadInput(
                f"{job.policy} has no machine that can be shown; choose a row with policy={KERNEL}"
            )
        references = read_trace(job.trace, Reading())
        text = replay_scenario(job.trace, references, job.frames, job.tick, job.rules)
        return load_text(text, job.trace, strings={job.trace: references})

    def check(self, _: Mapping[str, Value], *, measures: bool = False) -> None:
        """Check the measures; the values were checked with their keys.

        Errors: BadInput, with the place of the measure.
        """
        for text in self.form.measures.values() if measures else ():
            compile_replay(text.text, Place(text.file, text.line))

    def weight(self, point: Mapping[str, Value]) -> int:
        """Return how much work a point is, compared with others: the kernel is the slowest policy."""
        return _KERNEL_WEIGHT if point[POLICY] == KERNEL else 1

    def contents(self) -> tuple[str, ...]:
        """Return the digests of the strings' files, each after its name.

        Errors: BadInput if one cannot be read.
        """
        traces = (str(trace) for trace in self.vary[TRACE].values)
        return tuple(f"{trace} {string_digest(self._source(trace), Path())}" for trace in traces)


# --- the keys ---------------------------------------------------------------------------------------------


def _trace(value: Value) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{value_text(value)} is not a reference string; give a file, or made:zipf")
    return value


def _frames(value: Value) -> int:
    return _integer(value, MOST_FRAMES, "a number of frames")


def _tick(value: Value) -> int:
    return _integer(value, MOST_TICK, "a number of references a tick")


def _integer(value: Value, most: int, what: str) -> int:
    if type(value) is not int or not 1 <= value <= most:
        raise BadInput(f"{value_text(value)[:60]} is not {what}; use 1 to {most:,}")
    return value


def _policy(value: Value) -> str:
    if value not in POLICY_NAMES:
        raise BadInput(f"{value_text(value)[:60]!r} is not a policy; use {', '.join(POLICY_NAMES)}")
    return str(value)


def _rules(value: Value) -> str:
    read_rules(str(value))
    return str(value)


_READERS: Final[dict[str, Callable[[Value], str | int]]] = {
    TRACE: _trace,
    FRAMES: _frames,
    POLICY: _policy,
    TICK: _tick,
    RULES: _rules,
}
"""The keys, and what reads a value of each."""

STRING_KEYS: Final = tuple(_READERS)
"""The keys of [vary] in an experiment over reference strings."""
