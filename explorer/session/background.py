"""Work in a thread of its own: how far it is, how it is ended, and its result.

The session moves meanwhile. The screen or text mode looks at `done` from time to time, and then takes the
result.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from threading import Thread
from typing import Final, Generic, TypeVar

TIME: Final = "time"
"""What stops a work that has taken as long as it may."""

P = TypeVar("P")
R = TypeVar("R")


class Background(Generic[P, R]):
    """Work that runs; P is what it reports, R its result.

    progress: how far it is; None before its first report.
    stopped:  the key with which the user asked it to stop, `time` after `seconds`, or "".
    """

    def __init__(
        self, work: Callable[[Callable[[P], bool]], R], name: str, seconds: float | None = None
    ) -> None:
        self.progress: P | None = None
        self.stopped = ""
        self._end = None if seconds is None else time.monotonic() + seconds
        self._work = work
        self._result: Future[R] = Future()
        # A daemon: the program does not wait for it when the user quits.
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result.set_result(self._work(self._report))
        except BaseException as error:
            self._result.set_exception(error)

    def _report(self, progress: P) -> bool:
        self.progress = progress
        if self._end is not None and time.monotonic() > self._end:
            self.stopped = self.stopped or TIME
        return not self.stopped

    def stop(self, key: str = "Esc") -> None:
        """Let the work end soon, with what it has found; key: what the user pressed."""
        self.stopped = key

    def wait(self, seconds: float) -> bool:
        """Wait for at most some seconds; return whether the work has ended."""
        wait_for([self._result], seconds)
        return self.done

    @property
    def done(self) -> bool:
        """Whether the work has ended."""
        return self._result.done()

    def result(self) -> R:
        """Return what was found.

        Errors: those of the work.
        """
        return self._result.result()
