"""The terminal of a command: whether it can show the screen, its keyboard, and text pasted into it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO, Any, Final

from engine.errors import BadInput
from engine.words import byte_size
from explorer import LARGEST_SCREEN

WITHOUT_CURSOR: Final = ("dumb", "unknown")
"""Values of TERM for a terminal that only prints one line after another."""

ENDING: Final = (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)
"""The signals that end text mode on a terminal; the exit code is 128 + the signal's number."""

_TERMINAL: Final = "/dev/tty"
"""The terminal of the process, whatever its streams are."""

_STDIN: Final = 0


def in_browser() -> bool:
    """Whether a web server shows the screen in a browser: it says so by Textual's variable of the driver."""
    return os.environ.get("TEXTUAL_DRIVER", "").rpartition(":")[2].endswith("WebDriver")


def check_terminal(scenario: str, *, reads_stdin: bool = False) -> None:
    """Check that the terminal can show the screen.

    scenario:    the scenario to name in the message.
    reads_stdin: as for has_terminal.

    Errors: BadInput if it cannot; the message names the commands that need no screen.
    """
    text = f"`pageq text {scenario}`"
    if not has_terminal(reads_stdin=reads_stdin):
        raise BadInput(f"the screen needs a terminal; without one, use `pageq run {scenario}` or {text}")
    why, right = unfit_terminal()
    if not why:
        return
    message = f"{why}; {right}{text}"
    if not is_terminal(sys.stderr):
        print(f"pageq: {message}")  # a user there does not see the error on stderr
    raise BadInput(message)


def has_terminal(*, reads_stdin: bool = False) -> bool:
    """Whether there is a terminal for the keys and one for the output.

    reads_stdin: whether stdin is the input of the command: then the keys come from the process's terminal.
    """
    return is_terminal(sys.stdout) and (is_terminal(sys.stdin) or (reads_stdin and _has_keyboard()))


def unfit_terminal() -> tuple[str, str]:
    """Return why the terminal cannot show the screen, and the start of what to use instead; "" if it can."""
    if not is_terminal(sys.stderr):
        return "the screen is drawn on stderr, which is not a terminal", "remove 2> or use "
    if os.environ.get("TERM") in WITHOUT_CURSOR:
        return f"TERM={os.environ['TERM']} is a terminal that cannot show the screen", "use "
    width, height = shutil.get_terminal_size()
    if width > LARGEST_SCREEN[0] or height > LARGEST_SCREEN[1]:
        most = "x".join(map(str, LARGEST_SCREEN))
        why = "; COLUMNS or LINES says so" if {"COLUMNS", "LINES"} & os.environ.keys() else ""
        return f"the terminal has {width}x{height} characters{why}", f"use {most} at most, or "
    return "", ""


def is_terminal(stream: IO[Any] | None) -> bool:
    """Whether a stream of the process is open and a terminal."""
    return stream is not None and not stream.closed and stream.isatty()


# --- the keyboard, after stdin was read ---------------------------------------------------------------------


def _has_keyboard() -> bool:
    try:
        os.close(os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def open_keyboard() -> None:
    """Let stdin, which was read to its end, be the keyboard of the process's terminal.

    Errors: OSError if the process has no terminal.
    """
    if os.isatty(_STDIN):
        return
    terminal = os.open(_TERMINAL, os.O_RDWR)
    os.dup2(terminal, _STDIN)
    os.close(terminal)


# --- text that is pasted ------------------------------------------------------------------------------------


def pasted(most: int) -> bytes:
    """Return what is typed or pasted into the terminal on stdin, up to Ctrl+D.

    Meanwhile the terminal gives each byte at once: of a line, it would drop what comes after 4,095 bytes.
    Errors: BadInput if it is longer than `most` bytes.
    """
    before = termios.tcgetattr(_STDIN)
    end: bytes = before[6][termios.VEOF]
    at_once = [*before[:6], [*before[6]]]
    at_once[3] &= ~termios.ICANON
    at_once[6][termios.VMIN], at_once[6][termios.VTIME] = 1, 0
    with ended_by_signals():
        termios.tcsetattr(_STDIN, termios.TCSADRAIN, at_once)
        try:
            return _up_to(end, most)
        finally:
            termios.tcsetattr(_STDIN, termios.TCSADRAIN, before)


def _up_to(end: bytes, most: int) -> bytes:
    found = bytearray()
    while len(found) <= most and (part := os.read(_STDIN, 1 << 16)):
        before, ended, _ = part.partition(end)
        found += before
        if ended:
            break
    if len(found) > most:
        raise BadInput(f"the text is longer than {byte_size(most)}; give it as a file")
    return bytes(found)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a signal of ENDING raise SystemExit, so that the terminal is left as it was."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
