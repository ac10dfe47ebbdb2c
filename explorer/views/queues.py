"""The map: pages on each colour's queues, unqueued pages in use, the reserve, and node colours."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from engine.constants import (
    ALIST_BLOCKS,
    PAGE_SHIFT,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    PQ_NONE,
    QUEUE_BASES,
    type_and_color,
)
from engine.debug.placements import band_size
from engine.machine.machine import Machine
from engine.memory.distinct import distinct
from engine.run.history import History
from explorer.views.differences import Colors
from explorer.views.rows import TYPES, AxisRow, Band, MapRow, ReserveRow, socket_bands
from explorer.views.search import SearchPath, search_path

_RELEVANT = ("page.queue", "page.pc", "page.flags", "page.busy_count", "page.wire_count")
_MANY = 4096


def full_count(vm: Machine) -> int:
    """The count that fills a cell: a third more than an even share of all pages, to leave headroom."""
    return max(-(-4 * vm.vm_page_array_size // (3 * vm.colors)), 1)


@dataclass
class Unqueued:
    """The pages in use that are not queued, updated from the journal instead of searched again.

    A cache of pure values: `at` is the (branch, step, number of cuts of the history) that it is valid for.
    """

    vm: Machine
    at: tuple[int, int, int] = (-1, -1, 0)
    pages: dict[int, tuple[int, bool, bool]] = field(default_factory=dict)
    """Page -> (colour, busy, wired)."""

    def __post_init__(self) -> None:
        self.counts = np.zeros(self.vm.colors, np.int64)
        self.busy = np.zeros(self.vm.colors, np.int64)
        self.wired = np.zeros(self.vm.colors, np.int64)
        self.spans = [
            (place.base, place.base + self.vm.vm_page_array_size)
            for place in (self.vm.memory.places[name] for name in _RELEVANT)
        ]

    def bring_to(self, history: History) -> None:
        """Update the pages to the history's cursor."""
        branch, step, cuts = self.at
        here = (history.current, history.step, len(history.cuts))
        if here == self.at:
            return
        known = branch == history.current and step <= history.total
        if not known and history.branches[history.current].parent == branch:
            # A branch shares everything with its parent up to the fork.
            known = step <= history.branches[history.current].fork_step
        # After a cut, the steps since then may be others.
        if not known or cuts != len(history.cuts) or not self._follow(history, step):
            self._look_everywhere()
        self.at = here

    def _follow(self, history: History, step: int) -> bool:
        """Update the pages written between `step` and the cursor; false if there are too many."""
        addresses = history.journal.addresses(*sorted((step, history.step)))
        if addresses.size > _MANY * 16:
            return False
        written = addresses.astype(np.int64)
        parts = [written[(written >= low) & (written < high)] - low for low, high in self.spans]
        pages = distinct(np.concatenate(parts))
        if pages.size > _MANY:
            return False
        for m in pages.tolist():
            self._look_at(m)
        return True

    def _look_everywhere(self) -> None:
        vector, size = self.vm.memory.vector, self.vm.vm_page_array_size
        for total in (self.counts, self.busy, self.wired):
            total[:] = 0
        self.pages.clear()
        unqueued = np.flatnonzero(vector("page.queue")[:size] == PQ_NONE)
        # A page that boot never added has no memory type; a page of the reserve is never queued.
        added = vector("page.pat_mode")[unqueued] == 0
        plain = vector("page.flags")[unqueued] & (PG_FICTITIOUS | PG_UNQUEUED) == 0
        for m in unqueued[added & plain].tolist():
            self._look_at(m)

    def _look_at(self, m: int) -> None:
        page = self.vm.page
        self._count(self.pages.pop(m, None), -1)
        reserved = page.flags[m] & (PG_FICTITIOUS | PG_UNQUEUED)
        if page.queue[m] == PQ_NONE and not reserved and page.pat_mode[m]:
            entry = (page.pc[m], page.busy_count[m] != 0, page.wire_count[m] != 0)
            self.pages[m] = entry
            self._count(entry, 1)

    def _count(self, entry: tuple[int, bool, bool] | None, by: int) -> None:
        if entry is not None:
            color, busy, wired = entry
            self.counts[color] += by
            self.busy[color] += by * busy
            self.wired[color] += by * wired


def queue_rows(
    history: History,
    unqueued: Unqueued,
    base: str,
    color: int,
    path: SearchPath | None = None,
    differs: Colors | None = None,
) -> tuple[MapRow, ...]:
    """The six rows of the map; the cursor is on colour `color` of type `base`.

    path: the search of the current allocation, to draw; differs: colours to mark, by type.
    """
    differs = differs or {}
    sought = _sought(path)
    vm = history.vm
    lcnt = vm.memory.vector("queue.lcnt")
    changed, touched, delta = _queues_written(history)
    bands, full = node_bands(vm), full_count(vm)
    rows = []
    for name in TYPES[:-1]:
        first = QUEUE_BASES[name]
        counts = lcnt[first : first + vm.colors].copy()
        rows.append(
            MapRow(
                name, counts, full, int(counts.sum()), delta.get(name, 0),
                frozenset(changed.get(name, ())), frozenset(touched.get(name, ())),
                color if name == base else -1, bands=bands, sought=sought.get(name, frozenset()),
                asked=path.asked if path is not None and name in sought else -1,
                differs=differs.get(name, frozenset()),
            )
        )  # fmt: skip
    none = _none_row(history, unqueued, full, color if base == "NONE" else -1, bands)
    return (*rows, replace(none, differs=differs.get("NONE", frozenset())))


