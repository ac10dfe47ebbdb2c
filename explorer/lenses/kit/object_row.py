"""The row of the object lens: an object's pages by pindex, its fields and its swap blocks at the cursor."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np

from engine.constants import NULL, OBJECT_TYPES, Thread
from engine.debug.per_history import PerHistory
from engine.kernel.tokens import SHARED, taken_tokens
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.run.history import History
from explorer.lenses.kit.page_states import USED, WORDS, page_states
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.labels import Labels, busy_words, flag_names
from explorer.views.meanings import object_flags

TYPES: Final = {number: name for name, number in OBJECT_TYPES.items()}

BUSY: Final = 16
"""Added to the code of a busy page."""


@dataclass(frozen=True)
class Mention:
    """A page to describe in words: its pindex, its number and its state."""

    pindex: int
    page: str
    words: str
    new: bool
    here: bool


@dataclass(frozen=True)
class Field:
    """A field of the object as text; `old` is the previous value if the last step changed it, else ""."""

    name: str
    text: str
    old: str = ""


@dataclass(frozen=True, eq=False)
class ObjectRow:
    """The object at the cursor; `name` is empty if the run has no objects.

    why:     why this object is shown.
    pindexes, frames, codes: its pages by pindex: the number of each and its state, plus BUSY if it is busy.
    mentions: the inspected page, and the pages that the last step wrote or removed.
    swap:    (pindex, block), ascending.
    others:  the other objects: name, number of pages, and a page number to click on, or "".
    """

    name: str
    why: str
    size: int
    fields: tuple[Field, ...]
    pindexes: Array
    frames: Array
    codes: Array
    mentions: tuple[Mention, ...]
    swap: tuple[tuple[int, int], ...]
    others: tuple[tuple[str, int, str], ...]


def look(session: Session) -> ObjectRow:
    """The object of the inspected page, or the first object."""
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
        "of the inspected page" if obj == own else "the first object",
        vm.object.size[obj],
        _fields(history, session.labels, obj),
        pindexes,
        resident + vm.first_page,
        _codes(history, resident),
        _mentions(session, obj),
        _swap_blocks(history, obj),
        _others(session, count, obj, used),
    )


def _owner(history: History, m: int) -> int:
    """The object that page `m` is in, or that the last step removed it from; NULL for none."""
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
    """The state of each page, plus BUSY if it is busy; a fake page counts as in use."""
    states = page_states(history).states
    codes = np.full(pages.size, USED, np.int64)
    real = pages < states.size
    codes[real] = states[pages[real]]
    codes[history.vm.memory.vector("page.busy_count")[pages] != 0] += BUSY
    return codes


def _mentions(session: Session, obj: int) -> tuple[Mention, ...]:
    """The inspected page if it is in the object, and the pages that the last step wrote or removed."""
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
            found.append(Mention(vm.page.pindex[m], number, _page_words(history, m), m in written, here))
        elif left:
            found.append(Mention(vm.page.pindex[m], number, "removed from the object", True, here))
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
    return object_flags(flags) if flags else "none"


def _token(vm: Machine, labels: Labels, obj: int) -> str:
    owner, depth = vm.object.token_owner[obj], vm.object.token_depth[obj]
    if owner:
        return f"{labels.thread(owner - 1)}, exclusive{f' x{depth}' if depth > 1 else ''}"
    sharers = [
        labels.thread(t)
        for t in range(len(labels.programs))
        if vm.object.token_shared[obj] and (obj, SHARED) in taken_tokens(vm, Thread(t))
    ]
    if sharers:
        return f"{', '.join(sharers)}, shared"
    return "locked elsewhere" if vm.object.locked_elsewhere[obj] else "free"


@dataclass
class _SwapKeys:
    """The (pindex, slot) pairs of each object in the swap slot table; `known` counts the keys read so far."""

    known: int = 0
    by_object: dict[int, list[tuple[int, int]]] = field(default_factory=dict)


_SWAP_KEYS: Final = PerHistory(lambda _: _SwapKeys())


def _swap_blocks(history: History, obj: int) -> tuple[tuple[int, int], ...]:
    vm, keys = history.vm, _SWAP_KEYS.of(history)
    slots = vm.swap_slots.slots
    for (owner, pindex), slot in islice(slots.items(), keys.known, None):
        keys.by_object.setdefault(owner, []).append((pindex, slot))
    keys.known = len(slots)
    blocks = ((pindex, vm.swap.block[slot]) for pindex, slot in keys.by_object.get(obj, ()))
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
