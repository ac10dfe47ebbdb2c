"""A transition diagram: the queue types, and the calls that have moved pages between them so far."""

from __future__ import annotations

from dataclasses import dataclass

import networkx

from engine.debug.in_play import LANES
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet, joined
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.moves import Move, moves
from explorer.views.rows import TYPES
from explorer.views.spans import length

ORDER = LANES[:-1]
"""The types from left to right, ordered so that most pages move to the right during their lives."""

WIDE = 60
"""Minimum width for a table with all its columns."""

DIAGRAM_WIDTH, DIAGRAM_HEIGHT = 76, 12
"""Minimum size for boxes and arrows; a smaller panel has a table."""


@dataclass(frozen=True)
class MovesRow:
    """The pages on each type at the cursor, and the moves so far; `step` is the cursor's step."""

    pages: tuple[tuple[str, int], ...]
    moves: tuple[Move, ...]
    step: int

    @property
    def latest(self) -> Move | None:
        """The kind of the last move."""
        return max(self.moves, key=lambda move: move.last, default=None)


def look(session: Session) -> MovesRow:
    """The moves of this branch up to the cursor."""
    history, vm = session.history, session.vm
    session.unqueued.bring_to(history)
    sums = vm.memory.vector("queue.lcnt")[1:].reshape(len(TYPES) - 1, -1).sum(axis=1)
    pages = {**dict(zip(TYPES[:-1], map(int, sums), strict=True)), "NONE": int(session.unqueued.counts.sum())}
    return MovesRow(tuple((name, pages[name]) for name in ORDER), moves(history), history.step)


def graph(row: MovesRow) -> networkx.MultiDiGraph:
    """The types as nodes and the kinds of moves as edges, keyed by the call, with counts as weights."""
    found = networkx.MultiDiGraph()
    for name, pages in row.pages:
        found.add_node(name, pages=pages)
    for move in row.moves:
        found.add_edge(move.source, move.target, key=move.function, count=move.count)
    return found


def draw(row: MovesRow, width: int, height: int) -> Drawing:
    """Draw boxes and arrows if they fit, else a table."""
    if width >= DIAGRAM_WIDTH and height >= DIAGRAM_HEIGHT:
        return _diagram(row, width, height)
    return _table(row, width, height)


# --- as a table ---------------------------------------------------------------------------------------------


def _table(row: MovesRow, width: int, height: int) -> Drawing:
    sheet = Sheet(width, height)
    shown, hidden = _chosen(row, height - 1 if height > 4 else height)
    if height > 4:
        sheet.add(*_totals(row, width))
    if not row.moves:
        sheet.add(("no page has moved yet", "dim"))
    cells = [_cells(move, aligned=width >= WIDE) for move in shown]
    sizes = [max(map(len, texts)) for texts in zip(*cells, strict=True)]
    for move, texts in zip(shown, cells, strict=True):
        sheet.add(*_table_line(row, move, texts, sizes, width))
    if hidden:
        sheet.add((f"  … {plural(hidden, 'more kind')} of moves", "dim"))
    return sheet.drawing()


def _totals(row: MovesRow, width: int) -> list[Part]:
    """The number of pages of each type; empty types only if they fit."""
    full: list[Part] = [piece for name, n in row.pages for piece in ((f"{name} ", "label"), f"{n:,}  ")]
    if length(full) <= width:
        return full
    return [piece for name, n in row.pages if n for piece in ((f"{name} ", "label"), f"{n:,}  ")]


def _cells(move: Move, *, aligned: bool) -> tuple[str, str, str, str]:
    """The texts of a move: source and target, count, call, and last step."""
    way = f"{move.source:>8} → {move.target}" if aligned else f"{move.source}→{move.target}"
    return way, f"×{move.count:,}", move.function or "the script", f"step {move.last:,}"


def _table_line(
    row: MovesRow, move: Move, texts: tuple[str, ...], sizes: list[int], width: int
) -> list[Part]:
    way, count, function, last = texts
    style = _style(row, move)
    pieces: list[Part] = [
        (f"{MARK} " if move is row.latest else "  ", "now"),
        (f"{way:<{sizes[0]}}", style),
        (f" {count:>{sizes[1]}} ", style),
        function,
    ]
    if width >= WIDE:
        pieces += [
            " " * (sizes[2] - len(function)),
            ("  last at ", "dim"),
            Piece(last, "dim", f"goto {move.last}"),
        ]
    return pieces


def _style(row: MovesRow, move: Move) -> str:
    """The style of a move: highlighted if the last step made it, bold if it is the latest one."""
    if move is not row.latest:
        return ""
    return "new" if move.last == row.step else "now"


