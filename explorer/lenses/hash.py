"""The page hash: the four elements that may hold the inspected page, and how full the table is.

The hash is only a hint. An element is not removed when its page leaves the object, so it may be stale, and
every lookup checks the page that it finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import NULL, OBJT_VNODE, PG_MAPPEDMULTI, VM_PAGE_HASH_SET
from engine.kernel.hash import hash_position
from engine.machine.machine import Machine
from engine.machine.tables import NO_OBJECT
from engine.memory.cells import Array
from engine.run.history import History
from explorer.lenses.kit.drawing import MARK, Piece, Row, drawing, flow_within, row, table
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.glyphs import LEVELS

NARROW: Final = 60
"""Below this width the ticks column is omitted and words are shortened."""

LISTED: Final = 200
"""Maximum number of elements listed."""


@dataclass(frozen=True)
class Element:
    """A hash element.

    status: `live` (its page is at its object and pindex), `stale` (its page is elsewhere), `empty`, or
    `half written` (it has a page but no object yet). own: it finds the inspected page.
    age: ticks since it was found or entered. new: the columns that the last step wrote.
    """

    slot: int
    page: str
    object: str
    pindex: int
    ticks: int
    age: int
    status: str
    own: bool
    new: frozenset[str]


@dataclass(frozen=True, eq=False)
class HashRow:
    """The hash at the cursor.

    size:  number of elements, without the spare ones at the end; 0 before the table is allocated.
    page, object, pindex: the inspected page and its place; object is "" if it is not in one.
    why:   why vm_page_hash_enter() would not enter this page, or "".
    elements: the four elements of its set; listed: the first elements in use in the whole table.
    used, live: number of elements in use, and of live ones.
    slots: the slots in use.
    """

    size: int
    page: str
    object: str
    pindex: int
    why: str
    elements: tuple[Element, ...]
    listed: tuple[Element, ...]
    used: int
    live: int
    slots: Array


def look(session: Session) -> HashRow:
    """The hash at the cursor, and the inspected page's set in it."""
    history, vm = session.history, session.vm
    size = vm.glob.vm_page_hash_size[0]
    slots = np.flatnonzero(vm.memory.vector("hash.m"))
    live = _live(vm, slots)
    m = session.page
    obj = vm.page.object[m] if m != NULL else NO_OBJECT
    pindex = vm.page.pindex[m] if m != NULL else 0
    first = hash_position(vm, obj, pindex) if obj != NULL and size else NULL
    own = range(first, first + VM_PAGE_HASH_SET) if first != NULL else range(0)
    written = _written(history)
    return HashRow(
        size,
        session.labels.page(m) if m != NULL else "",
        session.labels.object(obj) if obj != NULL else "",
        pindex,
        _why_not(vm, m),
        tuple(_element(session, slot, m, written) for slot in own),
        tuple(_element(session, slot, m, written) for slot in slots[:LISTED].tolist()),
        int(slots.size),
        int(live.sum()),
        slots,
    )


def _live(vm: Machine, slots: Array) -> npt.NDArray[np.bool_]:
    """Whether each of the elements at `slots` is live."""
    vector = vm.memory.vector
    pages = vector("hash.m")[slots] + NULL
    same_object: npt.NDArray[np.bool_] = vector("page.object")[pages] == vector("hash.object")[slots]
    same_object &= vector("page.pindex")[pages] == vector("hash.pindex")[slots]
    return same_object


def _written(history: History) -> dict[int, set[str]]:
    """The columns that the last step wrote, by slot."""
    found: dict[int, set[str]] = {}
    for place, index, _, _ in writes(history, history.step) if history.step else ():
        if place.table == "hash":
            found.setdefault(index, set()).add(place.name)
    return found


def _why_not(vm: Machine, m: int) -> str:
    """Why vm_page_hash_enter() would not enter page `m`; "" if it would."""
    if m == NULL:
        return "no step has changed a page yet"
    if not vm.page.flags[m] & PG_MAPPEDMULTI:
        return "not MAPPEDMULTI"
    if vm.page.object[m] == NULL:
        return "in no object"
    if vm.is_fake(m):
        return "a fake page"
    vnodes_only = vm.glob.vm_page_hash_vnode_only[0] and vm.object.type[vm.page.object[m]] != OBJT_VNODE
    return "not a vnode page" if vnodes_only else ""


