"""The page inspector: struct vm_page field by field, with old → new if the last step changed the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.constants import NULL
from explorer.views.labels import BUSY, FLAGS, SHORT_FLAGS, busy_words, flag_names
from explorer.views.page import near
from explorer.views.rows import PageRow
from explorer.views.spans import Line, Span, length, line, rule

_SHORT_FLAGS: Final = {flag: short for short, flag in SHORT_FLAGS.items()}
LABEL = 7
OFF = "."
"""A bit that is not set; not the map's `·`, whose ASCII twin is a blank."""


FULL: Final = 13
"""Lines of the full form without the verdict."""


def page_lines(row: PageRow | None, width: int, height: int, *, focused: bool, part: str = "") -> list[Line]:
    """Format the panel in `height` lines: the full form from FULL lines, otherwise the short form.

    Below the title is the verdict; at a panic about the page, the fields of the failed check are next in the
    short form.
    part: the part of the lines that is visible, for the title.
    """
    if row is None:
        return [
            rule(line(("page", "title")), width, focused=focused),
            line(("no step has changed a page yet", "dim")),
            line(("←→↑↓ choose a tile, / a page by number", "dim")),
        ]
    title = _title(row, width, part, focused=focused)
    full = height >= FULL
    label = _LABELS[row.field][0 if full else -1] if row.field else ""
    lines = _full(row) if full else _checked_first(row, _short(row))
    lit = {_LABELS[name][0 if full else -1] for name in row.lit if name in _LABELS}
    if full and row.verdict is not None and height == FULL:
        lines.pop()  # the colour, which is in the title
    return [title, *_verdict(row, width), *(_lit(_pointed(spans, label), lit) for spans in lines)]


def _verdict(row: PageRow, width: int) -> list[Line]:
    """Format what can be done with the page: `freed: no - wire_count 1 since step 131`, as far as it fits."""
    if row.verdict is None:
        return []
    text = row.verdict.fitting(width)
    head, _, rest = text.partition(" - ")
    return [line((head, "good" if row.verdict.allowed else "warn"), (f" - {rest}" if rest else "", ""))]


def _checked_first(row: PageRow, lines: list[Line]) -> list[Line]:
    """Move the lines of the fields that the failed check of a panic read to the top."""
    wanted = [_LABELS[name][-1] for name in row.checked if name in _LABELS]
    ranks = {label: n for n, label in enumerate(dict.fromkeys(wanted))}
    return sorted(lines, key=lambda spans: ranks.get(spans[0][0].strip(), len(ranks)))


_LABELS = {
    "queue": ("queue",), "busy_count": ("busy",), "flags": ("flags",), "valid": ("valid",),
    "dirty": ("valid",), "object": ("object", "of"), "pindex": ("object", "of"), "pc": ("colour",),
    "wire_count": ("counts", "of"), "hold_count": ("counts", "of"), "act_count": ("counts", "of"),
    "spin": ("spin", "queue"),
}  # fmt: skip
"""Field -> the label of its line: the first in the full form, the last in the short form."""


def _lit(spans: Line, labels: set[str]) -> Line:
    """Mark the label of the line if it is that of a field that the lesson asks to look at."""
    text = spans[0][0] if spans else ""
    if not text.strip() or text.strip() not in labels:
        return spans
    word = f"◈{text.rstrip()}"
    return ((word, "lit"), (" " * max(len(text) - len(word), 1), ""), *spans[1:])


def _pointed(spans: Line, label: str) -> Line:
    """Mark the label of the line if it is that of the selected field."""
    if not label or not spans or spans[0][0].strip() != label:
        return spans
    text = spans[0][0]
    return ((f"▸{text.rstrip()}".ljust(len(text))[: max(len(text), 1)], "focus"), *spans[1:])


def _title(row: PageRow, width: int, part: str, *, focused: bool) -> Line:
    """Format the title: the page's name and number, and its colour if there is room."""
    number = f"{row.number:#x}" if row.number >= 0 else f"fake {-row.number}"
    name = () if row.name in ("", number) else ((f"{row.name} ", "now"),)
    how = line(("follows", "dim") if row.following else ("pinned", "warn"))
    how = line((f"{part}  ", "dim"), *how) if part else how
    title = line(("page ", "title"), *name, (number, "title" if name else "now"))
    color = line((f" colour {row.values['pc']}", "title"))
    # The rule has six columns of its own, and three beside the text at the right.
    roomy = length((*title, *color, *how)) + 9 <= width
    return rule((*title, *color) if roomy else title, width, focused=focused, right=how)


def _full(row: PageRow) -> list[Line]:
    values, old = row.values, row.old
    return [
        _field("queue", _arrow(row.old_queue, row.queue)),
        _field("busy", [*_busy(row), (f"  {values['busy_count']:#010x}", "dim")]),
        _busy_cells(values["busy_count"], old.get("busy_count")),
        _field("flags", _flags(row)),
        *_flag_mask(values["flags"], old.get("flags")),
        _bits_line(row),
        _field("object", _object(row)),
        _field("counts", _counts(row)),
        _field("spin", _spin(row)),
        _field("addr", [(f"{row.address:#x}", ""), (f" on {row.node}", "dim"), *_local(row)]),
        _field("colour", [(f"{values['pc']}", ""), (f" of {row.band}", "dim")]),
    ]


