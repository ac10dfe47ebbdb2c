"""A line on a terminal that says how far a command has come, and is removed at its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

from explorer.views.safe_text import safe, trusted

PAUSE: Final = 0.3
"""Seconds between two lines."""


class ProgressLine:
    """Writes each line over the one before, and nothing to what is not a terminal."""

    def __init__(self, stream: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = trusted(stream)
        self._clock = clock
        self._shows = bool(stream.isatty())
        self._next = clock() + PAUSE
        self._width = 0

    def show(self, text: str) -> None:
        """Show a text, unless the last one was shown a moment ago."""
        if not self._shows or self._clock() < self._next:
            return
        self._write(safe(text))
        self._next = self._clock() + PAUSE

    def _write(self, text: str) -> None:
        self._stream.write(f"\r{text:<{self._width}}")
        self._stream.flush()
        self._width = len(text)

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._width:
            self._write("")  # blanks over the line
            self._write("")  # the cursor at its start
