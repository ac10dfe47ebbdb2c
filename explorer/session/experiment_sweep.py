"""A sweep of an experiment in a thread of its own.

The points are measured in other processes, so the session can move meanwhile.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from multiprocessing import resource_tracker

from engine.experiments.experiment import Experiment
from engine.experiments.table import Done
from explorer.session.background import Background
from explorer.session.computer import OWN_COMPUTER, Computer
from explorer.views.experiment_words import ExperimentResult, Pace, progress_words

Report = Callable[[Done], bool]
"""Takes how far the sweep is; returns False to end it."""


class ExperimentSweep(Background[Done, ExperimentResult]):
    """A running sweep of an experiment.

    clock: gives the time in seconds. seconds: the time after which it ends; what is finished is kept.
    """

    def __init__(
        self,
        experiment: Experiment,
        sweep: Callable[[Report], ExperimentResult],
        clock: Callable[[], float] = time.monotonic,
        seconds: float | None = None,
    ) -> None:
        self.experiment = experiment
        self._clock = clock
        self._pace = Pace()
        self._so_far = ExperimentResult(experiment)
        super().__init__(sweep, "experiment", seconds)

    @property
    def so_far(self) -> ExperimentResult:
        """The table so far; the same object while it has no new row."""
        rows = () if self.progress is None else self.progress.rows
        if len(rows) != len(self._so_far.rows):
            self._so_far = ExperimentResult(self.experiment, tuple(rows))
        return self._so_far

    @property
    def count(self) -> str:
        """The number of points that are finished, and that of all: `12/280`."""
        done = 0 if self.progress is None else len(self.progress.rows)
        return f"{done:,}/{len(self.experiment.points):,}"

    @property
    def far(self) -> str:
        """How far it is, in words; "" before its first report."""
        if self.progress is None:
            return ""
        done = self.progress
        far = (len(done.rows), done.total, done.from_cache)
        return progress_words(*far, self._pace.left(*far, self._clock()))


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_tracker() -> None:
    """Start the process with which `multiprocessing` tracks what processes share, while stderr is a file.

    It starts with the first process of a pool, and gets stderr. That of the screen has no file: its number is
    -1, with which no process can be started.
    """
    with redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()


def sweep_of(experiment: Experiment, computer: Computer = OWN_COMPUTER) -> ExperimentSweep:
    """Start the sweep of an experiment: on all processors of the user's own computer, on one of a server."""
    workers = 1 if computer.is_server else processors()

    def measured(report: Report) -> ExperimentResult:
        # Imported here: few runs measure, and the thread has the time.
        from engine.experiments.sweep import sweep  # noqa: PLC0415
        from engine.experiments.verdicts import judge  # noqa: PLC0415

        results, bounds = computer.results(), computer.bounds
        table = sweep(experiment, workers=workers, cache=results, progress=report, bounds=bounds)
        verdicts = judge(experiment, table) if table.complete else ()
        return ExperimentResult(experiment, table.rows, verdicts)

    if not computer.is_server:
        start_tracker()
    return ExperimentSweep(experiment, measured, seconds=computer.seconds)