def _chosen(row: MovesRow, room: int) -> tuple[list[Move], int]:
    """The most recent moves that fit, in order of first occurrence; and how many are omitted."""
    if len(row.moves) <= room:
        return list(row.moves), 0
    lately = sorted(row.moves, key=lambda move: -move.last)[: max(room - 1, 0)]
    return [move for move in row.moves if move in lately], len(row.moves) - len(lately)


# --- as boxes and arrows ------------------------------------------------------------------------------------


def _diagram(row: MovesRow, width: int, height: int) -> Drawing:
    sheet = Sheet(width, height)
    middle = {name: n * (width // len(ORDER)) + width // len(ORDER) // 2 for n, name in enumerate(ORDER)}
    for boxes in _boxes(row, width // len(ORDER)):
        sheet.add(*boxes)
    shown, hidden = _chosen(row, sheet.room - 1)
    airy = sheet.room > 2 * len(shown) + 1
    for move in shown:
        if airy:
            sheet.add(*_lifelines(middle, width))
        _add_arrow(sheet, row, move, middle)
    if not row.moves:
        sheet.add(("no page has moved yet; each kind of move gets an arrow here", "dim"))
    elif hidden:
        sheet.add((f"… {plural(hidden, 'more kind')} of moves, the oldest", "dim"))
    elif sheet.room:
        sheet.add(("● from  ▶ to  ×N times so far  +in -out  ", "dim"), (MARK, "now"), (" the latest", "dim"))
    return sheet.drawing()


def _boxes(row: MovesRow, room: int) -> list[list[Part]]:
    """The lines of six boxes side by side: name, pages, and arrivals and departures in this branch."""
    size = min(room - 2, 20)
    net = graph(row)
    came, went = net.in_degree(weight="count"), net.out_degree(weight="count")
    lines: list[list[Part]] = [[] for _ in range(5)]
    for name, pages in row.pages:
        latest = row.latest is not None and row.latest.last == row.step
        hit = latest and row.latest is not None and name in (row.latest.source, row.latest.target)
        inside = (
            (name, "now"),
            (f"{pages:,}", "new" if hit else ""),
            (f"+{came[name]:,} -{went[name]:,}", "dim"),
        )
        texts: list[list[Part]] = [[("┌" + "─" * (size - 2) + "┐", "faint")]]
        texts += [_inside(text, style, size, hit and n == 1) for n, (text, style) in enumerate(inside)]
        texts += [[("└" + "┬".center(size - 2, "─") + "┘", "faint")]]
        left = room // 2 - size // 2
        for line, pieces in zip(lines, texts, strict=True):
            line += [" " * left, *pieces, " " * (room - left - size)]
    return lines


def _inside(text: str, style: str, size: int, changed: bool) -> list[Part]:
    text = f"{MARK}{text}" if changed else text
    before = (size - 2 - len(text)) // 2
    after = size - 2 - len(text) - before
    return [("│", "faint"), " " * before, (text, style), " " * after, ("│", "faint")]


def _lifelines(middle: dict[str, int], width: int) -> list[tuple[str, str]]:
    """The cells of a line with a bar below the box of each type."""
    cells: list[tuple[str, str]] = [(" ", "")] * width
    for at in middle.values():
        cells[at] = ("│", "faint")
    return cells


def _add_arrow(sheet: Sheet, row: MovesRow, move: Move, middle: dict[str, int]) -> None:
    """Add a line with an arrow between the columns of two types, and its label on or beside it."""
    style, cells = _style(row, move), _lifelines(middle, sheet.width)
    source, target = middle[move.source], middle[move.target]
    begin, end = sorted((source, target))
    cells[begin : end + 1] = [("─", style or "dim")] * (end + 1 - begin)
    cells[source] = ("●", style or "now")
    cells[target] = ("↺" if source == target else "▶" if source < target else "◀", style or "now")
    _, count, function, _ = _cells(move, aligned=False)
    label = f" {MARK if move is row.latest else ''}{function} {count} "
    at = _label_at(label, begin, end, sheet.width)
    label = label[: sheet.width - at]
    cells[at : at + len(label)] = [(char, style) for char in label]
    first, beyond = min(at, begin), max(at + len(label), end + 1)
    verbs = (f"goto {move.last}" if first <= x < beyond else "" for x in range(sheet.width))
    sheet.add(*joined(Piece(*cell, verb) for cell, verb in zip(cells, verbs, strict=True)))


def _label_at(label: str, begin: int, end: int, width: int) -> int:
    """The column of a label: on the arrow, after it, or before it."""
    if len(label) <= end - begin - 3:
        return begin + (end - begin - len(label)) // 2 + 1
    return end + 1 if end + 1 + len(label) <= width else max(begin - len(label), 0)


PLACE = 50
LENS = Lens("moves", "moves between queues", "the calls that have moved pages between queues", look, draw)
