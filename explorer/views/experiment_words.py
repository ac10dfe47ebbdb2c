"""An experiment in words: what it measures, how far it is, and what its verdicts say."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import PurePath
from typing import Final

from engine.experiments.experiment import Experiment
from engine.experiments.table import Row
from engine.experiments.verdicts import Verdict
from engine.words import plural
from explorer.views.experiment import figure_text, short_names
from explorer.views.spans import columns, wrapped

HOLDS: Final = "ok"
FAILS: Final = "not"
UNKNOWN: Final = "--"

INDENT: Final = len(FAILS) + 2
"""Columns of a mark of a verdict, with the blanks after it."""

GAP: Final = 2
"""Columns between a measure and what it is."""

LEAST: Final = 3
"""The number of points by which the pace is known."""

_MINUTE: Final = 60
_HOUR: Final = 3600


@dataclass(frozen=True, eq=False)
class ExperimentResult:
    """The table of an experiment so far, and its verdicts, which are judged when it is complete."""

    experiment: Experiment
    rows: Sequence[Row] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def total(self) -> int:
        """The number of points."""
        return len(self.experiment.points)

    @property
    def complete(self) -> bool:
        """Whether every point is measured."""
        return len(self.rows) == self.total

    @property
    def ok(self) -> bool:
        """Whether every point is measured, every run ended as expected, and every verdict holds."""
        return self.complete and not self.failed and all(verdict.ok for verdict in self.verdicts)

    @property
    def failed(self) -> int:
        """The number of runs that did not end as expected."""
        return sum(not row.ok for row in self.rows)


def short_name(experiment: Experiment) -> str:
    """The name of an experiment; of a file, without its folder and suffix."""
    return PurePath(experiment.name).stem


def points_words(experiment: Experiment) -> str:
    """The number of points, and what is varied: `280 points: 7 machine.colors x 4 cpus x 10 seed`."""
    points = plural(len(experiment.points), "point")
    many = {name: len(values) for name, values in experiment.vary.items() if len(values) > 1}
    if not many or prod(many.values()) != len(experiment.points):
        return points
    return f"{points}: {' x '.join(f'{count:,} {name}' for name, count in many.items())}"


# --- progress ---------------------------------------------------------------------------------------------


class Pace:
    """How fast points are measured: the time between those that were not in the cache.

    The time before the first of them is that of starting, and says nothing about the others.
    """

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None

    def left(self, done: int, total: int, from_cache: int, now: float) -> float | None:
        """The seconds that the rest takes at this pace; None if it is not known yet.

        done: points that are finished; from_cache: how many of them were in the cache. now: in seconds.
        """
        if done > from_cache and self._first is None:
            self._first = done, now
        if self._first is None or done - self._first[0] < LEAST:
            return None
        before, begun = self._first
        return (now - begun) * (total - done) / (done - before)


def progress_words(done: int, total: int, from_cache: int, left: float | None) -> str:
    """How far a sweep is, and about how long the rest takes, in seconds; None if that is not known.

    done: points that are finished; from_cache: how many of them were in the cache.
    """
    words = f"{done:,} of {plural(total, 'point')}"
    if left is not None and done < total:
        words += f", about {time_words(left)} left"
    return f"{words}, {from_cache:,} from the cache" if from_cache else words


def time_words(seconds: float) -> str:
    """A time that is left, rounded up: `8 s`, `3 min`, `2.5 h`."""
    if seconds < _MINUTE:
        return f"{max(round(seconds), 1)} s"
    if seconds < _HOUR:
        return f"{-(-round(seconds) // _MINUTE)} min"
    return f"{seconds / _HOUR:.1f} h"


def took_words(seconds: float) -> str:
    """A time that has passed: `0.4 s`, `62 s`."""
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def far_words(found: ExperimentResult) -> str:
    """How much of a table is measured, and how many parts of the claim hold."""
    points = f"{plural(found.total, 'point')}; " if found.complete else ""
    return f"{points}{result_words(found)}"


def result_words(found: ExperimentResult) -> str:
    """How many parts of the claim hold; how much is measured, if it is not all."""
    if not found.complete:
        return f"partial: {len(found.rows):,} of {plural(found.total, 'point')}; the verdicts are not judged"
    none = f"{plural(found.failed, 'run')} did not end as expected, and " if found.failed else ""
    return _judged_words(found.verdicts) or f"{none}there is no verdict to judge"


def _judged_words(verdicts: Sequence[Verdict]) -> str:
    """`3 parts of the claim hold, 1 does not, 2 were not measured`; "" without a verdict."""
    marks = [mark_of(verdict) for verdict in verdicts]
    forms = {
        HOLDS: ("holds", "hold"),
        FAILS: ("does not", "do not"),
        UNKNOWN: ("was not measured", "were not measured"),
    }
    found = [(marks.count(mark), forms[mark]) for mark in (HOLDS, FAILS, UNKNOWN) if mark in marks]
    if marks and not {*marks} - {FAILS}:
        found = [(len(marks), ("does not hold", "do not hold"))]
    parts = [f"{count} {one if count == 1 else more}" for count, (one, more) in found]
    if len(parts) != 1:
        first, _, rest = ", ".join(parts).partition(" ")
        return f"{first} {'part' if first == '1' else 'parts'} of the claim {rest}" if parts else ""
    (count, (one, more)), all_of = found[0], "all " if marks[0] == HOLDS else ""
    return f"the claim {one}" if count == 1 else f"{all_of}{count} parts of the claim {more}"


def file_points(experiment: Experiment) -> int:
    """The number of points of an experiment with the settings of its file; 0 if it has just these."""
    own = {one.key: one.values for one in experiment.form.vary}
    return 0 if own == experiment.vary else prod(map(len, own.values()))


def says_words(experiment: Experiment) -> str:
    """What the numbers show, Markdown; if settings were replaced, also with which they do; "" for none."""
    says, points = experiment.says.strip(), file_points(experiment)
    if not says or not points:
        return says
    return f"With the settings of the file ({plural(points, 'point')}) the numbers are these:\n\n{says}"


def meaning_lines(experiment: Experiment, width: int) -> Iterator[str]:
    """What each measure is, and each key that the file explains, in lines of at most `width` columns."""
    means = experiment.means
    short = short_names(tuple(means))
    longest = max(map(columns, short.values()))
    aside = longest + GAP <= width // 3
    indent = longest + GAP if aside else GAP
    for name, text in means.items():
        lines = wrapped(text, max(width - indent, 1))
        head = short[name] + " " * (indent - columns(short[name])) + lines.pop(0) if aside else short[name]
        yield head
        yield from (" " * indent + line for line in lines)


def next_words(experiment: Experiment, given: Sequence[str] = ()) -> str:
    """What to do on the screen after it is measured. given: what was replaced, KEY=VALUES each."""
    line = shlex.join([experiment.name, *given])
    row = "a row of the kernel" if experiment.form.is_replay else "a row"
    return f"Next: pageq tui, then :experiment {line}; Enter on {row} opens its run."


# --- verdicts ---------------------------------------------------------------------------------------------


def mark_of(verdict: Verdict) -> str:
    """Whether a verdict holds, does not, or is not known."""
    return (HOLDS if verdict.ok else FAILS) if verdict.known else UNKNOWN


def marks_words(verdicts: Sequence[Verdict]) -> str:
    """What the marks of verdicts mean."""
    words = f"Each line tests a part of the claim: {HOLDS}, the numbers show it; {FAILS}, they refute it"
    unknown = f"; {UNKNOWN}, it was not measured" if UNKNOWN in map(mark_of, verdicts) else ""
    return f"{words}{unknown}."


def verdict_words(verdict: Verdict) -> str:
    """What must hold, and what it is: `ratio(m, 'cpus', 1, 4) >= 2: 3.1`."""
    that, note = " ".join(verdict.that.split()), " ".join(verdict.note.split())
    if not verdict.known:
        return f"{that}: not measured" + (f" ({note.removeprefix('there is ')})" if note else "")
    value = verdict.value
    shown = "" if value is None or isinstance(value, bool) else f": {figure_text(value)}"
    return f"{that}{shown}" + (f" ({note})" if note else "")


def verdict_lines(verdicts: Sequence[Verdict], width: int) -> Iterator[tuple[str, Verdict | None]]:
    """Each verdict in lines of at most `width` columns, and what it says; the first line has the verdict."""
    room = max(width - INDENT, 1)
    for verdict in verdicts:
        first, *rest = wrapped(verdict_words(verdict), room)
        yield f"{mark_of(verdict):<{INDENT}}{first}", verdict
        for line in (*rest, *(wrapped(verdict.say, room) if verdict.say.strip() else ())):
            yield " " * INDENT + line, None
