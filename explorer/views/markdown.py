"""Markdown as lines of styled text, wrapped to a width: the part of it that lessons use.

Headings, paragraphs, lists, quotes, tables, fenced code; code spans, bold, emphasis and links. A link of a
lesson has the style LINK and its target. Anything else is shown as it is written. A library would add 40 ms
to the start of a screen that shows a lesson at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import takewhile, zip_longest
from typing import Final

from engine.scenario.lesson import LINKS
from explorer.views.spans import Line, columns, cut, filled, length, wrapped_spans

INLINE: Final = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\*\*(?P<bold>\S(?:.*?\S)??)\*\*"
    r"|(?<![\w*])\*(?P<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"
    r"|\[(?P<link>[^\]]+)\]\((?P<target>[^)\s]+)\)"
)
"""A piece of a paragraph with a style of its own."""

_ITEM: Final = re.compile(r"(?P<indent> *)(?P<mark>[-*+]|\d{1,3}[.)]) +(?P<text>.*)")
_HEADING: Final = re.compile(r"#{1,6} +(?P<text>.*?) *#* *$")
_RULE_OF_TABLE: Final = re.compile(r"[\s|:-]+")

FENCE: Final = "```"
"""The start of the line before a block of code, and of the line after it."""

LINK: Final = "link "
"""The start of the style of a link that can be followed; its kind and its target come after it."""

LEAST: Final = 8
"""The fewest columns of a cell of a table; a table without room for that has a line for each cell."""


@lru_cache(64)
def markdown_lines(text: str, width: int) -> tuple[Line, ...]:
    """Format Markdown as lines of at most `width` columns; one empty line between two blocks."""
    lines = text.expandtabs(4).split("\n")
    found: list[Line] = []
    at, tight = 0, False
    while at < len(lines):
        if not lines[at].strip():
            at, tight = at + 1, False
            continue
        take = _block_at(lines[at])
        block, at = take(lines, at, max(width, 1))
        if found and not tight:
            found.append(())
        found += block
        # The items of a list, and a text right under its heading, follow without an empty line.
        tight = take in (_item, _heading)
    return tuple(found)


_Block = tuple[list[Line], int]
"""The lines of a block, and the number of the line after it."""


def _block_at(line: str) -> Callable[[list[str], int, int], _Block]:
    if line.lstrip().startswith(FENCE):
        return _fence
    if line.lstrip().startswith("|"):
        return _table
    if line.startswith(">"):
        return _quote
    if _HEADING.fullmatch(line):
        return _heading
    return _item if _ITEM.fullmatch(line) else _paragraph


def inline(text: str, style: str = "") -> Line:
    """Format the code spans, bold, emphasis and links of a text."""
    found, at = [], 0
    for match in INLINE.finditer(text):
        found.append((text[at : match.start()], style))
        at = match.end()
        if match["code"] is not None:
            found.append((match["code"].strip(), "inline-code"))
        elif match["bold"] is not None:
            found += inline(match["bold"], "bold")
        elif match["emphasis"] is not None:
            found += inline(match["emphasis"], "emphasis")
        else:
            kind, colon, _ = match["target"].partition(":")
            followed = colon and kind in LINKS
            found.append((match["link"], f"{LINK}{match['target']}" if followed else "link"))
    return tuple(span for span in (*found, (text[at:], style)) if span[0])


def first_sentence(text: str) -> Line:
    """Format the first sentence of the first paragraph; an empty line if there is none."""
    lines = text.split("\n")
    at = next((n for n, line in enumerate(lines) if line.strip() and _block_at(line) is _paragraph), None)
    if at is None:
        return ()
    said, _ = _run(lines, at)
    end = re.search(r"[.!?](?=\s)", said)
    return inline(said[: end.end()] if end else said)


# --- blocks -----------------------------------------------------------------------------------------------


def _run(lines: list[str], at: int) -> tuple[str, int]:
    """Join the lines of a paragraph; return the text, and the number of the line after it."""
    more = takewhile(lambda line: line.strip() and _block_at(line) is _paragraph, lines[at + 1 :])
    texts = [lines[at], *more]
    return " ".join(text.strip() for text in texts), at + len(texts)


def _paragraph(lines: list[str], at: int, width: int) -> _Block:
    text, at = _run(lines, at)
    return wrapped_spans(inline(text), width), at


def _heading(lines: list[str], at: int, width: int) -> _Block:
    match = _HEADING.fullmatch(lines[at])
    return wrapped_spans(inline(match["text"] if match else "", "bold"), width), at + 1


def _quote(lines: list[str], at: int, width: int) -> _Block:
    quoted = [
        line.removeprefix(">").strip() for line in takewhile(lambda one: one.startswith(">"), lines[at:])
    ]
    block = markdown_lines("\n".join(quoted), max(width - 2, 1))
    return [(("│ ", "rule"), *line) for line in block], at + len(quoted)


def _item(lines: list[str], at: int, width: int) -> _Block:
    match = _ITEM.fullmatch(lines[at])
    assert match is not None
    text, at = _run([*lines[:at], match["text"], *lines[at + 1 :]], at)
    mark = "• " if match["mark"] in "-*+" else f"{match['mark']} "
    lead = " " * min(len(match["indent"]), max(width // 4, 0)) + mark
    block = wrapped_spans(inline(text), max(width - len(lead), 1))
    rest = " " * len(lead)
    return [((lead if n == 0 else rest, "dim"), *line) for n, line in enumerate(block or [()])], at


def _fence(lines: list[str], at: int, width: int) -> _Block:
    code = [*takewhile(lambda line: not line.lstrip().startswith(FENCE), lines[at + 1 :])]
    pieces = [piece for text in code for piece in _cut_into(text, width)]
    return [((piece, "inline-code"),) for piece in pieces], at + len(code) + 2


def _cut_into(text: str, width: int) -> Iterator[str]:
    """Yield a line of code in pieces of at most `width` columns; its spaces stay.

    It is cut before a word, and what follows is set below the last column of its table, or indented.
    """
    indent = column if (column := _last_column(text)) <= width // 2 else min(4, width // 4)
    while columns(text) > width:
        size = max(len(cut(text, width)) - (columns(cut(text, width)) > width), 1)
        blank = text.rfind(" ", indent + 1, size + 1)
        if blank > indent and text[indent:blank].strip():
            yield text[:blank].rstrip()
            text = " " * indent + text[blank:].lstrip()
        else:
            yield text[:size]
            text = text[size:]
    yield text


def _last_column(text: str) -> int:
    """Where the last column of a table's line begins: after the last two blanks; the indent of other text."""
    return max((found.end() for found in re.finditer(r"(?:^| ) +(?=\S)", text)), default=0)


