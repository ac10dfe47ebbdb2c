"""The terminal of the screen: its driver, and how a signal ends the screen.

What the project works round in Textual 8 is here and in `explorer.tui.screens.steady`:

- Textual decodes keys with a decoder that raises an error at a byte that is not UTF-8, and its parser raises
  errors at escape sequences with odd numbers. `Keys` replaces the one and survives the other.
- Textual reads from a closed terminal without end. `Driver` ends the process.
- Textual leaves the terminal as it is at a signal. `ended_by_signals` ends the application first.

Names of Textual that are not public: `textual._xterm_parser.XTermParser`, and `_debug` of its driver.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

ENDING: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""The signals that end the program; the exit code is 128 + the signal's number."""

GRACE: Final = 2.0
"""Seconds in which the application must have left its screen after a signal."""

RESTORE: Final = b"".join(
    (
        *(b"\x1b[?%dl" % mode for mode in (2004, 2048, 1000, 1003, 1015, 1006, 1004)),
        b"\x1b[<u\x1b[?7h\x1b[?1049l\x1b[?25h",
    )
)
"""What Textual's driver writes when it stops: no reports of paste, size, mouse and focus, plain keys, line
wrap, the normal screen, a visible cursor."""


class Keys:
    """The events in what a terminal sends, whatever it sends."""

    def __init__(self, debug: bool = False) -> None:
        self._debug = debug
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._parser = XTermParser(debug)

    def sent(self, received: bytes) -> list[Message]:
        """Return the events of these bytes; those of an incomplete character or sequence come later."""
        text = self._decode(received)
        # The parser would take "", the text of half a character, for the end of the input.
        return self._collected(self._parser.feed(text)) if text else []

    def waited(self) -> list[Message]:
        """Return the events that were held back in case that more bytes come, such as Esc."""
        return self._collected(self._parser.tick())

    def _collected(self, events: Iterable[Message]) -> list[Message]:
        """Collect the events up to a sequence that the parser cannot read; drop the rest of the text."""
        found = []
        try:
            for event in events:
                found.append(event)
        except (ValueError, OverflowError):
            self._parser = XTermParser(self._debug)
        return found


class Driver(LinuxDriver):
    """Textual's driver, for a terminal that sends bytes that are not UTF-8, or that is closed."""

    def run_input_thread(self) -> None:
        """Read keys until the application ends; end the process if the terminal is closed."""
        keys = Keys(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    for event in keys.sent(self._read()):
                        self.process_message(event)
                for event in keys.waited():
                    self.process_message(event)

    def _read(self) -> bytes:
        with suppress(OSError):
            if data := os.read(self.fileno, 4096):
                return data
        # The terminal is closed: there is nothing to restore, and Textual would wait for its writer for ever.
        os._exit(128 + signal.SIGHUP)


@contextmanager
def ended_by_signals(app: App[Any]) -> Iterator[None]:
    """While the block runs, a signal of ENDING ends the application with the return code 128 + its number.

    The application leaves its screen as it does at `q`. If that takes longer than GRACE seconds, the terminal
    is restored without it and the process ends.
    """
    saved = termios.tcgetattr(0) if os.isatty(0) else None
    code = 0

    def end(number: int, _frame: FrameType | None) -> None:
        nonlocal code
        code = 128 + number
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the screen is not open yet, or closed already
            os._exit(code)
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        loop.call_soon_threadsafe(app.exit, None, code)

    def leave(_number: int, _frame: FrameType | None) -> None:
        _restore(saved)
        os._exit(code)

    before = {number: signal.signal(number, end) for number in ENDING}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, leave)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _restore(saved: list[Any] | None) -> None:
    """Restore the terminal without Textual: its modes, and `saved`, its attributes of termios."""
    with suppress(OSError, termios.error):
        os.write(2, RESTORE)  # Textual draws on stderr
        if saved is not None:
            termios.tcsetattr(0, termios.TCSANOW, saved)


@contextmanager
def lent() -> Iterator[None]:
    """While another program has the terminal, let Ctrl+C and Ctrl+\\ in it end that program only."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
