"""Whether a terminal can show the screen, asked before Textual is imported."""

from __future__ import annotations

import os
import shutil
import sys
from typing import IO, Any, Final

from engine.errors import BadInput
from explorer import LARGEST_SCREEN

WITHOUT_CURSOR: Final = ("dumb", "unknown")
"""Values of TERM for a terminal that only prints one line after another."""


def in_browser() -> bool:
    """Whether a web server shows the screen in a browser: it says so by Textual's variable of the driver."""
    return os.environ.get("TEXTUAL_DRIVER", "").rpartition(":")[2].endswith("WebDriver")


def check_terminal(scenario: str) -> None:
    """Check that the terminal can show the screen.

    scenario: the scenario to name in the message.

    Errors: BadInput if it cannot; the message names the commands that need no screen.
    """
    text = f"`pageq text {scenario}`"
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
        raise BadInput(f"the screen needs a terminal; without one, use `pageq run {scenario}` or {text}")
    if not _is_terminal(sys.stderr):
        message = f"the screen is drawn on stderr, which is not a terminal; remove 2> or use {text}"
        print(f"pageq: {message}")  # a user there does not see the error on stderr
        raise BadInput(message)
    if os.environ.get("TERM") in WITHOUT_CURSOR:
        raise BadInput(f"TERM={os.environ['TERM']} is a terminal that cannot show the screen; use {text}")
    width, height = shutil.get_terminal_size()
    if width > LARGEST_SCREEN[0] or height > LARGEST_SCREEN[1]:
        most = "x".join(map(str, LARGEST_SCREEN))
        why = "; COLUMNS or LINES says so" if {"COLUMNS", "LINES"} & os.environ.keys() else ""
        raise BadInput(f"the terminal has {width}x{height} characters{why}; use {most} at most, or {text}")


def _is_terminal(stream: IO[Any] | None) -> bool:
    """Whether a stream of the process is open and a terminal."""
    return stream is not None and not stream.closed and stream.isatty()
