"""The points of an experiment on a Dask cluster: the same function, in the workers' processes.

The package `distributed` comes with the extra `pageq[cluster]`. Every worker has to have the same sources of
the engine: each compares them before it measures a point, so that a worker that comes later is compared too.
The scheduler gives the points of a worker that died to another one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Final

from engine.errors import BadInput
from engine.experiments.engine_sources import engine_digest
from engine.experiments.measured import Measured, failed
from engine.experiments.points import Job, measure_point
from engine.experiments.table import LOST
from engine.words import plural

TIMEOUT: Final = 10
"""Seconds that the scheduler, and its first worker, have to answer."""

_ADDRESS: Final = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})", re.ASCII)
_AHEAD: Final = 4
"""Points for each thread of the cluster that wait or run."""

_PATIENCE: Final = 0.2
"""Seconds without a result after which the caller is asked whether to continue."""

_INSTALL: Final = "a cluster needs the package distributed; install it with pip install 'pageq[cluster]'"


def on_cluster(address: str, jobs: Sequence[Job]) -> Generator[tuple[int, Measured] | None]:
    """Measure jobs on the workers of a Dask scheduler; yield the index and the result of each as it is ready.

    address: `tcp://HOST:PORT`.
    Yields: None where nothing was ready for a while.
    Errors: BadInput if the extra is not installed, the scheduler or its workers do not answer, or a worker
            has other sources of the engine.
    """
    client = connected(address)
    try:
        _check_workers(client, address)
        yield from _Measuring(client, address, jobs).results()
    except OSError as error:  # a connection that is closed
        raise _gone(address) from error
    finally:
        client.close(timeout=1)


def connected(address: str) -> Any:
    """Return a client of the scheduler at an address.

    Errors: BadInput.
    """
    if _ADDRESS.fullmatch(address) is None:
        raise BadInput(
            f"--cluster {address[:60]!r} is not an address; write one such as tcp://127.0.0.1:8786"
        )
    try:
        # An extra: the engine works without it.
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise BadInput(_INSTALL) from None
    # It logs lost connections to stderr, where a screen may be; here they are errors or known.
    for logger in ("distributed", "distributed.client"):
        logging.getLogger(logger).setLevel(logging.CRITICAL + 1)
    try:
        return Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:  # a timeout is an OSError
        words = f"the scheduler at {address} does not answer within {plural(TIMEOUT, 'second')}"
        raise BadInput(f"{words}; start one with `dask scheduler`, and workers with `dask worker`") from error


def _check_workers(client: Any, address: str) -> None:
    """Wait for a worker, and check that all have this engine.

    Errors: BadInput.
    """
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except OSError:
        raise BadInput(f"the scheduler at {address} has no worker; start one with `dask worker`") from None
    for worker, found in client.run(engine_digest, on_error="return").items():
        if isinstance(found, Exception):
            raise BadInput(f"the worker {worker} cannot use pageq: {found}; install this version there")
        if found != engine_digest():
            raise other_engine(worker)


def other_engine(worker: str) -> BadInput:
    """Return a BadInput about a worker with other sources of the engine, to be raised."""
    return BadInput(f"the worker {worker} has another version of pageq; install this one there")


def _gone(address: str) -> BadInput:
    return BadInput(
        f"the scheduler at {address} does not answer any more; start it, then the experiment again"
    )


def measured_there(job: Job, engine: str) -> Measured | str:
    """On a worker: measure a point if the engine is the same; else return the worker's address."""
    if engine_digest() != engine:
        from distributed import get_worker  # noqa: PLC0415 - on a worker it is there

        return str(get_worker().address)
    return measure_point(job)


class _Measuring:
    """Jobs on a cluster; a few more than can run are given to it at a time."""

    def __init__(self, client: Any, address: str, jobs: Sequence[Job]) -> None:
        self.client, self.address, self.jobs = client, address, jobs
        self.ready: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self.given: dict[int, Any] = {}
        self.most = 0
        self._count_threads()

    def results(self) -> Iterator[tuple[int, Measured] | None]:
        """Yield the results as they are ready."""
        waiting = enumerate(self.jobs)
        while self._give(waiting):
            try:
                index, future = self.ready.get(timeout=_PATIENCE)
            except Empty:
                self._count_threads()
                yield None
                continue
            del self.given[index]
            yield index, self._result(index, future)

    def _give(self, waiting: Iterator[tuple[int, Job]]) -> bool:
        """Give jobs to the cluster; return whether one is not done."""
        for _, (index, job) in zip(range(self.most - len(self.given)), waiting, strict=False):
            future = self.client.submit(measured_there, job, engine_digest(), pure=False)
            self.given[index] = future
            future.add_done_callback(lambda done, index=index: self.ready.put((index, done)))
        return bool(self.given)

    def _count_threads(self) -> None:
        """Find out how many points can wait or run: workers come and go."""
        if self.client.status != "running":
            raise _gone(self.address)
        self.most = _AHEAD * max(1, sum(self.client.nthreads().values()))

    def _result(self, index: int, future: Any) -> Measured:
        from distributed import KilledWorker  # noqa: PLC0415 - an extra, see `connected`

        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            words = "several workers that measured this point died, perhaps for lack of memory"
            return failed(self.jobs[index].measures, LOST, words)
        if error is not None:
            raise error
        if future.cancelled():
            raise _gone(self.address)
        found = future.result()
        if isinstance(found, str):
            raise other_engine(found)
        measured: Measured = found
        return measured