def _element(session: Session, slot: int, m: int, written: dict[int, set[str]]) -> Element:
    vm, labels = session.vm, session.labels
    page, obj, pindex = vm.hash.m[slot], vm.hash.object[slot], vm.hash.pindex[slot]
    ticks = vm.hash.ticks[slot]
    age = (vm.glob.ticks[0] - ticks + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
    true = page != NULL and (vm.page.object[page], vm.page.pindex[page]) == (obj, pindex)
    used = "live" if true else "half written" if obj == NULL else "stale"
    status = "empty" if page == NULL else used
    return Element(
        slot,
        labels.page(page) if page != NULL else "",
        labels.object(obj) if obj != NULL else "",
        pindex,
        ticks,
        age,
        status,
        true and page == m,
        frozenset(written.get(slot, ())),
    )


# --- drawing ------------------------------------------------------------------------------------------------


def draw(shown: HashRow, width: int, height: int) -> Drawing:
    """Draw the page's set, the sets that overlap it, and the table as a bar; then the elements in use."""
    if not shown.size:
        return drawing([row(Piece("no page hash allocated yet", "dim"))], width, height)
    brief = width < NARROW
    rows = flow_within(_head(shown, brief=brief), width, 1)
    if shown.elements:
        lines = _table(shown.elements, brief=brief)
        rows += lines if height >= 7 else lines[1:]
        rows += [_overlap(shown, width)] if height >= 8 else []
    elif not brief:
        rows.append(row(Piece("a page in no object has no set: object and pindex select it", "dim")))
    rows.append(_bar(shown, width))
    if height - len(rows) > 3 and shown.listed:
        rows += [(), *_listed(shown, height - len(rows) - 1, brief=brief)]
        return drawing(rows, width, height, short=height < 8 and bool(shown.elements))
    return drawing(rows, width, height, short=bool(shown.listed))


def _head(shown: HashRow, *, brief: bool) -> list[Row]:
    if not shown.page:
        return [row(Piece(shown.why, "dim"))]
    where = f"{shown.object}[{shown.pindex:,}]" if shown.object else "in no object"
    parts = [row(Piece(f"page {shown.page}", "now"), f" {where}")]
    if not shown.object:
        return parts
    if any(element.own for element in shown.elements):
        return [*parts, row(Piece("found by the hash", "good"))]
    why = shown.why or "not in its set"
    return [*parts, row(Piece("" if brief else "not found by the hash: ", "warn"), Piece(why, "warn"))]


def _table(elements: tuple[Element, ...], *, brief: bool) -> list[Row]:
    heads = ["slot", "page", "place", "age", ""] if brief else ["slot", "page", "place", "ticks", "age", ""]
    cells = [
        [Piece(head, "label") for head in heads],
        *(_cells(element, brief=brief) for element in elements),
    ]
    return table(cells, "rllrl" if brief else "rllrrl")


def _cells(element: Element, *, brief: bool) -> list[Piece]:
    new, used = element.new, bool(element.page)
    place = f"{element.object}[{element.pindex:,}]" if element.object else "–"
    verb = f"page {element.page}" if element.page.startswith("0x") else ""
    ticks = Piece(f"{element.ticks:,}" if used else "", "new" if "ticks" in new else "")
    return [
        Piece(f"{MARK if new else ''}{element.slot:,}", "new" if new else ""),
        Piece(element.page or "–", "new" if "m" in new else "key" if used else "dim", verb),
        Piece(place, "new" if new & {"object", "pindex"} else "" if element.object else "dim"),
        *([] if brief else [ticks]),
        Piece(f"{element.age:,}" if used else ""),
        Piece(_status(element, brief=brief), _STATUS_STYLES.get(element.status, "dim")),
    ]


_STATUS_STYLES: Final = {"live": "good", "stale": "warn", "half written": "warn"}


def _status(element: Element, *, brief: bool) -> str:
    if element.own:
        return "this page" if brief else "live: this page"
    if brief:
        return element.status
    words = {"stale": "stale: the page is elsewhere", "live": "live: another page"}
    return words.get(element.status, element.status)


def _overlap(shown: HashRow, width: int) -> Row:
    first = shown.elements[0].slot
    low, high = max(first - VM_PAGE_HASH_SET + 1, 0), first + VM_PAGE_HASH_SET - 1
    text = f"sets overlap: those starting at {low:,}–{high:,} share slots with this one"
    short = f"sets at {low:,}–{high:,} share slots with this one"
    return row(Piece(text if len(text) <= width else short, "dim"))


def _bar(shown: HashRow, width: int) -> Row:
    """The table as a bar of cells that show how full each part is; ▲ marks the page's set."""
    size, stale = shown.size + VM_PAGE_HASH_SET, shown.used - shown.live
    text = f" {shown.used:,} of {size:,} used, {stale:,} stale"
    room = max(width - len(text) - 2, 1)
    span = -(-size // room)
    counts = np.bincount(shown.slots // span, minlength=room)[: -(-size // span)]
    levels = np.minimum(-(-counts * 8 // span), 8).tolist()
    pieces = [Piece(LEVELS[level], "fill-DMA" if level else "faint") for level in levels]
    if shown.elements:
        pieces[shown.elements[0].slot // span] = Piece("▲", "key")
    return (Piece("│", "faint"), *pieces, Piece("│", "faint"), Piece(text))


def _listed(shown: HashRow, room: int, *, brief: bool) -> list[Row]:
    """The elements in use, in slot order."""
    rows = _table(shown.listed, brief=brief)
    if shown.used + 1 > room:
        kept = rows[: room - 1]
        return [*kept, row(Piece(f"… {shown.used - len(kept) + 1:,} more elements in use", "dim"))]
    return rows


PLACE = 120
LENS: Final = Lens(
    "hash", "the page hash", "the inspected page's slots in the page hash, live or stale", look, draw
)
