"""One point of an experiment over reference strings: a string, a number of frames, and a policy."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Final

from engine.errors import BadInput
from engine.experiments.arithmetic import Number
from engine.experiments.measured import Measured, Texts
from engine.experiments.measures import RUN, End, Measure, compile_measure, evaluate_measures
from engine.experiments.table import COMPLETED
from engine.language.values import Place
from engine.policies.comparison import POLICIES, measure
from engine.policies.policy import Counts
from engine.references.reader import Reading
from engine.replay.kernel import KernelCounts, replay_kernel
from engine.scenario.trace_file import read_trace

KERNEL: Final = "kernel"
"""The policy that is the kernel model."""

POLICY_NAMES: Final = (KERNEL, *POLICIES)

_PREFIX: Final = f"{RUN}."

COUNTED: Final = tuple(field.name for field in fields(KernelCounts) if field.name != "sized")
"""The figures of a replay, without `run.`; those that Counts does not have are null except for the kernel."""


@dataclass(frozen=True)
class ReplayJob:
    """A point that is a reference string through a policy.

    trace:       the string, as `read_trace` is given it.
    tick, rules: of the kernel: references a tick, and the rule set.
    """

    trace: str
    frames: int
    policy: str
    tick: int
    rules: str
    measures: Texts


def measure_replay(job: ReplayJob) -> Measured:
    """Take the string of a point through its policy.

    Errors: BadInput if the string cannot be read, or the frames do not fit.
    """
    measures = {name: compile_replay(text, Place()) for name, text in job.measures}
    references = read_trace(job.trace, Reading())
    if job.policy == KERNEL:
        counts: Counts = replay_kernel(references, job.frames, tick=job.tick, rules=job.rules)
    else:
        counts = measure(references, job.policy, job.frames)
    values, notes = evaluate_measures(measures, End(None, partial(_figure, counts)))
    return Measured(values, notes, COMPLETED, True)


def _figure(counts: Counts, name: str) -> Number:
    value: Number = getattr(counts, name.removeprefix(_PREFIX), None)
    return value


def compile_replay(text: str, place: Place) -> Measure:
    """Compile a measure of a replay, which has figures only.

    Errors: BadInput at the place.
    """
    return compile_measure(text, None, _check, place)


def _check(name: str) -> None:
    if name.removeprefix(_PREFIX) not in COUNTED:
        there = ", ".join(f"{_PREFIX}{one}" for one in COUNTED)
        raise BadInput(f"there is no figure {name[:60]!r} of a replay; use {there}")
