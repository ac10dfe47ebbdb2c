"""`pageq text`: text mode, on a terminal or in a pipe."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Final

from engine.errors import BadInput
from explorer import DEFAULT_SCENARIO
from explorer.cli.arguments import AT, SCENARIO, add_history, add_settings, history_limit
from explorer.cli.left_behind import remove_all_left_behind
from explorer.cli.terminal import ended_by_signals
from explorer.cli.trace_arguments import add_trace, check_one, chosen_scenario
from explorer.commands.completion import complete
from explorer.commands.config import load_settings
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.text.sentences import joined
from explorer.text.verbs import words

PLACE: Final = 20
HELP: Final = "Explore a scenario in text mode: one command per line, for screen readers and pipes."

PROMPT: Final = "pageq> "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq text`."""
    parser.add_argument(
        "scenario",
        nargs="?",
        metavar="SCENARIO",
        help=f"{SCENARIO}; default {DEFAULT_SCENARIO}",
    )
    add_settings(parser)
    parser.add_argument("--at", metavar="STEP", default="0", help=f"where to start: {AT}; default 0")
    add_history(parser)
    add_trace(parser, stdin=False)


def run(arguments: argparse.Namespace) -> int:
    """Load a scenario, go to a step, and execute lines until the input ends or the user quits.

    Errors: BadInput for an invalid scenario, or a moment that the run does not reach.
    """
    check_one(arguments)
    if arguments.trace == "-":
        raise BadInput("--trace - is not possible: text mode reads its commands from stdin; give a file")
    scenario = chosen_scenario(arguments, arguments.scenario or DEFAULT_SCENARIO)
    history = scenario.start(history_limit(arguments))
    history.seek(scenario.find_step(history, arguments.at))
    remove_all_left_behind()
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    with ended_by_signals() if terminal else nullcontext():
        # The settings are read only on a terminal: a pipe shows pages and questions only on request.
        settings = load_settings() if terminal else None
        session = Session(history, scenario)
        session.learning.on = settings is not None and settings.learn == "on"
        lessons = settings is not None and settings.lessons == "on"
        log = ProgressLog(None if settings is None else settings.progress_path)
        try:
            talk(TextDesk(session, asks=terminal, lessons=lessons, log=log), terminal)
        finally:
            if unwritten := log.close():
                print(unwritten, file=sys.stderr)
    return 0


def talk(desk: TextDesk, terminal: bool) -> None:
    """Read lines and print what each did; on a terminal, an empty line repeats the last one."""
    _prepare(desk, terminal)
    last = ""
    with interrupts(desk):
        _print(desk.open())
        for line in _lines(terminal):
            # An empty line must not leave a question by accident: it prints the question again.
            empty = "question" if desk.is_asked else last
            last = line if line.strip() or not terminal else empty
            _print(desk.do_line(last if terminal else line))
            if desk.over:
                return
    if terminal:
        print()


def _print(lines: list[str]) -> None:
    # Flush also into a pipe: its reader waits for the answer.
    sys.stdout.write(joined(lines))
    sys.stdout.flush()


def _lines(terminal: bool) -> Iterator[str]:
    """Yield the input, line by line; a pipe gets no prompt."""
    if not terminal:
        for number, line in enumerate(sys.stdin):
            yield line if number else line.removeprefix("\ufeff")
        return
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            return


def _prepare(desk: TextDesk, terminal: bool) -> None:
    """Replace invalid bytes of the input, and give a terminal line editing, a history and completion."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if not terminal:
        return
    try:
        import readline
    except ImportError:
        return
    readline.parse_and_bind("tab: complete")
    # Otherwise, it prints escape sequences around every prompt.
    readline.parse_and_bind("set enable-bracketed-paste off")
    readline.set_completer_delims(" ")
    found: list[str] = []

    def completed(_: str, state: int) -> str | None:
        if state == 0:
            end = readline.get_endidx()
            found[:] = completions(desk, readline.get_line_buffer()[:end], readline.get_begidx())
        return found[state] if state < len(found) else None

    readline.set_completer(completed)


def completions(desk: TextDesk, line: str, first: int) -> list[str]:
    """Return what the text of a line from column `first` on, its last word, can become."""
    found = complete(desk.session, line, words())
    # A candidate may start within that word, as a field of an expression does, or before it.
    kept = line[first : max(found.start, first)]
    return [f"{kept}{word[max(first - found.start, 0) :]}" for word in found.candidates]


@contextmanager
def interrupts(desk: TextDesk) -> Iterator[None]:
    """Let Ctrl+C stop the command that runs; while none runs, or the second time, it ends the program.

    A run stops between two steps: an interrupt inside a step would leave half of it in memory.
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
