"""The line that says how far a command has come: only on a terminal, not too often, and gone at the end."""

from __future__ import annotations

import io
import re

import pytest

from explorer.cli.progress_line import PAUSE, ProgressLine
from explorer.views.safe_text import SafeStream


class Stream(io.StringIO):
    """Stderr that may be a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def last_line(written: str) -> str:
    """What a terminal shows on the line after a text with carriage returns."""
    shown: list[str] = []
    for part in written.split("\r"):
        shown[: len(part)] = part
    return "".join(shown).rstrip()


def test_a_line_is_written_over_the_one_before_and_removed_at_the_end() -> None:
    stream, clock = Stream(terminal=True), Clock()
    with ProgressLine(SafeStream(stream), clock) as line:
        for text in ("1,000 states", "20 states"):
            clock.now += PAUSE
            line.show(text)
            assert last_line(stream.getvalue()) == text
    assert last_line(stream.getvalue()) == ""
    assert stream.getvalue().endswith("\r")
    assert "\n" not in stream.getvalue()


def test_it_is_written_a_few_times_a_second() -> None:
    stream, clock = Stream(terminal=True), Clock()
    with ProgressLine(stream, clock) as line:
        for n in range(1_000):
            clock.now = n / 1_000
            line.show(f"{n} states")
    assert re.findall(r"\d+ states", stream.getvalue()) == ["300 states", "600 states", "900 states"]


@pytest.mark.parametrize("error", [None, ValueError])
def test_what_is_not_a_terminal_gets_nothing(error: type[Exception] | None) -> None:
    stream, clock = Stream(terminal=False), Clock()
    try:
        with ProgressLine(stream, clock) as line:
            clock.now = 60
            line.show("1 state")
            if error:
                raise error
    except ValueError:
        pass
    assert stream.getvalue() == ""


def test_a_command_that_ends_soon_shows_nothing() -> None:
    stream = Stream(terminal=True)
    with ProgressLine(stream, Clock()) as line:
        line.show("1 state")
    assert stream.getvalue() == ""


def test_a_text_cannot_control_the_terminal() -> None:
    stream, clock = Stream(terminal=True), Clock()
    with ProgressLine(stream, clock) as line:
        clock.now = PAUSE
        line.show("\x1b[2J")
    assert "\x1b" not in stream.getvalue()
