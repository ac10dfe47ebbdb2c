"""`pageq biography`: every change of a page, a queue or an object."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine.constants import BASE_NAMES, PQ_NONE, QUEUE_BASES, queue_name
from engine.debug.biography import Chapter, Stay, biography, fields_of, lengths, stays
from engine.errors import BadInput
from engine.language.naming import object_at, object_text, page_text, queue_text
from engine.language.symbols import Names, page_at, queue_at, queue_base, read_number
from engine.machine.bookkeeping import LISTS, LOCKS
from engine.machine.machine import Machine
from engine.run.history import History
from engine.words import plural
from explorer.cli.arguments import AT, SCENARIO, add_own_run
from explorer.text.cells import Cells, run_to

PLACE: Final = 110
HELP: Final = "Print every change of a page, a queue or an object during a run."

FORMS: Final = "use page 0x40, queue FREE[5] or object heap"

_SUBJECT: Final = re.compile(r"(page|queue|object)\s+(\S.*)", re.ASCII)
_QUEUE: Final = re.compile(r"(\w+)\s*\[\s*(\w+)\s*\]", re.ASCII)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq biography`."""
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument(
        "subject", nargs="+", metavar="SUBJECT", help="such as page 0x40, queue FREE[5] or object heap"
    )
    parser.add_argument("--at", metavar="STEP", default="end", help=f"stop there: {AT}; default end")
    parser.add_argument("--all", action="store_true", help="include locks and list links")
    add_own_run(parser)


@dataclass(frozen=True)
class Subject:
    """The page, queue or object: its table, its row, and its name as a CELL."""

    table: str
    index: int
    text: str


def run(arguments: argparse.Namespace) -> int:
    """Print the biography of a subject up to a moment."""
    scenario, history, at = run_to(arguments)
    subject = read_subject(history.vm, " ".join(arguments.subject), scenario.names)
    cells = Cells(history, scenario.names)
    chapters = biography(history, _addresses(history.vm, subject, arguments.all), 0, at)
    places = _places(history, subject, at)
    if arguments.json:
        print(json.dumps(_facts(cells, subject, at, chapters, places)))
        return 0
    for line in _lines(cells, subject, at, chapters, places):
        print(line)
    return 0


def read_subject(vm: Machine, text: str, names: Names) -> Subject:
    """Parse the name of a page, a queue or an object.

    Errors: BadInput if the name is invalid or does not exist.
    """
    found = _SUBJECT.fullmatch(text.strip())
    if found is None:
        raise BadInput(f"{text[:60]!r} is not a page, a queue or an object; {FORMS}")
    table, word = found[1], found[2].strip()
    if table == "page":
        m = page_at(vm, read_number(word, "a page"))
        return Subject(table, m, page_text(vm, m))
    if table == "object":
        obj = object_at(vm, word, names)
        return Subject(table, obj, object_text(vm, obj, names))
    parts = _QUEUE.fullmatch(word)
    base = None if parts is None else queue_base(parts[1])
    if parts is None or not base:
        kinds = ", ".join(name for name, base in QUEUE_BASES.items() if base)
        raise BadInput(f"{word[:60]!r} is not a queue; use TYPE[COLOR] with one of the types {kinds}")
    q = queue_at(base, read_number(parts[2], "a colour"))
    return Subject(table, q, queue_text(q))


def _addresses(vm: Machine, subject: Subject, everything: bool) -> list[int]:
    """Return the addresses of the subject's fields; of an object, also those of its pages."""
    memory = vm.memory
    left_out = frozenset() if everything else LISTS | LOCKS
    fields = (
        (address, memory.place_of(address)[0]) for address in fields_of(vm, subject.table, subject.index)
    )
    found = [address for address, place in fields if f"{place.table}.{place.name}" not in left_out]
    if subject.table == "object":
        slots = (slot for (obj, _), slot in vm.resident_slots.slots.items() if obj == subject.index)
        found += [memory.address("resident.page", slot) for slot in slots]
    return found


Places = list[Stay] | list[tuple[int, int]]
"""The queues that a page was on, or the lengths of a queue, each with its first step; empty for an object."""


def _places(history: History, subject: Subject, at: int) -> Places:
    if subject.table == "page":
        return [stay for stay in stays(history, subject.index) if stay.step <= at]
    if subject.table == "queue":
        return [entry for entry in lengths(history, subject.index) if entry[0] <= at]
    return []


# --- JSON -------------------------------------------------------------------------------------------------


def _facts(
    cells: Cells, subject: Subject, at: int, chapters: list[Chapter], places: Places
) -> dict[str, Any]:
    facts: dict[str, Any] = {"format": 1, "subject": subject.text, "at": at}
    facts["changes"] = [_chapter_facts(cells, chapter) for chapter in chapters]
    if subject.table == "page":
        facts["queues"] = [_stay_facts(stay) for stay in places if isinstance(stay, Stay)]
    if subject.table == "queue":
        facts["lengths"] = [list(entry) for entry in places if isinstance(entry, tuple)]
    return facts


def _chapter_facts(cells: Cells, chapter: Chapter) -> dict[str, Any]:
    changes = [
        [cells.name(c.address), cells.value(c.address, c.old), cells.value(c.address, c.new)]
        for c in chapter.changes
    ]
    thread = cells.thread(chapter.thread)
    return {
        "step": chapter.step,
        "thread": thread,
        "cpu": chapter.cpu,
        "action": chapter.action,
        "changes": changes,
    }


def _stay_facts(stay: Stay) -> dict[str, Any]:
    color = None if stay.base == PQ_NONE else stay.color
    return {"step": stay.step, "queue": _type(stay), "color": color, "node": stay.node}


def _type(stay: Stay) -> str:
    return BASE_NAMES[stay.base]


# --- text -------------------------------------------------------------------------------------------------


def _lines(cells: Cells, subject: Subject, at: int, chapters: list[Chapter], places: Places) -> Iterator[str]:
    yield f"{subject.text}: changed by {plural(len(chapters), 'step')} up to step {at:,}"
    if places:
        yield from _line_over_time(places)
    table = [_row(cells, subject, chapter) for chapter in chapters]
    if not table:
        return
    yield ""
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    for step, who, action, changes in table:
        yield f"{step:>{widths[0]}}  {who:<{widths[1]}}  {action:<{widths[2]}}  {changes}".rstrip()


def _line_over_time(places: Places) -> Iterator[str]:
    first = places[0]
    if isinstance(first, Stay):
        node = "no node" if first.node is None else f"node {first.node}"
        stations = [f"{_station(stay)} @{stay.step}" for stay in places if isinstance(stay, Stay)]
        yield f"colour {first.color}, {node}"
        yield "on " + " -> ".join(stations)
    else:
        yield "pages " + " -> ".join(
            f"{entry[1]} @{entry[0]}" for entry in places if isinstance(entry, tuple)
        )


def _station(stay: Stay) -> str:
    return "NONE" if stay.base == PQ_NONE else queue_name(stay.base + stay.color)


def _row(cells: Cells, subject: Subject, chapter: Chapter) -> tuple[str, str, str, str]:
    who = cells.thread(chapter.thread) or "(event)"
    changes = [
        f"{cells.name(c.address).removeprefix(f'{subject.text}.')} "
        f"{cells.words(c.address, c.old)} -> {cells.words(c.address, c.new)}"
        for c in chapter.changes
    ]
    return str(chapter.step), who, chapter.action, "; ".join(changes)