def _short(row: PageRow) -> list[Line]:
    return [
        line(("queue ", "label"), *_arrow(row.old_queue, row.queue), ("  spin ", "label"), *_spin(row)),
        line(("busy  ", "label"), *_switches(row.values["busy_count"]), " ", *_busy(row)),
        line(("flags ", "label"), *_flags(row)),
        _bits_line(row, short=True),
        line(("of    ", "label"), *_place(row), "  ", *_counts(row)),
        line(("addr  ", "label"), (f"{row.address:#x}", ""), (f" {row.node}", "dim"), *_local(row)),
    ]


def _busy(row: PageRow) -> list[Span]:
    return _number(row.values, row.old, "busy_count", busy_words)


def _flags(row: PageRow) -> list[Span]:
    return _number(row.values, row.old, "flags", lambda flags: "|".join(flag_names(flags)) or "none")


def _field(label: str, spans: list[Span] | Line) -> Line:
    return ((label.ljust(LABEL), "label"), *spans)


def _arrow(old: str, new: str) -> list[Span]:
    """Format `old→new`, or only the value if it did not change."""
    return [(old, "dim"), ("→", "dim"), (new, "new")] if old else [(new, "")]


def _number(
    values: Mapping[str, int], old: Mapping[str, int], name: str, words: Callable[[int], str] = str
) -> list[Span]:
    return _arrow(words(old[name]) if name in old else "", words(values[name]))


def _switches(busy: int) -> list[Span]:
    """Format LOCKED, WANTED and SWAPINPROG as filled or empty squares with their letter."""
    return [(f"■{name[0]} ", "now") if busy & bit else (f"□{name[0]} ", "dim") for bit, name in BUSY.items()]


def _busy_cells(busy: int, old: int | None) -> Line:
    """Format busy_count as 32 cells: L, W, S, and 29 bits of soft count; changed bits are reversed."""
    changed = 0 if old is None else busy ^ old
    spans: list[Span] = [(" " * 3, "")]
    for at in range(31, -1, -1):
        on = busy >> at & 1
        letter = BUSY.get(1 << at, "1")[0] if on else OFF
        spans.append((letter, "new" if changed >> at & 1 else "now" if on else "faint"))
        if at == 29:
            spans.append((" ", ""))
    return tuple(spans)


def _flag_mask(flags: int, old: int | None) -> list[Line]:
    """Format the PG_ flags as two lines of seven fixed positions."""
    changed = 0 if old is None else flags ^ old
    places: list[Span] = []
    for value, name in FLAGS.items():
        on = bool(flags & value)
        style = "new" if changed & value else "now" if on else "faint"
        places += [(_SHORT_FLAGS[name] if on or changed & value else OFF * 3, style), (" ", "")]
    return [((" " * LABEL, ""), *places[:14]), ((" " * LABEL, ""), *places[14:])]


def _bits_line(row: PageRow, *, short: bool = False) -> Line:
    """Format valid and dirty, a square for each of the eight 512-byte chunks, chunk 0 first."""
    head = "valid " if short else "valid".ljust(LABEL)
    zeroed = [(f"  {row.zeroed}", "new")] if row.zeroed else []
    return line(
        (head, "label"), *_squares(row, "valid"), ("  dirty " if not short else " dirty ", "label"),
        *_squares(row, "dirty"), *zeroed,
    )  # fmt: skip


def _squares(row: PageRow, name: str) -> list[Span]:
    value = row.values[name]
    changed = value ^ row.old[name] if name in row.old else 0
    return [
        ("■" if value >> bit & 1 else "□", _bit_style(value >> bit & 1, changed >> bit & 1))
        for bit in range(8)
    ]


def _bit_style(on: int, changed: int) -> str:
    return "new" if changed else "now" if on else "dim"


def _object(row: PageRow) -> list[Span]:
    changed = "object" in row.old
    if row.values["object"] == NULL:
        return [("none", "new" if changed else "dim")]
    return [
        (row.owner, "new" if changed else ""),
        (" pindex ", "dim"),
        *_number(row.values, row.old, "pindex"),
    ]


def _place(row: PageRow) -> list[Span]:
    """Format object and pindex in the short form: `heap[0]`."""
    style = "new" if "object" in row.old else "" if row.values["object"] != NULL else "dim"
    return [(f"{row.owner}[{row.values['pindex']}]" if row.values["object"] != NULL else "none", style)]


def _counts(row: PageRow) -> list[Span]:
    spans: list[Span] = []
    for label, name in (("wire ", "wire_count"), (" hold ", "hold_count"), (" act ", "act_count")):
        spans += [(label, "label"), *_number(row.values, row.old, name)]
    return spans


def _spin(row: PageRow) -> list[Span]:
    return [(row.spin, "new" if "spin" in row.old else "dim" if row.spin == "free" else "warn")]


def _local(row: PageRow) -> list[Span]:
    words = near(row)
    return [(f" {'✓' if row.local else '≠'} {words}", "good" if row.local else "warn")] if words else []