# --- tables -----------------------------------------------------------------------------------------------


def _table(lines: list[str], at: int, width: int) -> _Block:
    rows = [*takewhile(lambda line: line.lstrip().startswith("|"), lines[at:])]
    cells = [[*_cells(row)] for row in rows if not _RULE_OF_TABLE.fullmatch(row)]
    count = max((len(row) for row in cells), default=0)
    if not count:
        return [], at + len(rows)
    padded = [[*row, *[()] * (count - len(row))] for row in cells]
    widths = _widths([max(map(length, column)) for column in zip(*padded, strict=True)], width)
    if min(widths) < 1 or sum(widths) + 2 * (count - 1) > width:
        return _stacked(padded, width), at + len(rows)
    return [line for row in padded for line in _row(row, widths)], at + len(rows)


def _cells(row: str) -> Iterator[Line]:
    for cell in re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|")):
        yield inline(cell.replace("\\|", "|").strip())


def _widths(natural: list[int], width: int) -> list[int]:
    """Return the columns of each cell: as wide as it is, unless the widest ones have to share the room."""
    widths, room = [max(one, 1) for one in natural], width - 2 * (len(natural) - 1)
    while sum(widths) > room and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _row(cells: list[Line], widths: list[int]) -> Iterator[Line]:
    parts = [wrapped_spans(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for line in zip_longest(*parts, fillvalue=()):
        padded = [filled(spans, width) for spans, width in zip(line, widths, strict=True)]
        yield tuple(span for cell in padded for span in (*cell, ("  ", "")))[:-1]


def _stacked(rows: list[list[Line]], width: int) -> list[Line]:
    return [line for row in rows for cell in row if cell for line in wrapped_spans(cell, width)]
