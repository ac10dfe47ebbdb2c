"""Sampled schedules: taken in one process or several, and what they found.

Schedule number i of a seed is the same in every process, so the counts do not depend on how the schedules are
shared out.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from typing import Final

from engine.explore.job import Job
from engine.explore.limits import Progress, Sample
from engine.explore.sample.tally import Tally
from engine.explore.sample.walks import Walker

_CHUNK: Final = 500
"""Schedules between two reports of progress."""

_STEPS: Final = 500_000
"""Steps after which this process reports progress, however few the schedules are."""

_AHEAD: Final = 2
"""Parts for each process that wait or run."""


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


def _chunks(sample: Sample) -> Iterator[range]:
    """The numbers of the schedules, in parts."""
    total = sample.schedules
    return (range(first, min(first + _CHUNK, total)) for first in range(0, total, _CHUNK))


def _here(job: Job, sample: Sample) -> Generator[Tally]:
    with job.prepared() as ready:
        walker = Walker(ready.model, sample, job.limits, ready.asked)
        for chunk in _chunks(sample):
            yield from _short_parts(walker, chunk)


def _short_parts(walker: Walker, numbers: range) -> Iterator[Tally]:
    """Take some schedules, in parts of not many more than `_STEPS` steps."""
    tally = Tally()
    for number in numbers:
        if tally.steps >= _STEPS:
            yield tally
            tally = Tally()
        tally.add(take(walker, range(number, number + 1)))
    yield tally


def _from_processes(job: Job, sample: Sample) -> Generator[Tally]:
    """The tallies of all parts, as they are ready."""
    with job.prepared():
        pass  # what is wrong with the input is found here, not in another process
    chunks = _chunks(sample)
    workers = min(sample.workers, -(-sample.schedules // _CHUNK))
    # A new interpreter in each: the caller may have threads, which a fork would not copy.
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (job, sample)) as pool:
        waiting = {_given(pool, chunk) for chunk in islice(chunks, _AHEAD * workers)}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                waiting |= {_given(pool, chunk) for chunk in islice(chunks, len(done))}
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _given(pool: ProcessPoolExecutor, chunk: range) -> Future[Tally]:
    """Give a part to a pool, which may start a process for it.

    On a terminal, Ctrl+C goes to all processes. Those of the pool inherit that it is blocked: only the caller
    decides what it means.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return pool.submit(_take, chunk)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_take, chunk)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_WALKERS: Final[list[Walker]] = []
"""In a process that takes schedules: its walker."""


def _begin(job: Job, sample: Sample) -> None:
    ready = job.prepared()
    _WALKERS.append(Walker(ready.model, sample, job.limits, ready.asked))


def _take(numbers: range) -> Tally:
    return take(_WALKERS[0], numbers)
