"""The search of the last page allocation: the colours in the order visited, and the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.constants import NULL
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet, joined, newest
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.queues import band_of
from explorer.views.search import SearchPath, Visit, search_path
from explorer.views.spans import axis, wrapped

ORDER: Final = "123456789abcdefghijklmnopqrstuvwxyz"
"""The glyphs of the first visits; later visits have a plus."""

NAME: Final = 10
"""Width of the label before a strip."""


@dataclass(frozen=True)
class SearchRow:
    """A search, and the names that need the machine.

    band: the node or socket of the requested colour. page: the page found. aside: the pages put aside.
    """

    path: SearchPath
    thread: str
    band: str
    page: str
    aside: tuple[str, ...]
    colors: int
    step: int


def look(session: Session) -> SearchRow:
    """The search of the last allocation."""
    path, labels, vm = search_path(session.history), session.labels, session.vm
    band = band_of(vm, path.asked) if path.asked != NULL else ""
    aside = tuple(labels.page(m) for m in path.put_aside)
    page = labels.page(path.found) if path.found != NULL else ""
    return SearchRow(path, labels.thread(path.thread), band, page, aside, vm.colors, session.history.step)


def sentence(row: SearchRow) -> str:
    """Describe a search in one sentence."""
    path = row.path
    if not path.step:
        return "no page allocated in this run yet"
    if path.asked == NULL:
        return f"{row.thread} {_REFUSED if path.over else 'asks for a page; no queue looked at yet'}"
    text = f"{row.thread} asked for colour {path.asked} of {row.band}: "
    if path.began != path.asked:
        text += f"started at colour {path.began}, where lastq says a far search ended; "
    if path.window > 1:
        text += f"widened to {path.window:,} colours, "
    text += f"looked at {plural(path.looked, 'queue')}"
    return f"{text}, {_end(row)}"


_REFUSED: Final = "asked for a page and got none: memory is too short to look at any queue"


def _end(row: SearchRow) -> str:
    path = row.path
    used = f"found page {row.page} "
    if path.found_at is not None:
        base, color = path.found_at
        end = f"{used}there" if path.looked == 1 else f"{used}at {base}[{color}]"
        if path.remembered != NULL:
            end += f"; remembered colour {path.remembered} in lastq"
    else:
        end = "found none" if path.over else "found none yet"
    if row.aside:
        pages = ", ".join(row.aside[:3]) + (", …" if len(row.aside) > 3 else "")
        end += f" (before that: {pages}, not usable)"
    return end


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: SearchRow, width: int, height: int) -> Drawing:
    """Draw the sentence, a strip of colours for each queue type, and the visits that fit."""
    sheet = Sheet(width, height)
    new = bool(row.path.visits) and row.path.visits[-1].step == row.step
    for n, text in enumerate(wrapped(sentence(row), width - 2)):
        sheet.add((f"{MARK} " if new and not n else "  ", "now"), (text, "now"))
    if row.path.visits:
        _add_strips(sheet, row)
        _add_visits(sheet, row)
    return sheet.drawing()


def _span(row: SearchRow) -> tuple[int, int]:
    """The range of colours in a strip: the widest window, extended to the requested colour."""
    path = row.path
    size = max(path.window, min(16, row.colors))
    first = path.began & ~(size - 1)
    return min(first, path.asked), max(first + size, path.asked + 1)


def _add_strips(sheet: Sheet, row: SearchRow) -> None:
    """Add a strip for each queue type searched; a cell's glyph is the number of the visit."""
    first, beyond = _span(row)
    room = max(sheet.width - NAME - 1, 1)
    # A cell is a power of two of colours: windows are aligned blocks, so they end at a cell boundary.
    each = 1 << (-(-(beyond - first) // room) - 1).bit_length()
    cells = -(-(beyond - first) // each)
    _add_axis(sheet, row, first, each, cells)
    types = list(dict.fromkeys(visit.base for visit in row.path.visits))
    for base in types:
        _add_strip(sheet, row, base, first, each, cells)
    if each > 1 and sheet.room:
        sheet.add(" " * NAME, (f"a cell is {each} colours; its glyph is its first visit", "dim"))


def _add_axis(sheet: Sheet, row: SearchRow, first: int, each: int, cells: int) -> None:
    """Add the numbers of the colours, and an arrow above the requested one."""
    at = (row.path.asked - first) // each
    numbers = axis(((n, str(first + n * each)) for n in range(0, cells, 8)), cells, range(at, at + 1))
    line = [Piece(char, "" if char == " " else "dim") for char in numbers]
    line[at] = Piece("▼", "now")
    sheet.add((f"{'colour':<{NAME}}", "label"), *joined(line))


def _add_strip(sheet: Sheet, row: SearchRow, base: str, first: int, each: int, cells: int) -> None:
    line = [Piece("·", "faint")] * cells
    for n, visit in enumerate(row.path.visits):
        at = (visit.color - first) // each
        if visit.base != base or not 0 <= at < cells:
            continue
        text, style, _ = line[at]
        if visit.page != NULL:
            text, style = "■", "new" if row.path.found_at == (base, visit.color) else "warn"
        elif text == "·":
            text, style = ORDER[n] if n < len(ORDER) else "+", "now" if visit.step == row.step else ""
        line[at] = Piece(text, style, f"color {base} {visit.color}")
    sheet.add((f"{base:<{NAME}}", "label"), *joined(line))


def _add_visits(sheet: Sheet, row: SearchRow) -> None:
    """Add the visits in words; the last ones if they do not all fit."""
    numbered = list(enumerate(row.path.visits, 1))
    shown, hidden = newest(numbered, sheet.room)
    if hidden and sheet.room:
        sheet.add(("  … ", "dim"), (f"{plural(hidden, 'earlier visit')}", "dim"))
    window = 0
    for n, visit in shown:
        sheet.add(*_visit_pieces(row, n, visit, visit.window != window))
        window = visit.window


def _visit_pieces(row: SearchRow, n: int, visit: Visit, wider: bool) -> list[Part]:
    now = visit.step == row.step
    pieces: list[Part] = [
        (f"{MARK} " if now else "  ", "now"),
        (f"{n:>4} ", "dim"),
        Piece(f"step {visit.step:<7,}", "key", f"goto {visit.step}"),
        Piece(f" {visit.base}[{visit.color}]", "new" if now else "", f"color {visit.base} {visit.color}"),
    ]
    if visit.window == 1:
        pieces.append((", the requested colour", "label"))
    elif wider:
        pieces.append((f", window of {visit.window:,} colours", "label"))
    if visit.page != NULL:
        used = visit.page == row.path.found and visit is row.path.visits[-1]
        pieces.append(
            (
                f": took page {row.page}" if used else ": took an unusable page",
                "good" if used else "warn",
            )
        )
    return pieces


PLACE = 60
LENS = Lens("search", "search path", "where the last allocation looked for its page", look, draw)
