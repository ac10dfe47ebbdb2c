"""Ctrl+C: the exit code 130 and never a traceback, from the first import to the last line.

While modules are imported, an exception from Ctrl+C would be lost or printed by what is half imported. So the
process ends at once there: nothing is open yet. A command that runs gets KeyboardInterrupt and can clean up.

This module is imported first, so it imports as little as possible.
"""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130
"""The exit code."""


def _exit(_number: int, _frame: object) -> None:
    os._exit(INTERRUPTED)


def exit_at_once() -> None:
    """From now on, let Ctrl+C end the process without another word."""
    signal.signal(signal.SIGINT, _exit)


def raise_again() -> None:
    """After `exit_at_once`, let Ctrl+C raise KeyboardInterrupt again; else, leave it as it is."""
    if signal.getsignal(signal.SIGINT) is _exit:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class ExitingAtOnce:
    """Lets Ctrl+C end the process while a block runs."""

    def __enter__(self) -> None:
        self.before = signal.getsignal(signal.SIGINT)
        exit_at_once()

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before)


class Noticed:
    """Notes a Ctrl+C while a block runs, which can then end by itself; a second one raises KeyboardInterrupt.

    came: whether there was one.
    """

    def __init__(self) -> None:
        self.came = False

    def _note(self, _number: int, _frame: object) -> None:
        if self.came:
            raise KeyboardInterrupt
        self.came = True

    def __enter__(self) -> Noticed:
        self.before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before)
