"""The use of each page frame, updated from the journal: an update costs only the writes since the last one.

A page on a queue counts as that queue's, wired or not, so that the counts equal the queue lengths. A page on
no queue is in use, wired, in the reserve for drivers, taken by a driver, or not managed by the page layer.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import (
    ALIST_BLOCKS,
    PAGE_SHIFT,
    PAT_WRITE_BACK,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    PQ_COUNT,
    PQ_FREE,
    PQ_L2_SIZE,
    PQ_NONE,
)
from engine.debug.per_history import PerHistory
from engine.debug.placements import Nodes, nodes_of
from engine.kernel.boot.free_lists import runs
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.memory.distinct import distinct
from engine.run.history import History

States = npt.NDArray[np.uint8]

HOLE, KEPT, FREE, RESERVE, TAKEN, CACHE, INACTIVE, ACTIVE, HOLD, WIRED, USED = range(11)
"""The states, in ascending priority: the highest one is shown where several share a cell."""

GLYPHS: Final = "-#·rdciahwu"
"""The glyph of each state: mostly letters, so that colour is never the only sign."""

WORDS: Final = (
    "no memory", "kept by boot", "free", "reserve", "driver's", "cache", "inactive", "active", "hold",
    "wired", "in use",
)  # fmt: skip

STYLES: Final = (
    "faint", "faint", "fill-FREE", "fill-DMA", "warn", "key", "fill-INACTIVE", "fill-ACTIVE",
    "fill-HOLD", "bold", "now",
)  # fmt: skip

_BY_TYPE: Final = np.array([USED, FREE, INACTIVE, ACTIVE, CACHE, HOLD], np.uint8)
_BY_QUEUE: Final = _BY_TYPE[(np.arange(PQ_COUNT) - PQ_FREE) // PQ_L2_SIZE + 1]
_COLUMNS: Final = ("page.queue", "page.flags", "page.wire_count", "page.pat_mode")
_MANY: Final = 1 << 16


def in_memory(vm: Machine) -> npt.NDArray[np.bool_]:
    """Which frames of the page array are usable memory according to the firmware."""
    usable = np.zeros(vm.vm_page_array_size, np.bool_)
    for beg, end in vm.config.hardware.phys_avail:
        usable[-(-beg >> PAGE_SHIFT) - vm.first_page : (end >> PAGE_SHIFT) - vm.first_page] = True
    return usable


@dataclass(frozen=True)
class Stretch:
    """The frames begin .. beyond - 1 of one node (-1: no node); `empty` if they are a hole without memory."""

    begin: int
    beyond: int
    node: int
    empty: bool


def stretches(nodes: Nodes, usable: npt.NDArray[np.bool_]) -> tuple[Stretch, ...]:
    """The page array, split at node boundaries and around every long hole."""
    long_hole = usable.size // 16
    empty = np.zeros(usable.size, np.bool_)
    for begin, beyond in runs(~usable, 0):
        empty[begin:beyond] = beyond - begin >= long_hole
    differs = (np.diff(nodes) != 0) | (np.diff(empty) != 0)
    edges = [0, *(np.flatnonzero(differs) + 1).tolist(), usable.size]
    pairs = itertools.pairwise(edges)
    return tuple(Stretch(begin, beyond, int(nodes[begin]), bool(empty[begin])) for begin, beyond in pairs)


class PageStates:
    """The state of every frame of a history's machine, and the count of each state on each node.

    at:     the (branch, step, cuts) that the states belong to.
    counts: pages by node (last row: no node) and state.
    """

    def __init__(self, vm: Machine) -> None:
        self.vm = vm
        self.at = (-1, -1, -1)
        self.usable = in_memory(vm)
        self.nodes = nodes_of(vm, np.arange(vm.vm_page_array_size))
        self.stretches = stretches(self.nodes, self.usable)
        self.states: States = np.zeros(vm.vm_page_array_size, np.uint8)
        self.counts: Array = np.zeros((len(vm.config.hardware.nodes) + 1, len(WORDS)), np.int64)
        places = vm.memory.places
        self.spans = [(places[name].base, vm.vm_page_array_size, 0) for name in _COLUMNS]
        self.spans.append((places["alist.free"].base, ALIST_BLOCKS, vm.first_page))

    def bring_to(self, history: History) -> None:
        """Update the states to the history's cursor."""
        branch, step, cuts = self.at
        here = (history.current, history.step, len(history.cuts))
        if here == self.at:
            return
        known = branch >= 0 and cuts == len(history.cuts)
        known = known and step <= history.shared_steps(branch, history.current)
        if not known or not self._follow(history, step):
            self._look_everywhere()
        self.at = here

    def _follow(self, history: History, step: int) -> bool:
        """Update the pages written between `step` and the cursor; false if there are too many writes."""
        addresses = history.journal.addresses(*sorted((step, history.step)))
        if addresses.size > _MANY:
            return False
        pages = self.written(addresses.astype(np.int64))
        if pages.size:
            self._count(pages, -1)
            self.states[pages] = self.classify(pages)
            self._count(pages, 1)
        return True

    def written(self, addresses: Array) -> Array:
        """The pages whose state depends on the cells at `addresses`, ascending, without duplicates."""
        found = []
        for base, length, first in self.spans:
            index = addresses[(addresses >= base) & (addresses < base + length)] - base - first
            found.append(index[(index >= 0) & (index < self.states.size)])
        return distinct(np.concatenate(found))

    def _count(self, pages: Array, by: int) -> None:
        np.add.at(self.counts, (self.nodes[pages], self.states[pages]), by)

    def _look_everywhere(self) -> None:
        self.states[:] = self.classify(slice(None))
        keys = self.nodes.astype(np.int64) % len(self.counts) * len(WORDS) + self.states
        self.counts[:] = np.bincount(keys, minlength=self.counts.size).reshape(self.counts.shape)

    def classify(self, pages: Array | slice) -> States:
        """The states of some or all pages of the array."""
        size, vector = self.vm.vm_page_array_size, self.vm.memory.vector
        queue, flags, wired, pat = (vector(name)[:size][pages] for name in _COLUMNS)
        states = _BY_QUEUE[queue]
        unqueued = np.flatnonzero(queue == PQ_NONE)
        number = np.arange(size)[pages][unqueued]
        reserved = (flags[unqueued] & (PG_FICTITIOUS | PG_UNQUEUED)) != 0
        block = np.minimum(number + self.vm.first_page, ALIST_BLOCKS - 1)
        own = (number + self.vm.first_page < ALIST_BLOCKS) & (vector("alist.free")[block] != 0)
        never = pat[unqueued] == -PAT_WRITE_BACK
        tests = [reserved & own, reserved, never & self.usable[number], never, wired[unqueued] != 0]
        states[unqueued] = np.select(tests, [RESERVE, TAKEN, KEPT, HOLE, WIRED], USED)
        return states


_STATES: Final = PerHistory(lambda history: PageStates(history.vm))


def page_states(history: History) -> PageStates:
    """The states of every frame at the history's cursor."""
    states = _STATES.of(history)
    states.bring_to(history)
    return states


def states_changed(history: History, states: PageStates) -> dict[int, tuple[int, int]]:
    """The state before and after the last step of each page whose state it changed.

    To find the old states, the written cells are restored temporarily.
    """
    if history.step == 0:
        return {}
    written = history.journal.writes_of(history.step)
    pages = states.written(np.array([address for address, _, _ in written], np.int64))
    if not pages.size:
        return {}
    cells = history.vm.memory.cells
    for address, old, _ in reversed(written):
        cells[address] = old
    before = states.classify(pages)
    for address, _, new in written:
        cells[address] = new
    triples = zip(pages.tolist(), before.tolist(), states.states[pages].tolist(), strict=True)
    return {m: (was, now) for m, was, now in triples if was != now}
