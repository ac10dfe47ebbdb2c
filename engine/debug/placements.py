"""Placements of allocated pages: which cpu got which page, and why it came from another node.

The journal records the announcement and the writes of each step. A successful allocation announces, in this
order and among other steps of its thread: the look at the requested colour; the start of a far search, then
its first colour; the removal of the page from its queue; and finally, once the page is certain, the clearing
of its fields. The last of each before that final step belong to the allocation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import PAGE_SHIFT, PQ_FREE, PQ_INACTIVE, PQ_NONE
from engine.debug.journal_search import Steps, announced, last_own_step
from engine.debug.per_history import Growing, Rows
from engine.kernel.alloc import CLEAR_FIELDS
from engine.kernel.queues import LEAVE_QUEUE
from engine.kernel.search import LOOKS, START
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.memory.distinct import distinct
from engine.run.history import History

LOCAL, NO_NODE, ASKED, REDIRECTED, WIDENED, FINALIZED, UNORGANIZED = range(7)
"""The origin of a page: see `CAUSES`."""

CAUSES: Final = (
    "local",
    "of no node",
    "the requested colour belongs to another node",
    "lastq sent the search to another node's colours",
    "the search widened into another node's colours",
    "boot gave the page a colour of this node (finalize)",
    "the colours are not divided among the nodes",
)
"""The meaning of each number; all except the first two explain why a page is remote."""

Nodes = npt.NDArray[np.int8]
"""Node indices, -1 for none."""

_COLORS: Final = {text: q - PQ_FREE for text, (q, _) in LOOKS.items() if q < PQ_INACTIVE}
"""Announcement -> the colour of FREE in it."""

_PREPARED: Final = announced(CLEAR_FIELDS.__eq__)
_LEFT: Final = announced(LEAVE_QUEUE.__eq__)
_STARTED: Final = announced(START.__eq__)
_ASKED: Final = announced(lambda text: text in _COLORS and LOOKS[text][1])
_LOOKED: Final = announced(lambda text: text in _COLORS and not LOOKS[text][1])


@dataclass(frozen=True)
class Placements:
    """Successful allocations, one entry each, in the order of their steps.

    steps: when the page was certain; cpus: the allocating cpus; pages: the allocated pages.
    asked: the requested colour; began: the first colour of the search, which differs for a far search.
    """

    steps: Steps
    cpus: Array
    pages: Array
    asked: Array
    began: Array

    def __len__(self) -> int:
        return self.steps.size


def placements(history: History, first: int = 0, last: int | None = None) -> Placements:
    """Return the placements of steps first + 1 .. last (default: the cursor); does not move the cursor."""
    return Placements(*_PLACED.of(history).between(first, history.step if last is None else last))


def placement_of(history: History, m: int) -> Placements:
    """Return the last placement of page `m` up to the cursor: one entry, or none."""
    placed = placements(history)
    last = np.flatnonzero(placed.pages == m)[-1:]
    columns = (placed.steps, placed.cpus, placed.pages, placed.asked, placed.began)
    return Placements(*(column[last] for column in columns))


def _extend(placed: Rows, history: History, first: int, last: int) -> None:
    (prepared,) = _PREPARED.of(history).between(first, last)
    if prepared.size:
        placed.extend(*_placed(history, prepared))


_PLACED: Final = Growing(lambda _: Rows(5), _extend, Rows.until)


def _placed(history: History, prepared: Steps) -> tuple[Array, ...]:
    """Return the columns of Placements for the allocations that completed at these steps."""
    threads = history.journal.threads_at(prepared)
    left, asking, started = (
        last_own_step(history, such.of(history).columns[0], prepared) for such in (_LEFT, _ASKED, _STARTED)
    )
    asked = _colors(history, asking)
    far = started > asking
    began = asked.copy()
    began[far] = _colors(history, _after(history, _LOOKED, started[far], threads[far]))
    cpu_of = np.array([program.cpu for program in history.programs], np.int64)
    return prepared, cpu_of[threads], _pages_left(history, left), asked, began


def _after(history: History, such: Growing[Rows], moments: Steps, threads: Array) -> Steps:
    """For each moment, return the first such step of its thread after it; one always exists."""
    (steps,) = such.of(history).columns
    found, taken_by = np.zeros_like(moments), history.journal.threads_at(steps)
    for t in distinct(threads):
        own, mine = steps[taken_by == t], threads == t
        found[mine] = own[np.searchsorted(own, moments[mine], side="right")]
    return found


def _colors(history: History, steps: Steps) -> Array:
    """Return the colour in the announcement of each step."""
    numbers, which = np.unique(history.journal.label_numbers_at(steps), return_inverse=True)
    names = history.journal.names
    colors = np.array([_COLORS.get(names[number], -1) for number in numbers.tolist()], np.int64)
    return colors[which]


def _pages_left(history: History, steps: Steps) -> Array:
    """Return the page that left its queue in each step."""
    journal, place = history.journal, history.vm.memory.places["page.queue"]
    begins, ends = journal.ends(steps - 1), journal.ends(steps)
    found = np.full(steps.size, -1, np.int64)
    for n in range(int((ends - begins).max(initial=0))):
        at = np.minimum(begins + n, ends - 1)
        index = journal.address.at(at) - place.base
        hit = (index >= 0) & (index < place.length) & (journal.new.at(at) == PQ_NONE)
        found[hit] = index[hit]
    return found


# --- near and far -------------------------------------------------------------------------------------------


def nodes_of(vm: Machine, pages: Array) -> Nodes:
    """Return for each page the index in `hardware.nodes` of its node; -1 for none."""
    address = vm.first_page + pages << PAGE_SHIFT
    found = np.full(pages.size, -1, np.int8)
    for number, node in enumerate(vm.config.hardware.nodes):
        for beg, end in node.ranges:
            found[(address >= beg) & (address < end)] = number
    return found


def band_size(vm: Machine) -> int:
    """Return the number of colours per socket; 0 if boot did not divide them among the sockets."""
    return vm.colors // vm.topology.phys_ids if vm.colors_by_socket else 0


def sockets_of(vm: Machine, nodes: Array | Nodes) -> Array:
    """Return the cpus' socket number of each node; -1 for no node and for a node without cpus."""
    own = [
        -1 if node.phys_id is None else node.phys_id % vm.topology.phys_ids
        for node in vm.config.hardware.nodes
    ]
    return np.array([*own, -1], np.int64)[nodes]


