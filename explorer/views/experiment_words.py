"""An experiment in words: what it measures, how far it is, and what its verdicts say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import PurePath
from typing import Final

from engine.experiments.experiment import Experiment
from engine.experiments.table import Row
from engine.experiments.verdicts import Verdict
from engine.words import plural
from explorer.views.experiment import figure_text
from explorer.views.spans import wrapped

OK: Final = {True: "ok", False: "not"}
"""Whether a verdict holds -> how that is said."""

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
        """Whether every point is measured and every verdict holds."""
        return self.complete and all(verdict.ok for verdict in self.verdicts)


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


def shown_words(found: ExperimentResult) -> str:
    """What the numbers show and what not, as Markdown; "" for a partial table.

    The text is about the settings of the file. Where others are varied, it says so.
    """
    experiment = found.experiment
    says = experiment.says.strip() if found.complete else ""
    own = {one.key: one.values for one in experiment.form.vary}
    if not says or own == experiment.vary:
        return says
    return f"*Of the experiment as its file has it, not with the values of this table:*\n\n{says}"


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
    """How much of a table is measured, and whether its verdicts hold."""
    if not found.complete:
        return f"partial: {len(found.rows):,} of {plural(found.total, 'point')}; the verdicts are not judged"
    points = plural(found.total, "point")
    if not found.verdicts:
        return f"{points}; there is no verdict to judge"
    failed = sum(not verdict.ok for verdict in found.verdicts)
    count = len(found.verdicts)
    if not failed:
        holds = "the verdict holds" if count == 1 else f"all {count} verdicts hold"
        return f"{points}; {holds}"
    which = "the verdict" if count == 1 else f"{failed} of {count} verdicts"
    return f"{points}; {which} {'does' if failed == 1 else 'do'} not hold"


# --- verdicts ---------------------------------------------------------------------------------------------


def verdict_words(verdict: Verdict) -> str:
    """What must hold, and what it is: `ratio(m, 'cpus', 1, 4) >= 2: 3.1`."""
    value = verdict.value
    shown = "" if value is None or isinstance(value, bool) else f": {figure_text(value)}"
    note = f" ({' '.join(verdict.note.split())})" if verdict.note else ""
    return f"{' '.join(verdict.that.split())}{shown}{note}"


def verdict_lines(verdicts: Sequence[Verdict], width: int) -> Iterator[tuple[str, Verdict | None]]:
    """Each verdict in lines of at most `width` columns, and what it says; the first line has the verdict."""
    indent = max(map(len, OK.values())) + 2
    room = max(width - indent, 1)
    for verdict in verdicts:
        first, *rest = wrapped(verdict_words(verdict), room)
        yield f"{OK[verdict.ok]:<{indent}}{first}", verdict
        for line in (*rest, *(wrapped(verdict.say, room) if verdict.say.strip() else ())):
            yield " " * indent + line, None
