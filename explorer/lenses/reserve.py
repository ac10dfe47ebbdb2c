"""The contiguous reserve: the blocks that drivers can still allocate, and the allocator's tree.

A block is a page below 256 MiB. The kernel keeps a radix tree of leaves of 32 blocks and nodes of 512 and
8,192 blocks. A node is all free, all taken, or partly free.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import ALIST_BLOCKS, PAGE_SHIFT
from engine.debug.journal_search import announced
from engine.kernel.alist import SPANS
from engine.kernel.boot.free_lists import runs
from engine.kernel.contig import LOOK_FOR_STRETCH
from engine.memory.cells import Array
from engine.run.history import History
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Piece, Row, drawing, flow, flow_within, labelled, row
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.spans import length

FULL, PARTLY, NONE = "█", "▒", "·"
"""The glyph of a cell: all of its blocks are free, some, or none."""


_TAKING: Final = announced(LOOK_FOR_STRETCH.__eq__)


@dataclass(frozen=True)
class Taken:
    """An allocation of contiguous pages: its step, thread, first block, block count, and alignment."""

    step: int
    thread: str
    first: int
    count: int
    aligned: int


@dataclass(frozen=True, eq=False)
class ReserveRow:
    """The reserve: free[n] is block `first` + n; blocks from `limit` are ordinary memory.

    kept:    number of blocks that boot reserves for drivers; limit: the end of the reserve, in blocks.
    changed: blocks that the last step allocated or freed.
    last:    the last successful allocation up to the cursor; asked: the number of attempts.
    nothing: what is said if there is no reserve.
    """

    first: int
    free: npt.NDArray[np.bool_]
    runs: tuple[tuple[int, int], ...]
    total: int
    kept: int
    limit: int
    changed: frozenset[int]
    last: Taken | None
    asked: int
    nothing: str = ""


def look(session: Session) -> ReserveRow:
    """The row of the reserve at the cursor."""
    history, vm = session.history, session.vm
    limit = min(vm.glob.vm_low_phys_reserved[0] >> PAGE_SHIFT, ALIST_BLOCKS)
    first = min(vm.first_page, limit)
    free = vm.memory.vector("alist.free")[first:limit] != 0
    stretches = runs(free, first)
    written = writes(history, history.step) if history.step else ()
    (steps,) = _TAKING.of(history).between(0, history.step)
    return ReserveRow(
        first,
        free,
        tuple(stretches),
        vm.glob.bl_free[0],
        vm.glob.vm_dma_reserved[0] >> PAGE_SHIFT,
        limit,
        frozenset(index for place, index, _, _ in written if place.table == "alist"),
        _last(session, steps),
        int(steps.size),
        _nothing(history),
    )


def _nothing(history: History) -> str:
    """What is said of a machine without a reserve."""
    if history.booted is None or history.step < history.booted:
        return "boot has not set up the DMA reserve yet"
    return "this machine reserves no memory for drivers"


def _last(session: Session, steps: Array) -> Taken | None:
    """The allocation at the last of these steps that found a run of blocks; None if none did."""
    history = session.history
    for step in steps[::-1].tolist():
        blocks = [
            index for place, index, _, now in writes(history, step) if place.table == "alist" and not now
        ]
        if blocks:
            first, count = min(blocks), len(blocks)
            return Taken(step, _who(session, step), first, count, first & -first or ALIST_BLOCKS)
    return None


def _who(session: Session, step: int) -> str:
    return session.labels.thread(session.history.journal.thread(step))


# --- drawing ------------------------------------------------------------------------------------------------


def draw(shown: ReserveRow, width: int, height: int) -> Drawing:
    """Draw the totals, the bitmap, the levels of the tree, the free runs, and the last allocation."""
    if not shown.free.size:
        return drawing([row(Piece(shown.nothing, "dim"))], width, height)
    large = height >= 14
    head = flow_within(_head(shown, width), width, 3 if large else 2 if height >= 7 else 1)
    last = flow_within(_last_parts(shown, width), width, 2 if large else 1)
    tree = _tree(shown, width) if height >= 7 else []
    legend = _legend(width) if large else []
    free = flow_within(_run_parts(shown), width, 4 if large else 1) if height >= 5 else []
    room = max(height - len(head) - len(last) - len(tree) - len(free) - len(legend), 1)
    return drawing(
        [*head, *_bitmap(shown, width, room), *tree, *free, *last, *legend], width, height, short=not large
    )


def _head(shown: ReserveRow, width: int) -> list[Row]:
    size = shown.free.size
    parts = [row(Piece(f"{shown.total:,}", "now"), f" of {plural(size, 'block')} free")]
    largest = max((beyond - begin for begin, beyond in shown.runs), default=0)
    parts.append(row(Piece("largest run ", "label"), f"{largest:,}"))
    parts.append(labelled("below", f"{shown.limit << PAGE_SHIFT:#x}"))
    parts.append(labelled("kept for drivers", f"{shown.kept:,} at most"))
    return parts


def _bitmap(shown: ReserveRow, width: int, room: int) -> list[Row]:
    """The bitmap, with the fewest blocks per cell that fit in `room` lines."""
    digits = len(f"{shown.limit << PAGE_SHIFT:#x}")
    count = 1
    while count * 2 <= min(width - digits - 1, 128):
        count *= 2
    per_cell = 1
    while -(-shown.free.size // (count * per_cell)) > room:
        per_cell *= 2
    lines = []
    for begin in range(0, shown.free.size, count * per_cell):
        block = shown.first + begin
        label = Piece(f"{block << PAGE_SHIFT:#x} ".rjust(digits + 1), "label")
        lines.append((label, *_cells(shown, begin, min(begin + count * per_cell, shown.free.size), per_cell)))
    note = Piece(f"  cell = {plural(per_cell, 'block')}", "dim")
    if length([*lines[0], note]) <= width:
        lines[0] = (*lines[0], note)
    return lines


def _cells(shown: ReserveRow, begin: int, beyond: int, per_cell: int) -> Iterator[Piece]:
    codes = _shares(shown.free[begin:beyond], per_cell)
    for block in shown.changed:
        if begin <= block - shown.first < beyond:
            codes[(block - shown.first - begin) // per_cell] = 3
    first = shown.first + begin
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), codes.size]
    for low, high in itertools.pairwise(edges):
        verbs = tuple(f"page {first + cell * per_cell:#x}" for cell in range(low, high))
        yield Piece(_GLYPH[codes[low]] * (high - low), _STYLE[codes[low]], verbs)


_GLYPH: Final = NONE + PARTLY + FULL + MARK
_STYLE: Final = ("faint", "fill-DMA", "fill-DMA", "new")


def _shares(free: npt.NDArray[np.bool_], span: int) -> Array:
    """For each run of `span` blocks: 0 if none is free, 1 if some are, 2 if all are."""
    edges = np.arange(0, free.size, span)
    counts = np.add.reduceat(free.astype(np.int64), edges)
    sizes = np.diff(np.append(edges, free.size))
    return np.where(counts == 0, 0, np.where(counts == sizes, 2, 1))


def _tree(shown: ReserveRow, width: int) -> list[Row]:
    """Each level of the radix tree: its nodes as cells, or as counts if they do not fit."""
    # The tree starts at block 0, even if memory starts later.
    free = np.concatenate([np.zeros(shown.first, np.bool_), shown.free])
    label = max(len(f"{span:,}") for span in SPANS) + 6
    rows = []
    for span in SPANS:
        padded = np.zeros(-(-free.size // span) * span, np.bool_)
        padded[: free.size] = free
        codes = _shares(padded, span)
        head = Piece(f"nodes {span:,}".ljust(label) + " ", "label")
        if codes.size + label + 1 <= width - 20:
            text = "".join(_GLYPH[code] for code in codes.tolist())
            rows.append(row(head, Piece(text, "fill-DMA"), Piece(f"  {_counted(codes)}", "dim")))
        else:
            rows.append(row(head, Piece(_counted(codes))))
    return rows


def _counted(codes: Array) -> str:
    none, some, every = (int((codes == code).sum()) for code in range(3))
    parts = [f"{every:,} free"] * bool(every) + [f"{some:,} partly"] * bool(some)
    return ", ".join(parts + [f"{none:,} taken"] * bool(none))


def _run_parts(shown: ReserveRow) -> list[Row]:
    if not shown.runs:
        return [row(Piece("no block is free", "warn"))]
    parts = [row(Piece("free runs", "label"))]
    return parts + [
        row(f"{begin:#x}–{beyond - 1:#x} ", Piece(f"({beyond - begin:,})", "dim"))
        for begin, beyond in shown.runs
    ]


def _last_parts(shown: ReserveRow, width: int) -> list[Row]:
    label = Piece("last taken " if width >= 60 else "last ", "label")
    if shown.last is None:
        text = "nothing: no run was found" if shown.asked else "nothing yet"
        return [row(label, Piece(text, "dim"))]
    last = shown.last
    stretch = f"{plural(last.count, 'block')} {last.first:#x}–{last.first + last.count - 1:#x}"
    new = bool(shown.changed) and set(range(last.first, last.first + last.count)) == shown.changed
    mark = Piece(f"{MARK if new else ''}{stretch}", "new" if new else "", f"page {last.first:#x}")
    return [
        row(label, mark),
        row(Piece("by ", "label"), last.thread),
        row(Piece("step ", "label"), Piece(f"{last.step:,}", "key", f"goto {last.step}")),
        row(Piece("aligned to ", "label"), plural(last.aligned, "block")),
    ]


def _legend(width: int) -> list[Row]:
    parts = [
        row(Piece(FULL, "fill-DMA"), Piece(" free", "label")),
        row(Piece(PARTLY, "fill-DMA"), Piece(" partly", "label")),
        row(Piece(NONE, "faint"), Piece(" taken, or no memory", "label")),
        row(Piece(MARK, "new"), Piece(" by the last step", "label")),
        row(Piece("block numbers are page numbers", "label")),
    ]
    return flow(parts, width)


PLACE = 110
LENS: Final = Lens(
    "reserve", "the contiguous reserve", "low memory still free for drivers, and its tree", look, draw
)
