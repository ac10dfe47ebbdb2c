"""One object: its pages by pindex, its fields in words, and its swap blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import NULL
from engine.memory.cells import Array
from engine.memory.distinct import distinct
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Piece, Row, drawing, flow_within, labelled, row
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.lenses.kit.object_row import BUSY, Field, Mention, ObjectRow, look
from explorer.lenses.kit.page_states import GLYPHS, STYLES, WORDS

ABSENT, SWAPPED = "·", "s"
"""The glyphs of a pindex without a page: empty, or a swap block."""

HERE: Final = "@"

_ABSENT, _SWAP, _NEW, _HERE, _BOTH = range(len(WORDS), BUSY)
_GLYPH: Final = (GLYPHS + ABSENT + SWAPPED + MARK + HERE + HERE) + GLYPHS.upper()
_STYLE: Final = (*STYLES, "faint", "warn", "new", "key", "new", *STYLES)

SMALL: Final = 12
"""Below this height the fields get two lines, and the other objects none."""

WIDEST: Final = 128
"""Maximum number of pindexes in a line."""


def draw(shown: ObjectRow, width: int, height: int) -> Drawing:
    """Draw the fields, the pages by pindex, the inspected and changed pages in words, and a legend."""
    if not shown.name:
        return drawing([row(Piece("this run has no objects", "dim"))], width, height)
    small = height < SMALL
    blocks = _blocks(shown, _columns(shown, width))
    mentions = _mention_rows(shown, 1 if small else 4)
    legend = flow_within(_legend(shown), width, 1 if small else 3)
    rest = [*_swap_rows(shown, width), *_other_rows(shown, width)]
    more = [] if small else rest
    short = (small and bool(rest)) or height - len(mentions) <= 5
    legend = legend if height - len(mentions) > 5 else []
    spare = height - len(mentions) - len(legend) - len(blocks)
    least = 2 if height > 4 else 1
    head = flow_within(_head(shown, width), width, max(spare, least) if small else height)
    room = height - len(head) - len(mentions) - len(legend)
    cells = _rows(shown, blocks, max(room - len(more), room // 2, 1))
    return drawing([*head, *cells, *mentions, *legend, *more], width, height, short=short)


def _head(shown: ObjectRow, width: int) -> list[Row]:
    """The name and the fields, each as a part."""
    name = row(Piece(shown.name, "now"), Piece(f" ({shown.why})", "dim"))
    brief = row(Piece(shown.name, "now"))
    fields = [_field_piece(field) for field in shown.fields]
    return [name if width >= 60 else brief, *fields]


def _field_piece(field: Field) -> Row:
    if not field.old:
        return labelled(field.name, field.text)
    old = Piece(f"{field.old}→", "dim")
    return row(MARK, Piece(f"{field.name} ", "label"), old, Piece(field.text, "new"))


def _mention_rows(shown: ObjectRow, height: int) -> list[Row]:
    rows = [_mention_row(mention) for mention in shown.mentions[:height]]
    if left := len(shown.mentions) - len(rows):
        rows[-1] = (*rows[-1], Piece(f"  … {plural(left, 'more page')}", "dim"))
    return rows


def _mention_row(mention: Mention) -> Row:
    mark = Piece(f"{HERE} " if mention.here else "", "key")
    page = Piece(f"page {mention.page}", "key", f"page {mention.page}")
    return row(mark, f"{MARK} " if mention.new else "", f"{mention.pindex:,}: ", page, f"  {mention.words}")


@dataclass(frozen=True)
class _Block:
    """The pindexes first .. beyond - 1 in one line: cells, or a single code without `cells`."""

    first: int
    beyond: int
    code: int
    cells: Array | None = None


def _rows(shown: ObjectRow, blocks: list[_Block], room: int) -> list[Row]:
    """The lines of cells; if they do not all fit, those around the inspected page."""
    here = next((mention.pindex for mention in shown.mentions if mention.here), NULL)
    at = next((n for n, block in enumerate(blocks) if block.first <= here < block.beyond), 0)
    if len(blocks) <= room:
        chosen = blocks
    elif room == 1:
        chosen = blocks[at : at + 1]
    else:
        first = min(max(at - room // 2, 0), len(blocks) - room + 1)
        chosen = blocks[first : first + room - 1]
    digits = len(f"{blocks[-1].beyond - 1:,}")
    rows = [(_label(block, digits), *_cell_pieces(shown, block)) for block in chosen]
    if len(chosen) < len(blocks) and room > 1:
        rows.append(row(Piece(f"… {plural(len(blocks) - len(chosen), 'more line')} of pages", "dim")))
    return rows


def _label(block: _Block, digits: int) -> Piece:
    return Piece(f"{block.first:,} ".rjust(digits + 1), "label")


def _columns(shown: ObjectRow, width: int) -> int:
    """Pindexes in a line: a power of two."""
    last = max([shown.size - 1, *shown.pindexes[-1:].tolist(), *(at for at, _ in shown.swap[-1:]), 0])
    room, count = width - len(f"{last:,}") - 1, 1
    while count * 2 <= min(room, WIDEST):
        count *= 2
    return count


def _blocks(shown: ObjectRow, count: int) -> list[_Block]:
    """Lines of `count` pindexes; adjacent lines of one code are merged, and so are gaps."""
    swap = np.array([pindex for pindex, _ in shown.swap], np.int64)
    mentions = np.array([mention.pindex for mention in shown.mentions], np.int64)
    numbers = distinct(np.concatenate([shown.pindexes, swap, mentions, [0]]) // count)
    cells = np.full((numbers.size, count), _ABSENT, np.int64)
    marks = [
        _BOTH if mention.here and mention.new else _HERE if mention.here else _NEW
        for mention in shown.mentions
    ]
    for pindexes, codes in (
        (swap, _SWAP),
        (shown.pindexes, shown.codes),
        (mentions, np.array(marks, np.int64)),
    ):
        cells[np.searchsorted(numbers, pindexes // count), pindexes % count] = codes
    first = cells[:, :1]
    uniform = ((cells == first) & ((first < _NEW) | (first > _BOTH))).all(axis=1)
    found: list[_Block] = []
    for number, line, same in zip(numbers.tolist(), cells, uniform.tolist(), strict=True):
        begin = number * count
        if found and found[-1].beyond < begin:
            _append(found, _Block(found[-1].beyond, begin, _ABSENT))
        _append(found, _Block(begin, begin + count, int(line[0]), None if same else line))
    if found[-1].beyond < shown.size:
        _append(found, _Block(found[-1].beyond, shown.size, _ABSENT))
    return found


def _append(found: list[_Block], block: _Block) -> None:
    last = found[-1] if found else None
    if last and last.cells is None and block.cells is None and last.code == block.code:
        found[-1] = _Block(last.first, block.beyond, block.code)
    else:
        found.append(block)


def _run_piece(block: _Block) -> Piece:
    words = _words(block.code)
    return Piece(
        f"to {block.beyond - 1:,}: {block.beyond - block.first:,} × {_GLYPH[block.code]} {words}", "dim"
    )


def _words(code: int) -> str:
    if code == _ABSENT:
        return "no page"
    return "only in swap" if code == _SWAP else WORDS[code % BUSY] + (" busy" if code >= BUSY else "")


def _cell_pieces(shown: ObjectRow, block: _Block) -> Iterator[Piece]:
    """A piece per pindex; empty ones past the end of the object are blank."""
    if block.cells is None:
        yield _run_piece(block)
        return
    first = int(np.searchsorted(shown.pindexes, block.first))
    beyond = int(np.searchsorted(shown.pindexes, block.beyond))
    pairs = zip(shown.pindexes[first:beyond].tolist(), shown.frames[first:beyond].tolist(), strict=True)
    frames = {pindex: f"page {frame:#x}" for pindex, frame in pairs}
    for pindex, code in enumerate(block.cells.tolist(), block.first):
        blank = code == _ABSENT and pindex >= shown.size > 0
        yield Piece(" " if blank else _GLYPH[code], _STYLE[code], frames.get(pindex, ""))


def _legend(shown: ObjectRow) -> list[Row]:
    codes, counts = np.unique(shown.codes % BUSY, return_counts=True)
    parts = [
        row(Piece(GLYPHS[code], STYLES[code]), Piece(f" {WORDS[code]} ", "label"), f"{count:,}")
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
    ]
    if (shown.codes >= BUSY).any():
        parts.append(row(Piece("CAPITAL busy ", "label"), f"{int((shown.codes >= BUSY).sum()):,}"))
    if shown.swap:
        parts.append(row(Piece(SWAPPED, "warn"), Piece(" only in swap", "label")))
    parts.append(row(Piece(ABSENT, "faint"), Piece(" no page", "label")))
    if shown.mentions:
        parts.append(row(Piece(f"{HERE} inspected", "label")))
    return parts


def _swap_rows(shown: ObjectRow, width: int) -> list[Row]:
    if not shown.swap:
        return []
    head = labelled("swap blocks by pindex", plural(len(shown.swap), "block"))
    blocks = [row(f"{pindex:,}→{block:,}") for pindex, block in shown.swap]
    return flow_within([head, *blocks], width, 3)


def _other_rows(shown: ObjectRow, width: int) -> list[Row]:
    if not shown.others:
        return []
    parts = [row(Piece("other objects", "label"))]
    for name, pages, number in shown.others:
        leading = Piece(name, "key", f"page {number}") if number else name
        parts.append(row(leading, f" {plural(pages, 'page')}"))
    return flow_within(parts, width, 2)


PLACE = 100
LENS: Final = Lens(
    "object", "an object and its pages", "an object's pages by pindex, and its fields", look, draw
)
