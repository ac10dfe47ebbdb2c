"""The changes of an operation in the format of a trace line: the DELTA of golden/FORMAT.md section 3.

The journal records every write of the operation. A cell has changed if its value differs from that before its
first write. The rows follow from the addresses, without a search:

- A page's row appears if one of the fields in a trace changed.
- A queue's row appears if its head, length, `lastq` or `adds` changed, or the `next` link of a page that is
  now on it. That is exact: a list with unchanged head and links is unchanged. If a scan sleeps with its
  marker on a list, or has removed it since, the list is compared without the marker.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, Final

from engine.constants import (
    NULL,
    PG_MARKER,
    PQ_NONE,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
    type_and_color,
)
from engine.kernel.color import PINDEX_MASK
from engine.kernel.sleep import describe_channel
from engine.machine.machine import Machine
from engine.memory.journal import Journal

LONGEST_LIST: Final = 64
"""A queue with more pages is represented by its length and checksum."""

PAGE_FIELDS: Final = (
    "page",
    "queue_base",
    "queue_color",
    "pc",
    "flags",
    "busy_count",
    "wire_count",
    "hold_count",
    "act_count",
    "valid",
    "dirty",
    "object",
    "pindex",
    "pat_mode",
    "pmap_m",
    "pmap_a",
)
QUEUE_FIELDS: Final = ("base", "color", "lcnt", "lastq", "adds", "list")
OBJECT_FIELDS: Final = ("id", "generation", "resident_page_count", "flags", "paging_in_progress", "ref_count")
HASH_FIELDS: Final = ("slot", "page", "object", "pindex", "ticks")

_PAGE_CELLS: Final = (
    "queue",
    "pc",
    "flags",
    "busy_count",
    "wire_count",
    "hold_count",
    "act_count",
    "valid",
    "dirty",
    "object",
    "pindex",
    "pat_mode",
    "pmap_modified",
    "pmap_referenced",
)
_OBJECT_CELLS: Final = OBJECT_FIELDS[1:]
_HASH_CELLS: Final = ("m", "object", "pindex", "ticks")
_COUNTERS: Final = (
    "v_tfree",
    "v_reactivated",
    "v_ppwakeups",
    "v_pdpages",
    "v_pdwakeups",
    "v_dfree",
    "t_rm",
)
_GLOBALS: Final = {
    "vm_pages_waiting": "vm_pages_waiting",
    "vm_pages_needed": "vm_pages_needed",
    "vm_pageout_deficit": "vm_pageout_deficit",
    "vm_pageout_pages_needed": "vm_pageout_pages_needed",
    "ticks": "ticks",
    "bl_free": "alist_free",
    "vm_low_phys_reserved": "vm_low_phys_reserved",
    "vm_pagedaemon_time": "vm_pagedaemon_time",
    "vm_page_free_hysteresis": "vm_page_free_hysteresis",
}
"""The global variables in a trace: the model's name -> the trace's name."""

_SUBJECTS: Final = {
    **{("page", name): "page" for name in _PAGE_CELLS},
    ("page", "next"): "next",
    **{("queue", name): "queue" for name in ("head", "lcnt", "lastq", "adds")},
    ("vmstats", "count"): "vmstats",
    ("gd_vmstats", "view"): "view",
    ("gd_vmstats", "adj"): "adj",
    **{("cpu", name): name for name in _COUNTERS},
    # The size is not in a row, but a trace lists the object when its size changed.
    **{("object", name): "object" for name in (*_OBJECT_CELLS, "size")},
    ("hash", "*"): "hash",
    **{("global", name): name for name in _GLOBALS},
}
"""(table, column) -> the subject of a DELTA to which a changed cell belongs."""

_PMAP_EFFECTS: Final = ("zero_page", "zero_area", "memattr", "collect", "put_pages", "speedup_syncer")

Row = list[Any]


def console(effects: Iterable[tuple[Any, ...]]) -> list[str]:
    """Return the messages among `effects` as in a trace: each format up to the first `%` or line end."""
    return [
        (effect[2] if len(effect) > 2 else effect[1]).partition("%")[0].partition("\n")[0]
        for effect in effects
        if effect[0] == "kprintf"
    ]


class StateChanges:
    """Collects the changes of each operation; starts recording the machine's writes when it is created.

    object_ids: object of the model -> its number in the trace.
    """

    def __init__(self, vm: Machine, object_ids: dict[int, int]) -> None:
        self.vm = vm
        self.object_ids = object_ids
        self.journal = Journal()
        vm.memory.record(self.journal)
        self._cells = vm.memory.cells
        self._bases = [place.base for place in vm.memory.columns]
        self._before: dict[int, int] = {}
        self._page_at = self._stretches("page", _PAGE_CELLS)
        self._object_at = self._stretches("object", _OBJECT_CELLS)
        self._hash_at = self._stretches("hash", _HASH_CELLS)
        self._changed: dict[str, set[int]] = {}
        self._notes = [self._note(place.table, place.name) for place in vm.memory.columns]

    def _stretches(self, table: str, columns: Iterable[str]) -> list[tuple[int, int]]:
        """Return the base address and the bias of each column."""
        places = (self.vm.memory.places[f"{table}.{column}"] for column in columns)
        return [(place.base, place.spec.bias) for place in places]

    def _note(self, table: str, column: str) -> Callable[[int], None] | None:
        """Return the callback for the index of a changed cell; None for a column that is not in traces."""
        subject = _SUBJECTS.get((table, column)) or _SUBJECTS.get((table, "*"))
        return None if subject is None else self._changed.setdefault(subject, set()).add

    def collect(self) -> dict[str, Any]:
        """Return the DELTA of the operation that has just ended, without its effects, and start the next."""
        # Reversed, so that the old value of the first write to a cell wins.
        before = {address: old for address, old, _ in reversed(self.journal.take_unmarked())}
        cells, bases, notes = self._cells, self._bases, self._notes
        for address, old in before.items():
            if cells[address] != old:
                column = bisect_right(bases, address) - 1
                note = notes[column]
                if note is not None:
                    note(address - bases[column])
        self._before = before
        delta = self._delta()
        for indices in self._changed.values():
            indices.clear()
        return delta

    def _delta(self) -> dict[str, Any]:
        changed = self._changed
        delta: dict[str, Any] = {}
        markers = {m for m in changed["page"] | changed["next"] if m >= self.vm.marker_base}
        if pages := changed["page"] - markers:
            delta["pages"] = sorted(map(self.page_row, pages))
        queues = changed["queue"] | self._queues_of(changed["next"])
        if markers:
            queues = {q for q in queues if self._differs_without_markers(q)}
        if queues:
            delta["queues"] = [self.queue_row(q) for q in sorted(queues)]
        if changed["vmstats"]:
            count = self.vm.vmstats.count
            delta["vmstats"] = {VMSTATS_FIELDS[field]: count[field] for field in changed["vmstats"]}
        if cpus := self._cpu_rows():
            delta["cpus"] = cpus
        if changed["object"]:
            delta["objects"] = sorted(map(self.object_row, changed["object"]))
        if changed["hash"]:
            delta["hash"] = [self.hash_row(slot) for slot in sorted(changed["hash"])]
        if variables := {
            name: getattr(self.vm.glob, own)[0] for own, name in _GLOBALS.items() if changed[own]
        }:
            delta["globals"] = variables
        return delta

    def _queues_of(self, pages: Iterable[int]) -> set[int]:
        """Return the queues of `pages`."""
        queue = self._page_at[0][0]
        return {self._cells[queue + m] for m in pages} - {PQ_NONE}

    def touched_queues(self) -> set[int]:
        """Return the queues whose order the last operation changed, even if it restored them."""
        pages, queues = set(), set()
        for address in self._before:
            place, index = self.vm.memory.place_of(address)
            if place.table == "queue" and place.name in ("head", "tail", "lcnt"):
                queues.add(index)
            elif place.table == "page" and place.name in ("next", "prev"):
                pages.add(index)
        return queues | self._queues_of(pages)

    def page_row(self, m: int) -> Row:
        """Return the row of page `m` in a trace (PAGE_FIELDS)."""
        cells = self._cells
        values = [cells[base + m] + bias for base, bias in self._page_at]
        q, obj = values[0], values[9]
        row: Row = [self.vm.page_number(m), "NONE", None, *values[1:]]
        if q != PQ_NONE:
            row[1], row[2] = type_and_color(q)
        row[11] = None if obj == NULL else self.object_ids[obj]
        row[12] &= PINDEX_MASK
        return row

    def queue_row(self, q: int) -> Row:
        """Return the row of queue `q` in a trace (QUEUE_FIELDS)."""
        queue = self.vm.queue
        pages: Any = self._list(q)
        if len(pages) > LONGEST_LIST:
            text = ",".join(map(str, pages))
            pages = {"n": len(pages), "crc32": zlib.crc32(text.encode("ascii"))}
        return [*type_and_color(q), queue.lcnt[q], queue.lastq[q], queue.adds[q], pages]

    def _list(self, q: int) -> list[int]:
        return self._walk(q, self._cells.__getitem__)

    def _walk(self, q: int, cell: Callable[[int], int]) -> list[int]:
        """Return the page numbers of queue `q` without markers; `cell` reads the cell at an address."""
        places = self.vm.memory.places
        following, flags = places["page.next"].base, self._page_at[2][0]
        pages = []
        m = cell(places["queue.head"].base + q)
        while m != NULL:
            if not cell(flags + m) & PG_MARKER:
                pages.append(self.vm.page_number(m))
            m = cell(following + m)
        return pages

    def _differs_without_markers(self, q: int) -> bool:
        """Whether the row of queue `q` differs from that before the operation."""
        before, cells, places = self._before, self._cells, self.vm.memory.places

        def cell_before(address: int) -> int:
            return before.get(address, cells[address])

        shown = [places[f"queue.{name}"].base + q for name in ("lcnt", "lastq", "adds")]
        same = all(cell_before(address) == cells[address] for address in shown)
        return not same or self._list(q) != self._walk(q, cell_before)

    def object_row(self, obj: int) -> Row:
        """Return the row of object `obj` in a trace (OBJECT_FIELDS)."""
        return [self.object_ids[obj], *(self._cells[base + obj] + bias for base, bias in self._object_at)]

    def hash_row(self, slot: int) -> Row:
        """Return the row of an element of the page hash in a trace (HASH_FIELDS)."""
        m, obj, pindex, ticks = (self._cells[base + slot] + bias for base, bias in self._hash_at)
        page = None if m == NULL else self.vm.page_number(m)
        return [slot, page, None if obj == NULL else self.object_ids[obj], pindex & PINDEX_MASK, ticks]

    def _cpu_rows(self) -> list[Row]:
        rows: dict[int, Row] = {}
        changed, vm = self._changed, self.vm
        for copy, column, place in (("view", vm.gd_vmstats.view, 1), ("adj", vm.gd_vmstats.adj, 2)):
            for at in changed[copy]:
                cpu, field = divmod(at, VMSTATS_SIZE)
                row = rows.setdefault(cpu, [cpu, {}, {}, {}])
                row[place][VMSTATS_FIELDS[field]] = column[at]
        for name in _COUNTERS:
            for cpu in changed[name]:
                rows.setdefault(cpu, [cpu, {}, {}, {}])[3][name] = getattr(vm.cpu, name)[cpu]
        return [rows[cpu] for cpu in sorted(rows)]

    def channel(self, chan: int) -> Row:
        """Return a sleep channel in the trace's format: `[name]` or `[name, number]`."""
        name, number = describe_channel(self.vm, chan)
        if number is None:
            return [name]
        return [name, self.object_ids[number] if name == "pip" else number]

    def effects(self) -> dict[str, Any]:
        """Return the DELTA keys of effects other than writes: wakeups, pmap, kprintf."""
        effects = self.vm.effects
        if not effects:
            return {}
        shown: dict[str, Any] = {
            "wakeups": [self._wakeup(effect) for effect in effects if effect[0] == "wakeup"],
            "pmap": [self._pmap(effect) for effect in effects if effect[0] in _PMAP_EFFECTS],
            "kprintf": console(effects),
        }
        return {key: value for key, value in shown.items() if value}

    def _wakeup(self, effect: tuple[Any, ...]) -> Row:
        _, chan, threads, *how = effect
        return [self.channel(chan), list(threads), *how]

    def _pmap(self, effect: tuple[Any, ...]) -> Row:
        kind, *rest = effect
        if kind in ("zero_page", "zero_area", "memattr"):
            return [kind, self.vm.page_number(rest[0]), *rest[1:]]
        if kind == "put_pages":
            obj, flags, pages = rest
            return [kind, self.object_ids[obj], flags, [self.vm.page_number(m) for m in pages]]
        return [kind, *rest]
