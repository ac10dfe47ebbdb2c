"""The pages of a filter as a table: `:pages wired by queue`.

Without a filter, the pages in a special state.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from engine.constants import queue_name
from engine.debug.placements import nodes_of
from engine.language.naming import page_name
from engine.machine.machine import Machine
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet, table
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.page_list import SPECIAL, column_of, pages_of
from explorer.session.session import PageFilter, Session
from explorer.views.changes import writes
from explorer.views.labels import busy_words, flag_names

MOST = 150
"""Maximum number of pages listed; the rest is counted."""


@dataclass(frozen=True)
class PageLine:
    """A page of the list: its fields in words; verb: the command that goes to it."""

    number: str
    name: str
    queue: str
    busy: str
    counts: tuple[int, int, int]
    bits: str
    flags: str
    node: int
    verb: str
    changed: bool
    shown: bool


@dataclass(frozen=True)
class PagesRow:
    """The list: the filter, its order, the number of its pages, and the first MOST of them.

    since: the step at which a condition was evaluated, or -1 for a filter that follows the run.
    """

    text: str
    order: str
    total: int
    lines: tuple[PageLine, ...]
    since: int = -1


def look(session: Session) -> PagesRow:
    """The pages of the filter at the cursor."""
    chosen = session.page_filter or PageFilter(SPECIAL)
    pages = pages_of(session, chosen)
    first, step = pages[:MOST], session.history.step
    written = writes(session.history, step) if step else []
    changed = {index for place, index, _, _ in written if place.table == "page"}
    fields = [column_of(session, f"page.{name}")[first].tolist() for name in _FIELDS]
    nodes = nodes_of(session.vm, first).tolist()
    names, inspected, held = session.names, session.page, session.labels.held_pages()
    lines = tuple(
        _line(
            session.vm, m, node, page_name(session.vm, m, names, held), values,
            changed=m in changed, shown=m == inspected,
        )
        for m, node, values in zip(first.tolist(), nodes, zip(*fields, strict=True), strict=True)
    )  # fmt: skip
    order = f"{'-' if chosen.down else ''}{chosen.sort}"
    return PagesRow(chosen.text, order, pages.size, lines, -1 if chosen.pages is None else chosen.step)


_FIELDS = ("queue", "busy_count", "wire_count", "hold_count", "act_count", "valid", "dirty", "flags")


def _line(
    vm: Machine, m: int, node: int, name: str, values: tuple[int, ...], *, changed: bool, shown: bool
) -> PageLine:
    """Make a line of a page; values: those of _FIELDS."""
    queue, busy, wire, hold, act, valid, dirty, flags = values
    word = vm.page_word(m)
    return PageLine(
        number=word,
        name="" if name == word else name,
        queue=queue_name(queue),
        busy=busy_words(busy) if busy else "",
        counts=(wire, hold, act),
        bits=f"{valid:02x} {dirty:02x}",
        flags=_flag_words(flags),
        node=node,
        verb=f"page {vm.page_number(m)}",
        changed=changed,
        shown=shown,
    )


@cache
def _flag_words(flags: int) -> str:
    return "|".join(flag_names(flags))


# --- drawing ------------------------------------------------------------------------------------------------

HEAD = ("", "page", "name", "queue", "busy", "wire", "hold", "act", "valid dirty", "node", "flags")
_SORTED_BY = ("", "page", "object", "queue", "busy", "wire", "hold", "act", "dirty", "node", "")
"""What a click on each heading sorts by."""


def draw(row: PagesRow, width: int, height: int) -> Drawing:
    """Draw the filter, the headings, and a line for each page; a click on a heading sorts by it."""
    sheet = Sheet(width, height)
    since = f", found at step {row.since:,}" if row.since >= 0 else ""
    sheet.add(
        (f"{row.total:,} ", "bold"), (f"{row.text} by {row.order}", "label"), (since, "warn"),
        ("   :pages FILTER by FIELD, . and , go to a page" if width >= 90 else "", "faint"),
    )  # fmt: skip
    if not row.lines or sheet.room < 2:
        return sheet.drawing()
    lines = row.lines[: sheet.room - 1]
    for pieces in table([_heading(row), *map(_cells, lines)], "lllll" + "rrr" + "lrl", gap=1):
        sheet.add(*pieces)
    left = row.total - len(lines)
    if left and not sheet.room:
        sheet.rows.pop()
        left += 1
    if left:
        sheet.add((f"… {plural(left, 'more page')}", "dim"))
    return sheet.drawing()


def _heading(row: PagesRow) -> list[Part]:
    cells: list[Part] = []
    for word, field in zip(HEAD, _SORTED_BY, strict=True):
        sign = "-" if row.order == field else ""
        chosen = row.order.removeprefix("-") == field and bool(field)
        verb = f"pages {row.text} by {sign}{field}" if field else ""
        cells.append(Piece(word, "key" if chosen else "faint", verb))
    return cells


def _cells(one: PageLine) -> list[Part]:
    style = "new" if one.changed else ""
    wire, hold, act = one.counts
    return [
        (MARK if one.shown else " ", "focus"),
        Piece(one.number, "now" if one.shown else "key", one.verb),
        Piece(one.name, style, one.verb),
        (one.queue, style),
        (one.busy, style),
        (str(wire), style if wire else "faint"),
        (str(hold), style if hold else "faint"),
        (str(act), "faint"),
        (one.bits, ""),
        (str(one.node) if one.node >= 0 else "-", "dim"),
        (one.flags, "dim"),
    ]


PLACE = 42
LENS = Lens("pages", "pages", "the pages of a filter, as a table", look, draw)
