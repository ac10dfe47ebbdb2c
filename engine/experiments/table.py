"""The table of an experiment: a row for each point that was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments.arithmetic import Number
from engine.experiments.values import Value, value_text

COMPLETED: Final = "completed"
ERROR: Final = "error"
"""The outcome of a point that could not be run."""

LOST: Final = "lost"
"""The outcome of a point with which process after process died."""


@dataclass(frozen=True)
class Row:
    """A point and what was measured there.

    settings: the value of each key, in the order of the experiment.
    measured: the value of each measure; all are null if the run did not end as expected.
    notes:    what a reader has to know: how the run ended, and why a value is null.
    outcome:  of the run: as in `pageq run`, `error` or `lost`.
    ok:       whether the run ended as expected.
    number:   of the point, from 0, in the order of the experiment.
    """

    settings: Mapping[str, Value]
    measured: Mapping[str, Number]
    notes: tuple[str, ...] = ()
    outcome: str = COMPLETED
    ok: bool = True
    number: int = 0


def settings_text(row: Row) -> str:
    """Return the settings of a row in one line: `machine.colors=16 cpus=4`."""
    return " ".join(f"{key}={value_text(value)}" for key, value in row.settings.items())


@dataclass(frozen=True)
class Done:
    """How far a sweep is.

    rows:       those that are done, in the order in which they were; the sweep adds to this list.
    total:      the number of points.
    from_cache: how many of the rows were in the cache.
    """

    rows: Sequence[Row]
    total: int
    from_cache: int


@dataclass(frozen=True)
class Table:
    """What a sweep found: its rows in the order of the points.

    total:      the number of points; there are fewer rows if the sweep was ended early.
    from_cache: how many of the rows were in the cache.
    """

    rows: tuple[Row, ...]
    total: int
    from_cache: int = 0

    @property
    def complete(self) -> bool:
        """Whether it has a row for every point."""
        return len(self.rows) == self.total