def remote(vm: Machine, pages: Array, cpus: Array) -> npt.NDArray[np.bool_]:
    """Return for each page whether its node is that of another socket than the cpu's.

    A page of no node, and one of a node without cpus, are remote to no cpu.
    """
    socket = sockets_of(vm, nodes_of(vm, pages))
    here = np.array([place.phys_id for place in vm.topology.cpus], np.int64)[cpus]
    far: npt.NDArray[np.bool_] = (socket >= 0) & (socket != here)
    return far


def causes(vm: Machine, placed: Placements) -> Array:
    """Return for each placement a number of `CAUSES`: whether it is local, and if not, why."""
    nodes = nodes_of(vm, placed.pages)
    here = np.array([place.phys_id for place in vm.topology.cpus], np.int64)[placed.cpus]
    far, size = remote(vm, placed.pages, placed.cpus), band_size(vm)
    if not size:
        return np.select([nodes < 0, far], [NO_NODE, UNORGANIZED], LOCAL)
    color = vm.memory.vector("page.pc")[placed.pages]
    reasons = [
        (nodes < 0, NO_NODE),
        (~far, LOCAL),
        (placed.asked // size != here, ASKED),
        (color // size == here, FINALIZED),
        (placed.began // size != here, REDIRECTED),
    ]
    tests, numbers = zip(*reasons, strict=True)
    return np.select(tests, numbers, WIDENED)


# --- by page ------------------------------------------------------------------------------------------------


def _note_far(known: Rows, history: History, first: int, last: int) -> None:
    placed = placements(history, first, last)
    if len(placed):
        known.extend(placed.steps, placed.pages, causes(history.vm, placed) > NO_NODE)


_FAR: Final = Growing(lambda _: Rows(3), _note_far, Rows.until)


def remote_pages(history: History) -> npt.NDArray[np.bool_]:
    """Return for each page whether the cpu that took it last, up to the cursor, took it from another node."""
    _, pages, far = _FAR.of(history).between(0, history.step)
    found = np.zeros(history.vm.vm_page_array_size, np.bool_)
    # Of several placements of a page, the assignment keeps the last one.
    found[pages] = far
    return found
