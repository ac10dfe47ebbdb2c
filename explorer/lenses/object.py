"""One object: its pages by pindex, its fields in words, and its swap blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from engine.cells import AddressBook, Array
from engine.constants import (
    NULL,
    OBJ_DEAD,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    OBJECT_TYPES,
)
from engine.history import History
from engine.kernel.tokens import SHARED, held_tokens
from engine.machine import Machine
from explorer.lenses.drawing import Piece, Row, drawing, flow_within, labelled, plural, row
from explorer.lenses.lens import Drawing, Lens
from explorer.lenses.page_states import GLYPHS, STYLES, USED, WORDS, page_states
from explorer.session import Session
from explorer.views.changes import writes
from explorer.views.labels import Labels, busy_words, flag_names

FLAGS: Final = {OBJ_DEAD: "DEAD", OBJ_WRITEABLE: "WRITEABLE", OBJ_MIGHTBEDIRTY: "MIGHTBEDIRTY"}
TYPES: Final = {number: name for name, number in OBJECT_TYPES.items()}

ABSENT, SWAPPED = "·", "s"
"""The glyphs of a pindex without a page: nothing there, or a swap block."""

BUSY: Final = 16
"""Added to the code of a busy page."""

HERE: Final = "@"

_ABSENT, _SWAP, _NEW, _HERE, _BOTH = range(len(WORDS), BUSY)
_GLYPH: Final = (GLYPHS + ABSENT + SWAPPED + "▸" + HERE + HERE) + GLYPHS.upper()
_STYLE: Final = (*STYLES, "faint", "warn", "new", "key", "new", *STYLES)

SMALL: Final = 12
"""Below so many lines the fields get two, and the other objects none."""

WIDEST: Final = 128
"""Pindexes in a line at most."""


@dataclass(frozen=True)
class Told:
    """A page to be told of in words: its pindex, its number, what it is."""

    pindex: int
    page: str
    words: str
    new: bool
    here: bool


@dataclass(frozen=True)
class Field:
    """A field of the object as a person reads it; `old` is what it was, when the last step changed it."""

    name: str
    text: str
    old: str = ""


@dataclass(frozen=True, eq=False)
class ObjectRow:
    """The object at the cursor; `name` is empty when the run has none.

    why:     why this object.
    pindexes, frames, codes: its pages by pindex: the number of each and its state, BUSY added if it is busy.
    told:    the inspector's page, and those that the last step wrote or took away.
    swap:    (pindex, block), ascending.
    others:  the other objects: name, pages in them, and the number of a page to click on, or "".
    """

    name: str
    why: str
    size: int
    fields: tuple[Field, ...]
    pindexes: Array
    frames: Array
    codes: Array
    told: tuple[Told, ...]
    swap: tuple[tuple[int, int], ...]
    others: tuple[tuple[str, int, str], ...]


def look(session: Session) -> ObjectRow:
    """The object of the inspector's page, else the first one."""
    history, vm = session.history, session.vm
    owners = vm.memory.vector("page.object")
    used = np.flatnonzero(owners)
    count = _objects(session, owners[used] + NULL)
    m = session.page
    own = _owner(history, m)
    obj = own if 0 <= own < count else 0
    resident = used[owners[used] == obj - NULL] if count else used[:0]
    pindexes = vm.memory.vector("page.pindex")[resident]
    order = np.argsort(pindexes, kind="stable")
    resident, pindexes = resident[order], pindexes[order]
    if not count:
        return ObjectRow("", "", 0, (), pindexes, resident, resident, (), (), ())
    return ObjectRow(
        session.labels.object(obj),
        "of the inspector's page" if obj == own else "the first object",
        vm.object.size[obj],
        _fields(history, session.labels, obj),
        pindexes,
        resident + vm.first_page,
        _codes(history, resident),
        _told(session, obj),
        _swap_blocks(vm, obj),
        _others(session, count, obj, used),
    )