def _sought(path: SearchPath | None) -> dict[str, frozenset[int]]:
    """The colours that a search visited, by type."""
    found: dict[str, set[int]] = {}
    for name, color in path.colors if path is not None else ():
        found.setdefault(name, set()).add(color)
    return {name: frozenset(colors) for name, colors in found.items()}


def path_under_way(history: History) -> SearchPath | None:
    """The search of the last allocation while its script call is running; None afterwards."""
    path = search_path(history)
    if not path.step or history.vm.thread.op_start[path.thread] >= path.step:
        return None
    return path


def _none_row(
    history: History, unqueued: Unqueued, full: int, cursor: int, bands: tuple[Band, ...]
) -> MapRow:
    unqueued.bring_to(history)
    changed, touched, delta = _pages_unqueued(history)
    return MapRow(
        "NONE", unqueued.counts.copy(), full, int(unqueued.counts.sum()), delta, changed, touched, cursor,
        unqueued.busy.copy(), unqueued.wired.copy(), bands,
    )  # fmt: skip


def _queues_written(history: History) -> tuple[dict[str, set[int]], dict[str, set[int]], dict[str, int]]:
    """By type: colours whose count the last step changed, other colours that it wrote, and the net change."""
    changed: dict[str, set[int]] = {}
    touched: dict[str, set[int]] = {}
    delta: dict[str, int] = {}
    for address, old, new in history.journal.writes_of(history.step) if history.step else ():
        place, index = history.vm.memory.place_of(address)
        if place.table != "queue" or index == PQ_NONE:
            continue
        name, color = type_and_color(index)
        if place.name == "lcnt":
            changed.setdefault(name, set()).add(color)
            delta[name] = delta.get(name, 0) + new - old
        else:
            touched.setdefault(name, set()).add(color)
    return changed, touched, delta


def _pages_unqueued(history: History) -> tuple[frozenset[int], frozenset[int], int]:
    """For NONE: colours where the last step added or removed a page, or wrote a page; and the net change."""
    vm = history.vm
    changed, touched, delta = set(), set(), 0
    for address, old, new in history.journal.writes_of(history.step) if history.step else ():
        place, m = vm.memory.place_of(address)
        if place.table != "page" or m >= vm.vm_page_array_size or place.name in ("next", "prev"):
            continue
        if place.name == "queue" and PQ_NONE in (old, new):
            changed.add(vm.page.pc[m])
            delta += 1 if new == PQ_NONE else -1
        elif vm.page.queue[m] == PQ_NONE and not vm.page.flags[m] & PG_UNQUEUED:
            touched.add(vm.page.pc[m])
    return frozenset(changed), frozenset(touched - changed), delta


def reserve_row(history: History) -> ReserveRow:
    """The contiguous reserve, block by block."""
    vm = history.vm
    blocks = min(vm.glob.vm_low_phys_reserved[0] >> PAGE_SHIFT, ALIST_BLOCKS)
    free = vm.memory.vector("alist.free")[:blocks].copy()
    place = vm.memory.places["alist.free"]
    written = history.journal.writes_of(history.step) if history.step else []
    changed = frozenset(
        address - place.base for address, _, _ in written if place.base <= address < place.base + blocks
    )
    return ReserveRow(free, vm.glob.bl_free[0], changed)


def node_bands(vm: Machine) -> tuple[Band, ...]:
    """The colours of each socket; one band where boot does not divide them among sockets."""
    if size := band_size(vm):
        return socket_bands(vm.topology.phys_ids, size)
    return (Band(0, vm.colors, "node 0"),)


def band_of(vm: Machine, color: int) -> str:
    """The cpu whose allocations prefer a colour: `node 1 core 2 thread 0`, or `cpu 3`."""
    topology = vm.topology
    if not vm.colors_by_topology:
        return f"cpu {min(color // max(vm.colors // vm.ncpus, 1), vm.ncpus - 1)}"
    socket = max(vm.colors // topology.phys_ids, 1)
    core = max(socket // topology.core_ids, 1)
    stretch = max(core // topology.ht_ids, 1)
    parts = (f"node {color // socket}", f"core {color % socket // core}")
    thread = f"thread {color % core // stretch}" if topology.ht_ids > 1 else ""
    return " ".join([*parts, thread] if thread else parts)


def axis_row(history: History, rows: tuple[MapRow, ...], color: int) -> AxisRow:
    """The axis, and a description of the colour under the cursor."""
    vm = history.vm
    counts = [f"{row.name} {int(row.counts[color])}" for row in rows if row.counts[color]]
    text = f"colour {color} {band_of(vm, color)}: {', '.join(counts) or 'no pages'}"
    return AxisRow(vm.colors, color, node_bands(vm), text)


def pages_at(vm: Machine, base: str, color: int, unqueued: Unqueued) -> list[int]:
    """The pages at colour `color` of a type, from the head of the list (at most 10,000), without markers."""
    if base == "NONE":
        return sorted(m for m, (of, _, _) in unqueued.pages.items() if of == color)
    found: list[int] = []
    m = vm.queue.head[QUEUE_BASES[base] + color]
    while m >= 0 and len(found) < 10_000:
        if m < vm.marker_base:
            found.append(m)
        m = vm.page.next[m]
    return found
