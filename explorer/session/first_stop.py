"""`pageq run --break ... --watch ...`: find the first breakpoint or watchpoint hit, in a separate run.

A breakpoint stops before the step that enters a function, which is known only after that step, too late for a
run that is being printed. Therefore the run is made twice: once to find the stop, and once to print it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from engine.debug.stop_syntax import parse_break, parse_watch
from engine.debug.stops import Stop, next_hit, stride_of
from engine.errors import BadInput, CapacityError
from engine.language.symbols import Names
from engine.run.history import History


@dataclass(frozen=True)
class Hit:
    """The end of a run: after `step`, at the breakpoint or watchpoint given as `text`."""

    step: int
    text: str


def stops_asked_for(arguments: argparse.Namespace, history: History, names: Names) -> list[tuple[str, Stop]]:
    """The breakpoints and watchpoints of the command line, each with its text.

    Errors: BadInput for an invalid one.
    """
    found: list[tuple[str, Stop]] = []
    for option, texts, read in (
        ("break", arguments.breaks, parse_break),
        ("watch", arguments.watches, parse_watch),
    ):
        for text in texts:
            try:
                stop = read(text, len(found) + 1, history, names)
            except BadInput as error:
                raise BadInput(f"--{option} {text[:60]!r}: {error.message}") from None
            found.append((f"{option} {text.strip()}", stop))
    return found


def first_hit(history: History, stops: list[tuple[str, Stop]], limit: int) -> Hit | None:
    """Run until a breakpoint or watchpoint is hit, the run ends, or it has `limit` steps.

    A run that has not started stops at step 0 if a breakpoint is there.
    """
    texts = {stop.number: text for text, stop in stops}
    kinds = [stop for _, stop in stops]
    done = history.total if history.total else -1
    while kinds:
        over = not _went_on(history, min(stride_of(kinds), limit - history.total))
        # Whether a call starts after the last step is known only after the next step.
        last = history.total if over else history.total - 1
        hit = next_hit(history, kinds, done, last)
        if hit is not None:
            return Hit(hit[0], texts[hit[1].number])
        if over:
            break
        done = last
    return None


def _went_on(history: History, steps: int) -> bool:
    try:
        return steps > 0 and history.extend(steps) == steps and history.branch.outcome is None
    except (BadInput, CapacityError):
        return False  # the printed run reaches this point too, and reports it
