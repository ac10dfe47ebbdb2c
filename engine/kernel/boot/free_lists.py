"""Free lists during boot: whole ranges of pages are linked at once, where the kernel goes page by page.

The kernel inserts each page at the head of its colour's list, in ascending order. A list is therefore in
descending order, and a page's neighbours follow from the colours alone. They are found in two ways:

- Any colours: a stable sort of a range by colour puts each page next to its neighbours in the list.
- Boot's own colours: the low digit of a page number, xor-ed with a key made from the higher digits. A row of
  as many pages as there are colours has each colour once, at position `colour ^ key` with one key for the
  row. A page's neighbour in the row before or after it is therefore at `position ^ key ^ other row's key`: no
  sorting, and ten times as fast. The colours of one socket have the same form in shorter rows, if the sockets
  share the colours evenly. The code checks the colours of a range for this form and never assumes it.

Long ranges are split into chunks: the working vectors of one chunk fit in a processor's cache, and a large
machine needs little additional memory. In a boot that is stepped, a chunk is what one step handles. Columns
are written inside `Memory.writing`, which then records the changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import NULL, PQ_COUNT, PQ_FREE
from engine.machine.machine import Machine
from engine.memory.cells import Array

CHUNK: Final = 1 << 15
"""Pages linked at once by a boot that is not stepped."""

FEWEST_STEPS: Final = 64
MOST_STEPS: Final = 128
"""Into how many chunks a stepped boot divides the whole memory."""


def chunk_size(vm: Machine) -> int:
    """The number of pages of one chunk, a power of two.

    In a stepped boot a chunk is one round of the colours, if memory then has from 64 to 128 chunks.
    """
    if not vm.config.stepped_boot:
        return CHUNK
    pages = 1 << (vm.page_entries - 1).bit_length()
    return max(1, min(max(vm.colors, pages // MOST_STEPS), pages // FEWEST_STEPS))


def keep_freed_memory() -> None:
    """Let the vectors of one chunk reuse the memory of the previous chunk's.

    glibc returns freed memory to the system until it has seen a larger block freed. Without this call, each
    chunk's vectors are faulted in again, which takes a fifth of the boot time of 64 GiB.
    """
    np.empty(1 << 20, np.int64)


def chunks(vm: Machine, first: int, beyond: int) -> Iterator[tuple[int, int]]:
    """Split the pages [first, beyond) where their physical page numbers are multiples of a chunk's size."""
    size = chunk_size(vm)
    while first < beyond:
        end = first + size - (vm.first_page + first) % size
        yield first, min(end, beyond)
        first = end


def color_groups(vm: Machine, colors: int) -> Iterator[tuple[int, int]]:
    """Split the first `colors` colours into what one step of finalize fills: all, or a few if stepped."""
    size = max(1, vm.colors // FEWEST_STEPS) if vm.config.stepped_boot else max(1, colors)
    for first in range(0, colors, size):
        yield first, min(first + size, colors)


def runs(chosen: npt.NDArray[np.bool_], first: int) -> list[tuple[int, int]]:
    """The ranges [start, end) of consecutive true entries; the first entry has index `first`."""
    edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False)) + first
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def push_heads(vm: Machine, first: int, beyond: int) -> None:
    """Put the unqueued pages [first, beyond) at the heads of the free lists of their colours.

    Pages go in ascending order, so the highest is the new head. `pc` must be set; of the counters only lcnt
    changes.
    """
    for start, end in chunks(vm, first, beyond):
        colors = vm.memory.vector("page.pc", start, end - start)
        with vm.memory.writing("page.queue") as queue:
            np.add(colors, PQ_FREE, out=queue[start:end])
        rows = _rows(colors)
        if rows is None:
            _push_sorted(vm, start, end, colors)
        else:
            _push_rows(vm, start, end, *rows)


def _rows(colors: Array) -> tuple[int, Array] | None:
    """Read `colors` as rows with each colour at position `colour ^ key`: (lowest colour, keys), or None."""
    base = int(colors.min())
    width = int(colors.max()) - base + 1
    if width & (width - 1) or colors.size % width:
        return None
    rows = colors.reshape(-1, width) - base
    keys = rows[:, :1]
    return (base, keys) if np.array_equal(rows, np.arange(width) ^ keys) else None


