"""Parts of a work that do not depend on each other, done by processes of this machine.

Each process does one part at a time, so it is always known which part a process had when it died. That part
is done again by another process, and its answer counts once. A part with which `TRIES` processes died is
given up: it may be the part that kills them.
"""

from __future__ import annotations

import signal
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeVar

from engine.errors import BadInput

P = TypeVar("P")
R = TypeVar("R")

TRIES: Final = 3
"""How many processes may die with the same part."""

_PATIENCE: Final = 0.2
"""Seconds without an answer after which the caller is asked whether to continue."""


@dataclass(frozen=True)
class Answer(Generic[R]):
    """What was made of part `number`, counted from 0 in the order of the parts."""

    number: int
    value: R


@dataclass(frozen=True)
class Lost:
    """Part `number` has no answer: `TRIES` processes died with it."""

    number: int


class PartFailed(RuntimeError):
    """A process met an error that is a bug of this program; the text is its traceback."""


def answers(
    make: Callable[..., Callable[[P], R]], given: tuple[Any, ...], parts: Iterable[P], workers: int
) -> Generator[Answer[R] | Lost | None]:
    """Do every part, in up to `workers` processes; yield the answers as they are ready.

    make:  a function of a module: called in each process, with `given`, it returns what does a part.
    parts: taken one by one, as processes are free. Parts and answers are sent from process to process.

    Yields: an Answer or a Lost for each part; None where nothing was ready for a while. A caller that ends
            the generator ends the processes, and what they had not finished is lost.
    Errors: BadInput if doing a part raises it; PartFailed for any other error.
    """
    team = _Team(make, given, workers)
    waiting = _Waiting(enumerate(parts))
    try:
        while team.hand_out(waiting):
            yield from team.collect(waiting)
    finally:
        team.end()


class _Waiting(Generic[P]):
    """The parts that no process has: those of dead processes first, then the others in order."""

    def __init__(self, parts: Iterator[tuple[int, P]]) -> None:
        self._parts = parts
        self._again: deque[tuple[int, P]] = deque()
        self._deaths: dict[int, int] = {}

    def next(self) -> tuple[int, P] | None:
        """Take the next part; None if there is none left."""
        return self._again.popleft() if self._again else next(self._parts, None)

    def put_back(self, number: int, part: P) -> bool:
        """Note that a process died with a part; return whether the part is tried again."""
        self._deaths[number] = self._deaths.get(number, 0) + 1
        if self._deaths[number] >= TRIES:
            return False
        self._again.append((number, part))
        return True


@dataclass(eq=False)
class _Worker(Generic[P]):
    """A process, the pipe to it, and the part that it has."""

    process: BaseProcess
    pipe: Connection
    part: tuple[int, P] | None = None


class _Team(Generic[P, R]):
    """The processes of one piece of work; a new one is started when there is a part for it."""

    def __init__(self, make: Callable[..., Callable[[P], R]], given: tuple[Any, ...], workers: int) -> None:
        self._make, self._given, self._most = make, given, workers
        self._workers: list[_Worker[P]] = []

    def hand_out(self, waiting: _Waiting[P]) -> bool:
        """Give every free process a part; return whether a process has one."""
        while (free := self._free()) is not None and (part := waiting.next()) is not None:
            worker = free()
            worker.part = part
            with suppress(OSError):  # it has died, which its pipe shows below
                worker.pipe.send(part[1])
        return any(worker.part for worker in self._workers)

    def _free(self) -> Callable[[], _Worker[P]] | None:
        """What returns a process without a part, which may have to be started; None if all are busy."""
        for worker in self._workers:
            if worker.part is None:
                return lambda: worker
        return self._start if len(self._workers) < self._most else None

    def _start(self) -> _Worker[P]:
        # A new interpreter in each: the caller may have threads, which a fork would not copy.
        context = get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, self._make, self._given), daemon=True)
        _without_interrupts(process.start)
        there.close()  # so that the end of the process ends the pipe
        self._workers.append(_Worker(process, here))
        return self._workers[-1]

    def collect(self, waiting: _Waiting[P]) -> Iterator[Answer[R] | Lost | None]:
        """Wait until a process answers or dies; yield what came."""
        busy = {worker.pipe: worker for worker in self._workers if worker.part is not None}
        ready = wait(list(busy), _PATIENCE)
        if not ready:
            yield None
        for pipe, worker in busy.items():
            if pipe in ready and worker.part is not None:
                yield from self._answer(worker, worker.part, waiting)

    def _answer(
        self, worker: _Worker[P], part: tuple[int, P], waiting: _Waiting[P]
    ) -> Iterator[Answer[R] | Lost]:
        try:
            value, error = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            if not waiting.put_back(*part):
                yield Lost(part[0])
            return
        worker.part = None
        if error is not None:
            raise error
        yield Answer(part[0], value)

    def _bury(self, worker: _Worker[P]) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.kill()  # it may have closed the pipe only
        worker.process.join()

    def end(self) -> None:
        """End all processes, also in the middle of a part."""
        for worker in self._workers:
            worker.process.kill()
        for worker in tuple(self._workers):
            self._bury(worker)


def _without_interrupts(start: Callable[[], None]) -> None:
    """Start a process that inherits that Ctrl+C is blocked.

    On a terminal, Ctrl+C goes to all processes; only the caller decides what it means.
    """
    if not hasattr(signal, "pthread_sigmask"):
        start()
        return
    # The first process starts the tracker of shared resources, which would unblock the signal again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the other process ---------------------------------------------------------------------------------


def _serve(pipe: Connection, make: Callable[..., Callable[[P], R]], given: tuple[Any, ...]) -> None:
    """Do part after part until the other end of the pipe is closed, also by the death of its process."""
    work: Callable[[P], R] | None = None
    try:
        while True:
            part = pipe.recv()
            try:
                work = work or make(*given)
                answer: tuple[R | None, Exception | None] = (work(part), None)
            except BadInput as error:
                answer = (None, error)
            except Exception:  # the caller's process raises it: there it is loud
                answer = (None, PartFailed(traceback.format_exc()))
            pipe.send(answer)
    except (EOFError, OSError):
        pass
