"""The standard streams of a command when one is closed, or when what it leads to is full.

Python gives a closed stream as None, and `print(file=None)` prints to stdout: a message would end up among
the data. A closed input is empty, a message that cannot be written is dropped, and a closed output is an
error, since a command that prints nothing would look as if it had found nothing.
"""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO, cast


class Messages:
    """Stderr that drops what cannot be written, so that a full disk does not change the exit code."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or drop it; return its length."""
        try:
            self._stream.write(text)
        except OSError:
            give_up(self._stream)
        return len(text)

    def flush(self) -> None:
        """Write what is buffered, or drop it."""
        try:
            self._stream.flush()
        except OSError:
            give_up(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def open_streams() -> bool:
    """Replace closed streams by empty ones, and stderr by `Messages`; return whether stdout was open.

    The streams of a test, which are not the process's own, are left alone.
    """
    # In this order: each takes the lowest free number, which is that of the closed stream.
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open until the process ends
    was_open = sys.stdout is not None
    if not was_open:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    elif sys.stderr is sys.__stderr__:
        sys.stderr = cast(TextIO, Messages(cast(TextIO, sys.stderr)))
    return was_open


def give_up(stream: TextIO) -> None:
    """Let a stream that cannot be written lead nowhere: Python writes its buffer when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