def _push_rows(vm: Machine, first: int, beyond: int, base: int, keys: Array) -> None:
    writing = vm.memory.writing
    count, width = len(keys), (beyond - first) // len(keys)
    position = np.arange(width)
    starts = np.arange(first, beyond, width)[:, None]
    turn = keys[1:] ^ keys[:-1]
    with writing("page.next") as column:
        following = column[first:beyond].reshape(count, width)
        np.bitwise_xor(position, turn, out=following[1:])
        following[1:] += starts[:-1]
    with writing("page.prev") as column:
        preceding = column[first:beyond].reshape(count, width)
        np.bitwise_xor(position, turn, out=preceding[:-1])
        preceding[:-1] += starts[1:]
    colors = base + position
    lowest = starts[0] + (position ^ keys[0])
    highest = starts[-1] + (position ^ keys[-1])
    _join(vm, colors, lowest, highest)
    with writing("queue.lcnt") as lcnt:
        lcnt[PQ_FREE + colors] += count


def _push_sorted(vm: Machine, first: int, beyond: int, colors: Array) -> None:
    writing = vm.memory.writing
    order = np.argsort(colors.astype(np.uint16), kind="stable")
    counts = np.bincount(colors, minlength=vm.colors)
    used = np.flatnonzero(counts)
    pages = order + first
    # The index, in `pages`, of each colour's highest and lowest page.
    highest = np.cumsum(counts)[used] - 1
    lowest = highest - counts[used] + 1
    # The ends of each list get a neighbour of another colour here; _join() corrects them.
    with writing("page.next") as following, writing("page.prev") as preceding:
        following[first:beyond][order[1:]] = pages[:-1]
        preceding[first:beyond][order[:-1]] = pages[1:]
    _join(vm, used, pages[lowest], pages[highest])
    with writing("queue.lcnt") as lcnt:
        lcnt[PQ_FREE : PQ_FREE + vm.colors] += counts


def _join(vm: Machine, colors: Array, lowest: Array, highest: Array) -> None:
    """Put chains of pages, each already linked from its highest to its lowest page, in front of the lists."""
    writing = vm.memory.writing
    queues = PQ_FREE + colors
    with writing("queue.head") as head, writing("queue.tail") as tail:
        old = head[queues]
        empty = old == NULL
        tail[queues[empty]] = lowest[empty]
        head[queues] = highest
    with writing("page.next") as following, writing("page.prev") as preceding:
        following[lowest] = old
        preceding[old[~empty]] = lowest[~empty]
        preceding[highest] = NULL


def unlink(vm: Machine, first: int, beyond: int) -> None:
    """Take the queued pages [first, beyond) off their lists; the remaining pages keep their order.

    The pages' own `queue` and links do not change: the caller queues the pages again.
    """
    vector, writing = vm.memory.vector, vm.memory.writing
    following, preceding, queues = (vector(f"page.{name}") for name in ("next", "prev", "queue"))
    begins = first + np.flatnonzero(_outside(preceding[first:beyond], first, beyond))
    ends = _run_ends(vm, begins, first, beyond)
    before, after, queue = preceding[begins], following[ends], queues[begins]
    top, bottom = before == NULL, after == NULL
    with writing("page.next") as following, writing("page.prev") as preceding:
        following[before[~top]] = after[~top]
        preceding[after[~bottom]] = before[~bottom]
    with writing("queue.head") as head, writing("queue.tail") as tail, writing("queue.lcnt") as lcnt:
        head[queue[top]] = after[top]
        tail[queue[bottom]] = before[bottom]
        lcnt[:] -= np.bincount(queues[first:beyond], minlength=PQ_COUNT)


def _outside(pages: Array, first: int, beyond: int) -> npt.NDArray[np.bool_]:
    """Which links lead out of [first, beyond), NULL included."""
    return (pages < first) | (pages >= beyond)


def _run_ends(vm: Machine, begins: Array, first: int, beyond: int) -> Array:
    """The end, in its list, of each run of pages of [first, beyond) that starts with a page of `begins`."""
    following = vm.memory.vector("page.next")
    queues = vm.memory.vector("page.queue")
    order = np.argsort(queues[begins])
    sorted_queues = queues[begins][order]
    if np.all(sorted_queues[1:] != sorted_queues[:-1]):
        # One run in each list, as boot leaves the lists: starts and ends pair up by queue.
        found = first + np.flatnonzero(_outside(following[first:beyond], first, beyond))
        ends = np.empty_like(begins)
        ends[order] = found[np.argsort(queues[found])]
        return ends
    ends = begins.copy()
    open_runs = np.arange(ends.size)
    while open_runs.size:
        ahead = following[ends[open_runs]]
        inside = ~_outside(ahead, first, beyond)
        open_runs = open_runs[inside]
        ends[open_runs] = ahead[inside]
    return ends