def _owner(history: History, m: int) -> int:
    """The object that page `m` is in, or that the last step took it out of; NULL for none."""
    if m == NULL or history.vm.page.object[m] != NULL:
        return NULL if m == NULL else history.vm.page.object[m]
    left = [
        was
        for place, index, was, _ in (writes(history, history.step) if history.step else ())
        if (place.table, place.name, index) == ("page", "object", m)
    ]
    return left[0] if left else NULL


def _objects(session: Session, owners: Array) -> int:
    """How many objects the run has: those with a name, or up to the last one with a page."""
    named = len(session.labels.given.objects)
    return named or (int(owners.max()) + 1 if owners.size else 0)


def _codes(history: History, pages: Array) -> Array:
    """The state of each page, BUSY added where it is busy; a fake page is in use."""
    states = page_states(history).states
    codes = np.full(pages.size, USED, np.int64)
    real = pages < states.size
    codes[real] = states[pages[real]]
    codes[history.vm.memory.vector("page.busy_count")[pages] != 0] += BUSY
    return codes


def _told(session: Session, obj: int) -> tuple[Told, ...]:
    """The inspector's page if it is in the object, and the pages that the last step wrote or took away."""
    history, vm = session.history, session.vm
    written: dict[int, bool] = {}
    for place, m, was, _ in writes(history, history.step) if history.step else ():
        if place.table == "page" and place.name not in ("next", "prev"):
            written[m] = written.get(m, False) or (place.name == "object" and was == obj)
    pages = {session.page: False, **written} if session.page != NULL else written
    found = []
    for m, left in pages.items():
        here, number = m == session.page, session.labels.page(m)
        if vm.page.object[m] == obj:
            found.append(Told(vm.page.pindex[m], number, _page_words(history, m), m in written, here))
        elif left:
            found.append(Told(vm.page.pindex[m], number, "taken out of the object", True, here))
    return tuple(found)


def _page_words(history: History, m: int) -> str:
    page = history.vm.page
    busy, wired, held, flags = page.busy_count[m], page.wire_count[m], page.hold_count[m], page.flags[m]
    parts = [WORDS[int(_codes(history, np.array([m]))[0]) % BUSY]]
    parts += [f"busy {busy_words(busy)}"] * (busy != 0)
    parts.append(f"valid {page.valid[m]:02x} dirty {page.dirty[m]:02x}")
    parts += [f"wired {wired}"] * (wired != 0) + [f"held {held}"] * (held != 0)
    return "  ".join([*parts, *(["|".join(flag_names(flags))] * (flags != 0))])


def _fields(history: History, labels: Labels, obj: int) -> tuple[Field, ...]:
    vm = history.vm
    old = {
        place.name: was
        for place, index, was, _ in (writes(history, history.step) if history.step else ())
        if place.table == "object" and index == obj
    }
    plain = {
        "size": "size", "resident_page_count": "resident", "generation": "generation",
        "paging_in_progress": "paging", "pg_color": "colour", "swblock_count": "swblocks",
        "ref_count": "refs", "hold_count": "holds",
    }  # fmt: skip
    found = [_field(vm, obj, old, name, word) for name, word in plain.items()]
    kind = TYPES.get(vm.object.type[obj], str(vm.object.type[obj]))
    was = TYPES.get(old["type"], "") if "type" in old else ""
    token_changed = bool(old.keys() & {"token_owner", "token_depth", "token_shared"})
    return (
        Field("type", kind, was),
        *found[:3],
        Field("flags", _flags(vm.object.flags[obj]), _flags(old["flags"]) if "flags" in old else ""),
        Field("token", _token(vm, labels, obj), "" if not token_changed else "…"),
        *found[3:],
    )


def _field(vm: Machine, obj: int, old: dict[str, int], name: str, word: str) -> Field:
    value = getattr(vm.object, name)[obj]
    return Field(word, f"{value:,}", f"{old[name]:,}" if name in old else "")


