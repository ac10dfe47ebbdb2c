"""Sampled schedules: taken in one process or several, and what they found.

Schedule number i of a seed is the same in every process, so the counts do not depend on how the schedules are
shared out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Final

from engine.errors import BadInput
from engine.explore.job import Job
from engine.explore.limits import Progress, Sample
from engine.explore.sample.tally import Tally
from engine.explore.sample.walks import Walker
from engine.pool.processes import TRIES, Lost, answers

_CHUNK: Final = 500
"""Schedules between two reports of progress."""

_STEPS: Final = 500_000
"""Steps after which this process reports progress, however few the schedules are."""


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
    """The tallies of all parts, as they are ready.

    Errors: as Job.prepared; BadInput if the processes are killed.
    """
    with job.prepared():
        pass  # what is wrong with the input is found here, not in another process
    workers = min(sample.workers, -(-sample.schedules // _CHUNK))
    with closing(answers(_taker, (job, sample), _chunks(sample), workers)) as found:
        for answer in found:
            if isinstance(answer, Lost):
                words = f"{TRIES} processes with the same schedules were killed, perhaps for lack of memory"
                raise BadInput(f"{words}; use fewer --workers")
            if answer is not None:
                yield answer.value


def _taker(job: Job, sample: Sample) -> Callable[[range], Tally]:
    """In a process that takes schedules: what takes some of them."""
    ready = job.prepared()
    return partial(take, Walker(ready.model, sample, job.limits, ready.asked))
