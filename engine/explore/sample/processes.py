"""Sampled schedules: taken in one process or several, and what they found.

Schedule number i of a seed is the same in every process, so the counts do not depend on how the schedules are
shared out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Final

from engine.explore.job import Job
from engine.explore.limits import Progress, Sample
from engine.explore.sample.tally import Tally
from engine.explore.sample.walks import Walker

_CHUNK: Final = 500
"""Schedules between two reports of progress."""


def take(walker: Walker, numbers: range) -> Tally:
    """Take some schedules of a seed."""
    tally = Tally()
    for number in numbers:
        tally.add_walk(walker.walk(number))
    tally.evaluated = tuple(walker.evaluated)
    return tally


def sampled(job: Job, sample: Sample, progress: Callable[[Progress], bool] | None = None) -> Tally:
    """Take all schedules of a sample; what was found until then if `progress` returns False.

    Errors: as Job.prepared.
    """
    total = Tally()
    parts = _from_processes(job, sample) if sample.workers > 1 else _here(job, sample)
    for part in parts:
        total.add(part)
        if progress is not None and not progress(Progress(0, total.steps, total.schedules)):
            break
    parts.close()
    return total


def _chunks(sample: Sample) -> list[range]:
    """The numbers of the schedules, in parts."""
    total = sample.schedules
    return [range(first, min(first + _CHUNK, total)) for first in range(0, total, _CHUNK)]


def _here(job: Job, sample: Sample) -> Generator[Tally]:
    with job.prepared() as ready:
        walker = Walker(ready.model, sample, job.limits, ready.asked)
        for chunk in _chunks(sample):
            yield take(walker, chunk)


def _from_processes(job: Job, sample: Sample) -> Generator[Tally]:
    """The tallies of all parts, as they are ready."""
    with job.prepared():
        pass  # what is wrong with the input is found here, not in another process
    chunks = _chunks(sample)
    workers = min(sample.workers, len(chunks))
    # A new interpreter in each: the caller may have threads, which a fork would not copy.
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (job, sample)) as pool:
        waiting = [pool.submit(_take, chunk) for chunk in chunks]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_WALKERS: Final[list[Walker]] = []
"""In a process that takes schedules: its walker."""


def _begin(job: Job, sample: Sample) -> None:
    ready = job.prepared()
    _WALKERS.append(Walker(ready.model, sample, job.limits, ready.asked))


def _take(numbers: range) -> Tally:
    return take(_WALKERS[0], numbers)