def _flags(flags: int) -> str:
    rest = flags & ~sum(FLAGS)
    names = [name for bit, name in FLAGS.items() if flags & bit]
    return "|".join([*names, *([f"{rest:#x}"] if rest else [])]) or "none"


def _token(vm: Machine, labels: Labels, obj: int) -> str:
    owner, depth = vm.object.token_owner[obj], vm.object.token_depth[obj]
    if owner:
        return f"{labels.thread(owner - 1)}, exclusive{f' x{depth}' if depth > 1 else ''}"
    sharers = [
        labels.thread(t)
        for t in range(len(labels.programs))
        if vm.object.token_shared[obj] and (obj, SHARED) in held_tokens(vm, t)
    ]
    if sharers:
        return f"{', '.join(sharers)}, shared"
    return "locked elsewhere" if vm.object.locked_elsewhere[obj] else "free"


_SWAP_KEYS: Final[WeakKeyDictionary[AddressBook, tuple[int, dict[int, list[tuple[int, int]]]]]] = (
    WeakKeyDictionary()
)
"""The (pindex, slot) pairs of each object in a book of swap blocks, and how many keys were read of it."""


def _swap_blocks(vm: Machine, obj: int) -> tuple[tuple[int, int], ...]:
    book = vm.swap_slots
    known, by_object = _SWAP_KEYS.get(book, (0, {}))
    for (owner, pindex), slot in islice(book.slots.items(), known, None):
        by_object.setdefault(owner, []).append((pindex, slot))
    _SWAP_KEYS[book] = len(book.slots), by_object
    blocks = ((pindex, vm.swap.block[slot]) for pindex, slot in by_object.get(obj, ()))
    return tuple(sorted((pindex, block) for pindex, block in blocks if block != NULL))


