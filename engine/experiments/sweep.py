"""The sweep of an experiment: every point measured once, here, in other processes, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Final, overload

from engine.experiments.cache import Cache, MemoryCache, MemoryShelf, Shelf
from engine.experiments.experiment import Experiment, Point, Runs
from engine.experiments.measured import Measured, failed
from engine.experiments.points import Job, measure_point
from engine.experiments.table import LOST, Done, Row, Table
from engine.experiments.values import Value
from engine.pool.processes import TRIES, Lost, answers
from engine.scenario.bounds import UNBOUNDED, Bounds

MOST_CHECKED: Final = 64
"""How many points are checked before the first one is measured."""

Found = tuple[int, Measured] | None
"""The index of a job and its result; None where nothing was ready for a while."""


def sweep(
    experiment: Experiment,
    *,
    workers: int = 1,
    cluster: str | None = None,
    cache: Cache | MemoryCache | None = None,
    progress: Callable[[Done], bool] | None = None,
    bounds: Bounds = UNBOUNDED,
) -> Table:
    """Measure the points of an experiment that the cache does not have.

    workers:  the number of processes; with 1, points are measured in this one.
    cluster:  the address of a Dask scheduler, whose workers measure the points instead.
    progress: called after each point, and also in between with more than one process; if it returns False,
              the sweep ends and what is done is kept.
    bounds:   what the run of a point may take at most, if points are measured in this process.
    Returns: the rows in the order of the points, whatever the order in which they were measured.
    Errors: BadInput for a value that cannot be set, and for a cluster that cannot be used.
    """
    shelf = _shelf(experiment, cache)
    try:
        return _Sweep(experiment, shelf, progress or (lambda _: True), bounds).run(workers, cluster)
    finally:
        if shelf is not None:
            shelf.close()


def _shelf(experiment: Experiment, cache: Cache | MemoryCache | None) -> Shelf | MemoryShelf | None:
    if cache is None or experiment.identity is None:
        return None
    return cache.shelf(experiment.identity, experiment.measures)


class _Sweep:
    def __init__(
        self,
        experiment: Experiment,
        shelf: Shelf | MemoryShelf | None,
        progress: Callable[[Done], bool],
        bounds: Bounds,
    ) -> None:
        self.experiment, self.shelf, self.progress, self.bounds = experiment, shelf, progress, bounds
        self.rows: list[Row] = []
        self.from_cache = 0

    def run(self, workers: int, cluster: str | None) -> Table:
        """Take what the cache has, and measure the rest."""
        left = self._take_known()
        if self._goes_on() and left:
            check_values(self.experiment, [point for _, point in left])
            self._measure(left, workers, cluster)
        rows = tuple(sorted(self.rows, key=lambda row: row.number))
        return Table(rows, len(self.experiment.points), self.from_cache)

    def _take_known(self) -> list[tuple[int, Point]]:
        """Add the rows of the cache; return the points that it does not have, with their numbers."""
        left = []
        for number, point in enumerate(self.experiment.points):
            known = self.shelf.get(point.settings) if self.shelf is not None else None
            if known is None:
                left.append((number, point))
            else:
                self._add(number, point, known)
        self.from_cache = len(self.rows)
        return left

    def _measure(self, left: list[tuple[int, Point]], workers: int, cluster: str | None) -> None:
        if workers > 1 or cluster is not None:
            # The longest first, so that no process works on one when all others are done.
            left.sort(key=lambda one: -self.experiment.runs.weight(one[1].settings))
        jobs = _Jobs(self.experiment.runs, [point for _, point in left])
        with closing(_found(jobs, workers, cluster, self.bounds)) as results:
            for found in results:
                if found is not None:
                    number, point = left[found[0]]
                    self._add(number, point, found[1])
                    if self.shelf is not None:
                        self.shelf.add(point.settings, found[1])
                if not self._goes_on():
                    return

    def _add(self, number: int, point: Point, measured: Measured) -> None:
        row = Row(point.settings, measured.values, measured.notes, measured.outcome, measured.ok, number)
        self.rows.append(row)

    def _goes_on(self) -> bool:
        return self.progress(Done(self.rows, len(self.experiment.points), self.from_cache))


def check_values(experiment: Experiment, points: Sequence[Point]) -> None:
    """Check each value of the points once, as far as a scenario can be made with it.

    Errors: BadInput, with the place of the value.
    """
    seen: set[tuple[str, Value, type]] = set()
    checked = 0
    for point in points:
        new = {(key, value, type(value)) for key, value in point.settings.items() if key != "seed"} - seen
        if new and checked < MOST_CHECKED:
            experiment.runs.check(point.settings)
            seen |= new
            checked += 1


# --- who measures -----------------------------------------------------------------------------------------


class _Jobs(Sequence[Job]):
    """The jobs of points, each made when it is asked for."""

    def __init__(self, runs: Runs, points: list[Point]) -> None:
        self._runs, self._points = runs, points

    def __len__(self) -> int:
        return len(self._points)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> _Jobs: ...
    def __getitem__(self, index: int | slice) -> Job | _Jobs:
        found = self._points[index]
        return _Jobs(self._runs, found) if isinstance(found, list) else self._runs.job(found.settings)


def _found(jobs: Sequence[Job], workers: int, cluster: str | None, bounds: Bounds) -> Generator[Found]:
    if cluster is not None:
        # Imported here: only this needs the extra `cluster`.
        from engine.experiments.cluster import on_cluster  # noqa: PLC0415

        return on_cluster(cluster, jobs)
    return _in_processes(jobs, workers) if workers > 1 else _here(jobs, bounds)


def _here(jobs: Sequence[Job], bounds: Bounds) -> Generator[Found]:
    for index, job in enumerate(jobs):
        yield index, measure_point(job, bounds)


def _in_processes(jobs: Sequence[Job], workers: int) -> Generator[Found]:
    with closing(answers(_measurer, (), jobs, min(workers, len(jobs)))) as found:
        for answer in found:
            if isinstance(answer, Lost):
                yield answer.number, lost(jobs[answer.number])
            else:
                yield None if answer is None else (answer.number, answer.value)


def _measurer() -> Callable[[Job], Measured]:
    return measure_point


def lost(job: Job) -> Measured:
    """Return the result of a point with which process after process died."""
    words = f"{TRIES} processes that measured this point were killed, perhaps for lack of memory"
    return failed(job.measures, LOST, f"{words}; use fewer workers")
