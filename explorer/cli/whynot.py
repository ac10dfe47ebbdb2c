"""`pageq whynot`: whether a page may be freed, cached, paged out, handed out or wired, and why not."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any, Final

from engine.debug.whynot import CONDITIONS, FUNCTIONS, Found, allowed, page_asked, whynot
from engine.language.naming import page_text
from explorer.cli.arguments import AT, SCENARIO, add_own_run
from explorer.text.cells import Cells, run_to
from explorer.views.verdict import DONE, goes, made_by

PLACE: Final = 105
HELP: Final = "Print whether a page may be freed, cached, paged out, handed out or wired, and why not."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq whynot`."""
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("what", metavar="WHAT", choices=list(CONDITIONS), help=", ".join(CONDITIONS))
    parser.add_argument("page", metavar="PAGE", help="a page number, or an expression such as app.m")
    parser.add_argument("--at", metavar="PLACE", default="end", help=f"the moment: {AT}; default end")
    add_own_run(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every condition of the kernel function, met or not; exit code 0 whatever the answer."""
    scenario, history, at = run_to(arguments)
    m = page_asked(history, arguments.page, scenario.names)
    found = whynot(history, arguments.what, m)
    cells = Cells(history, scenario.names)
    if arguments.json:
        print(json.dumps(_facts(cells, arguments.what, m, at, found)))
        return 0
    for line in _lines(cells, arguments.what, m, at, found):
        print(line)
    return 0


def _facts(cells: Cells, what: str, m: int, at: int, found: list[Found]) -> dict[str, Any]:
    return {
        "format": 1,
        "page": cells.history.vm.page_number(m),
        "what": what,
        "at": at,
        "allowed": allowed(found),
        "conditions": [_condition_facts(cells, one) for one in found],
    }


def _condition_facts(cells: Cells, one: Found) -> dict[str, Any]:
    return {
        "condition": one.condition,
        "met": one.met,
        "cell": cells.name(one.address),
        "value": cells.value(one.address, one.value),
        "step": one.step,
        "thread": cells.thread(one.thread),
        "function": one.function or None,
        "needed": one.needed,
    }


def _lines(cells: Cells, what: str, m: int, at: int, found: list[Found]) -> Iterator[str]:
    may, where = ("may", goes(found)) if allowed(found) else ("may not", "")
    page = page_text(cells.history.vm, m)
    yield f"{page} {may} be {DONE[what]} after step {at:,}{where}; {FUNCTIONS[what]} demands:"
    for one in sorted(found, key=lambda one: one.met):
        value = f"{cells.name(one.address)} = {cells.words(one.address, one.value)}"
        who = made_by(one, cells.thread(one.thread) or "an event", cells.history.origin)
        yield f"  {'met:    ' if one.met else 'NOT MET:'} {one.condition} ({value}, {who})"