def _others(session: Session, count: int, obj: int, used: Array) -> tuple[tuple[str, int, str], ...]:
    vm = session.vm
    owners, first, pages = np.unique(
        vm.memory.vector("page.object")[used] + NULL, return_index=True, return_counts=True
    )
    known = {
        owner: (m, n)
        for owner, m, n in zip(owners.tolist(), used[first].tolist(), pages.tolist(), strict=True)
    }
    found = []
    for other in range(count):
        m, n = known.get(other, (NULL, 0))
        if other != obj:
            found.append((session.labels.object(other), n, session.labels.page(m) if n else ""))
    return tuple(found)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(shown: ObjectRow, width: int, height: int) -> Drawing:
    """Fields above, then the pages by pindex, then in words the pages that matter and what glyphs mean."""
    if not shown.name:
        return drawing([row(Piece("this run has no objects", "dim"))], width, height)
    small = height < SMALL
    blocks = _blocks(shown, _columns(shown, width))
    told = _told_rows(shown, 1 if small else 4)
    legend = flow_within(_legend(shown), width, 1 if small else 3)
    legend = legend if height - len(told) > 5 else []
    spare = height - len(told) - len(legend) - len(blocks)
    least = 2 if height > 4 else 1
    head = flow_within(_head(shown, width), width, max(spare, least) if small else height)
    room = height - len(head) - len(told) - len(legend)
    more = [] if small else [*_swap_rows(shown, width), *_other_rows(shown, width)]
    cells = _rows(shown, blocks, max(room - len(more), room // 2, 1))
    return drawing([*head, *cells, *told, *legend, *more], width, height)


def _head(shown: ObjectRow, width: int) -> list[Row]:
    """The name and the fields, one part each."""
    name = row(Piece(shown.name, "now"), Piece(f" ({shown.why})", "dim"))
    brief = row(Piece(shown.name, "now"))
    fields = [_field_piece(field) for field in shown.fields]
    return [name if width >= 60 else brief, *fields]


def _field_piece(field: Field) -> Row:
    if not field.old:
        return labelled(field.name, field.text)
    old = Piece(f"{field.old}→", "dim")
    return row(Piece("▸"), Piece(f"{field.name} ", "label"), old, Piece(field.text, "new"))


def _told_rows(shown: ObjectRow, height: int) -> list[Row]:
    rows = [_told_row(told) for told in shown.told[:height]]
    if left := len(shown.told) - len(rows):
        rows[-1] = (*rows[-1], Piece(f"  … {left} more pages", "dim"))
    return rows


def _told_row(told: Told) -> Row:
    mark = Piece(f"{HERE} " if told.here else "", "key")
    page = Piece(f"page {told.page}", "key", (f"page {told.page}",))
    return row(mark, Piece("▸ " if told.new else ""), f"{told.pindex:,}: ", page, f"  {told.words}")


@dataclass(frozen=True)
class _Block:
    """The pindexes first .. beyond - 1 in one line: cells, or all of one code where `cells` is None."""

    first: int
    beyond: int
    code: int
    cells: Array | None = None


def _rows(shown: ObjectRow, blocks: list[_Block], room: int) -> list[Row]:
    """The lines of cells, or where they are too many those round the inspector's page."""
    here = next((told.pindex for told in shown.told if told.here), NULL)
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
        rows.append(row(Piece(f"… {len(blocks) - len(chosen):,} more lines of pages", "dim")))
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
    """Lines of `count` pindexes; neighbours that are all of one code are one, and so is what lies between."""
    swap = np.array([pindex for pindex, _ in shown.swap], np.int64)
    told = np.array([told.pindex for told in shown.told], np.int64)
    numbers = np.unique(np.concatenate([shown.pindexes, swap, told, [0]]) // count)
    cells = np.full((numbers.size, count), _ABSENT, np.int64)
    marks = [_BOTH if told.here and told.new else _HERE if told.here else _NEW for told in shown.told]
    for pindexes, codes in ((swap, _SWAP), (shown.pindexes, shown.codes), (told, np.array(marks, np.int64))):
        cells[np.searchsorted(numbers, pindexes // count), pindexes % count] = codes
    uniform = (cells == cells[:, :1]).all(axis=1)
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
    return "in swap alone" if code == _SWAP else WORDS[code % BUSY] + (" busy" if code >= BUSY else "")


def _cell_pieces(shown: ObjectRow, block: _Block) -> Iterator[Piece]:
    """A piece a pindex; those behind the object's end, where nothing is, stay blank."""
    if block.cells is None:
        yield _run_piece(block)
        return
    first = int(np.searchsorted(shown.pindexes, block.first))
    beyond = int(np.searchsorted(shown.pindexes, block.beyond))
    pairs = zip(shown.pindexes[first:beyond].tolist(), shown.frames[first:beyond].tolist(), strict=True)
    frames = {pindex: f"page {frame:#x}" for pindex, frame in pairs}
    for pindex, code in enumerate(block.cells.tolist(), block.first):
        verbs = (frames[pindex],) if pindex in frames else ()
        blank = code == _ABSENT and pindex >= shown.size > 0
        yield Piece(" " if blank else _GLYPH[code], _STYLE[code], verbs)


def _legend(shown: ObjectRow) -> list[Row]:
    codes, counts = np.unique(shown.codes % BUSY, return_counts=True)
    parts = [
        row(Piece(GLYPHS[code], STYLES[code]), Piece(f" {WORDS[code]} ", "label"), f"{count:,}")
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
    ]
    if (shown.codes >= BUSY).any():
        parts.append(row(Piece("CAPITAL busy ", "label"), f"{int((shown.codes >= BUSY).sum()):,}"))
    if shown.swap:
        parts.append(row(Piece(SWAPPED, "warn"), Piece(" in swap alone", "label")))
    parts.append(row(Piece(ABSENT, "faint"), Piece(" no page", "label")))
    if shown.told:
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
        verbs = (f"page {number}",) if number else ()
        parts.append(row(Piece(name, "key" if number else "", verbs), f" {plural(pages, 'page')}"))
    return flow_within(parts, width, 2)


LENS: Final = Lens(
    "object", "an object and its pages", "the pages of an object by pindex, and its fields", look, draw
)
