"""`pageq text`: the line session on a terminal or in a pipe."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from explorer import DEFAULT_SCENARIO
from explorer.cli.arguments import AT, SCENARIO, add_settings
from explorer.session.command_line import asked_for
from explorer.session.session import Session
from explorer.text.mode import TextDesk, words
from explorer.text.sentences import joined

PLACE: Final = 20
HELP: Final = "Talk about a scenario line by line: the screen's verbs, for screen readers and pipes."

PROMPT: Final = "pageq> "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `pageq text` takes."""
    parser.add_argument("scenario", nargs="?", default=DEFAULT_SCENARIO, metavar="SCENARIO", help=SCENARIO)
    add_settings(parser)
    parser.add_argument("--at", metavar="STEP", default="0", help=f"where to start: {AT}")


def run(arguments: argparse.Namespace) -> int:
    """Load a scenario and talk about it from a step on until the input ends or the person quits.

    Errors: BadInput for a scenario that is not right, or a moment that never comes.
    """
    scenario = asked_for(arguments)
    history = scenario.start()
    history.seek(scenario.find_step(history, arguments.at))
    talk(TextDesk(Session(history, scenario)), sys.stdin.isatty() and sys.stdout.isatty())
    return 0


def talk(desk: TextDesk, terminal: bool) -> None:
    """Read lines and print what each did; on a terminal an empty line does the last one again."""
    _prepare(terminal)
    last = ""
    with interrupts(desk):
        _print(desk.open())
        for line in _lines(terminal):
            last = line if line.strip() or not terminal else last
            _print(desk.do_line(last if terminal else line))
            if desk.over:
                return
    if terminal:
        print()


def _print(lines: list[str]) -> None:
    # At once, also into a pipe: whoever listens there waits for it.
    sys.stdout.write(joined(lines))
    sys.stdout.flush()


def _lines(terminal: bool) -> Iterator[str]:
    """What is typed, line by line; a pipe gets no prompt."""
    if not terminal:
        yield from sys.stdin
        return
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            return


def _prepare(terminal: bool) -> None:
    """Let no byte that comes in be a reason to stop, and a terminal remember what was typed."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if not terminal:
        return
    try:
        import readline
    except ImportError:
        return
    readline.parse_and_bind("tab: complete")
    # Otherwise it moves the cursor and switches modes around every prompt.
    readline.parse_and_bind("set enable-bracketed-paste off")
    readline.set_completer(_complete)


def _complete(text: str, state: int) -> str | None:
    """The verb number `state` of those that begin with `text`."""
    found = [f"{word} " for word in words() if word.startswith(text)]
    return found[state] if state < len(found) else None


@contextmanager
def interrupts(desk: TextDesk) -> Iterator[None]:
    """Let Ctrl+C stop what the desk is doing; while it only waits, or at the second time, the program.

    A run stops between two steps: an interrupt inside of one would leave half of it in the memory.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if not desk.busy or desk.stop_asked:
            raise KeyboardInterrupt
        desk.stop_asked = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
