"""The machine: its sockets, cores and cpus with the colours they ask for, and the pages that each cpu took.

A cpu starts each search in its own stretch of colours. The number beside it is that of the free pages in its
stretch; the level compares stretches by their free pages for each colour. An arrow is a flow of pages: from
the node on which they are to the cpu that took them, with the cause; `numa` lists remote pages one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, repeat
from typing import Final

import numpy as np

from engine.constants import PQ_FREE, Cpu
from engine.debug.placements import CAUSES, LOCAL, NO_NODE, nodes_of, placements, sockets_of
from engine.errors import KernelPanic
from engine.kernel.color import stretch_of
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.run.history import History
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Row, beside, drawing, flow, row
from explorer.lenses.kit.lens import WHOLE, Drawing, Lens
from explorer.lenses.kit.page_states import FREE, page_states
from explorer.lenses.numa import SHORT_CAUSES, causes_so_far, home_of, legend, node_names
from explorer.session.session import Session
from explorer.views.glyphs import LEVELS
from explorer.views.spans import length

FLOWS: Final = 40
"""Maximum number of arrows."""

LAST: Final = 8
"""Maximum number of pages named with an arrow."""

_FEW: Final = 2
"""Lines for arrows that have no room for a count of the others."""

_NARROW_CAUSE: Final = 48
"""Below this width, a cause is in as few words as possible."""

_WIDE_CAUSE: Final = 100
"""From this width on, a cause is a sentence."""

_SEARCHED: Final = 2000
"""The pages of arrows are looked for among so many last placements; older ones are only counted."""


@dataclass(frozen=True)
class CpuCell:
    """A cpu with its place, and the colours of its stretch; first > last if it has none of its own.

    free: the free pages in its stretch; level: 0 to 8; now: whether it took a page in the last step.
    """

    cpu: int
    core: int
    thread: int
    first: int
    last: int
    free: int
    level: int
    now: bool = False


@dataclass(frozen=True)
class SocketRow:
    """A socket: the nodes of its memory, its share of the colours, the free pages, and its cpus.

    free: the free pages of its colours; here: those at addresses of its nodes, which `numa` counts. They
    differ where boot gave pages the colours of another node.
    """

    number: int
    nodes: str
    colors: str
    free: int
    cpus: tuple[CpuCell, ...]
    here: int


@dataclass(frozen=True)
class FlowRow:
    """Pages that a cpu took from a node for one cause, an index of CAUSES.

    step: when it took the last of them; pages: the last ones, newest first, as physical numbers.
    """

    node: str
    cpu: int
    home: str
    cause: int
    count: int
    step: int
    pages: tuple[int, ...]


@dataclass(frozen=True)
class MachineRow:
    """The sockets, the nodes that belong to none of them, and the flows, the newest first.

    placed: the number of pages that were taken, in all flows; step: the cursor's.
    """

    sockets: tuple[SocketRow, ...]
    others: tuple[str, ...]
    flows: tuple[FlowRow, ...]
    placed: int
    step: int


def look(session: Session) -> MachineRow:
    """The machine at the cursor, and the flows of all placements up to it."""
    history, vm = session.history, session.vm
    flows, placed = _flows(history), len(placements(history))
    now = next((flow.cpu for flow in flows if flow.step == history.step > 0), -1)
    owners = sockets_of(vm, np.arange(len(vm.config.hardware.nodes))).tolist()
    names = node_names(vm)
    others = tuple(name for name, owner in zip(names, owners, strict=False) if owner < 0)
    return MachineRow(_sockets(history, owners, names, now), others, flows, placed, history.step)


def _sockets(
    history: History, owners: Sequence[int], names: Sequence[str], now: int
) -> tuple[SocketRow, ...]:
    vm, by_node = history.vm, page_states(history).counts[:, FREE].tolist()
    cells = _cells(vm, now)
    places = vm.topology.cpus
    found = []
    for socket in sorted({place.phys_id for place in places}):
        own = tuple(cell for cell in cells if places[cell.cpu].phys_id == socket)
        owned = [n for n, owner in enumerate(owners) if owner == socket]
        nodes = ", ".join(names[n] for n in owned)
        colors = colors_text(min(cell.first for cell in own), max(cell.last for cell in own))
        free = _free(vm, {color for cell in own for color in range(cell.first, cell.last + 1)})
        here = sum(by_node[n] for n in owned)
        found.append(SocketRow(socket, nodes or "no memory", colors, free, own, here))
    return tuple(found)


def colors_text(first: int, last: int) -> str:
    """A stretch of colours: `32–47`, or one colour."""
    return f"{first}–{last}" if last > first else str(first)


def _free(vm: Machine, colors: set[int]) -> int:
    lengths = vm.memory.vector("queue.lcnt", PQ_FREE, vm.colors)
    return int(lengths[sorted(colors)].sum())


def _cells(vm: Machine, now: int) -> list[CpuCell]:
    """Each cpu with its stretch; the level is relative to the fullest stretch."""
    stretches = [_stretch(vm, Cpu(cpu)) for cpu in range(vm.ncpus)]
    sums = np.concatenate([[0], np.cumsum(vm.memory.vector("queue.lcnt", PQ_FREE, vm.colors))]).tolist()
    free = [sums[last + 1] - sums[first] for first, last in stretches]
    each = [pages / (last - first + 1) for pages, (first, last) in zip(free, stretches, strict=True)]
    full = max(*each, 1.0)
    return [
        CpuCell(cpu, place.core_id, place.ht_id, first, last, free[cpu], _level(each[cpu] / full), cpu == now)
        for cpu, (place, (first, last)) in enumerate(zip(vm.topology.cpus, stretches, strict=True))
    ]


def _level(part: float) -> int:
    return int(np.ceil(part * 8))


def _stretch(vm: Machine, cpu: Cpu) -> tuple[int, int]:
    """The first and last colour of a cpu, inside the colours that there are."""
    try:
        start, size = stretch_of(vm, cpu)
    except KernelPanic:
        return 0, vm.colors - 1  # a sysctl has set a level of the topology to 0
    first = start & vm.color_mask
    return first, min(first + max(size, 1), vm.colors) - 1


# --- flows ------------------------------------------------------------------------------------------------


def _flows(history: History) -> tuple[FlowRow, ...]:
    """The placements by node, cpu and cause, those with the newest page first."""
    vm, placed, why = history.vm, placements(history), causes_so_far(history)
    if not len(placed):
        return ()
    names = node_names(vm)
    keys = ((nodes_of(vm, placed.pages) + 1) * np.int64(vm.ncpus) + placed.cpus) * len(CAUSES) + why
    counts = np.bincount(keys)
    newest = np.zeros(counts.size, np.int64)
    newest[keys] = np.arange(keys.size)  # the last assignment stays
    used = np.flatnonzero(counts)
    used = used[np.argsort(newest[used])[::-1]][:FLOWS]
    recent = keys[-_SEARCHED:]
    return tuple(
        FlowRow(
            names[key // len(CAUSES) // vm.ncpus - 1],
            cpu := key // len(CAUSES) % vm.ncpus,
            home_of(vm, cpu),
            key % len(CAUSES),
            int(counts[key]),
            int(placed.steps[newest[key]]),
            _pages(vm, placed.pages[-_SEARCHED:], recent == key),
        )
        for key in used.tolist()
    )


def _pages(vm: Machine, pages: Array, such: Array) -> tuple[int, ...]:
    newest = pages[np.flatnonzero(such)[-LAST:]][::-1].tolist()
    return tuple(vm.page_number(m) for m in dict.fromkeys(newest))


# --- drawing ----------------------------------------------------------------------------------------------


def draw(shown: MachineRow, width: int, height: int) -> Drawing:
    """Draw the sockets in as much detail as fits, then the arrows."""
    below = min(max(len(shown.flows), 1), max(height // 3, 2))
    sockets = _drawn_sockets(shown, width, max(height - below, 1))
    rows = [*sockets, *_arrows(shown, width, height - len(sockets))]
    words = [] if width >= _WIDE_CAUSE else legend({one.cause for one in shown.flows}, width)
    if len(rows) + len(words) > height or len(shown.flows) > height - len(sockets):
        return drawing(rows, width, height, short=True)
    return drawing([*rows, *words], width, height)


def _drawn_sockets(shown: MachineRow, width: int, height: int) -> list[Row]:
    """The sockets in the most detailed form that fits; else the first ones, and how many more there are."""
    others = [row(("without cpus: ", "label"), ", ".join(shown.others))] if shown.others else []
    for form in (_by_core, _by_cpu, _by_level):
        rows = _side_by_side(shown.sockets, form, width)
        if len(rows) + len(others) <= height and all(length(line) <= width for line in [*rows, *others]):
            break
    else:
        rows = flow([_brief(socket) for socket in shown.sockets], width)
    counts = _by_address(shown.sockets, width)
    if len(rows) + len(counts) + len(others) <= height:
        return [*rows, *counts, *others]
    rows += others
    kept = max(height - 1, 0)
    left = len(rows) - kept
    return rows if left <= 1 else [*rows[:kept], row((f"… {left} more lines of sockets", "dim"))]


def _side_by_side(
    sockets: Sequence[SocketRow], form: Callable[[SocketRow, int], list[Row]], width: int
) -> list[Row]:
    """The sockets in one form, in as many columns as have at least `_NARROW` cells each."""
    count = max(min(len(sockets), width // _NARROW), 1)
    room = width // count
    rows: list[Row] = []
    for first in range(0, len(sockets), count):
        block: list[Row] = []
        for n, socket in enumerate(sockets[first : first + count]):
            drawn = form(socket, room - 2 if count > 1 else room)
            block = beside(block, drawn, n * room) if n else drawn
        rows += block
    return rows


_NARROW: Final = 38
"""The least width of a socket that is drawn beside another one."""


def _title(socket: SocketRow, width: int) -> Row:
    """A socket, its memory, its colours and its free pages, in words if there is room for them."""
    colors, free = ("  colours ", "  free ") if width >= 46 else (" ", " free ")
    return row(
        (f"socket {socket.number}", "now"), f" {socket.nodes}", (colors, "label"), socket.colors,
        (free, "label"), f"{socket.free:,}",
    )  # fmt: skip


def _by_address(sockets: Sequence[SocketRow], width: int) -> list[Row]:
    """The free pages in the memory of each socket, if they are not those of its colours."""
    if all(socket.here == socket.free for socket in sockets):
        return []
    counts = [row((f"socket {socket.number} ", "label"), f"{socket.here:,}") for socket in sockets]
    lines = flow([row(("free is by colour; by address:", "label")), *counts], width)
    return lines if len(lines) == 1 else flow([row(("free by address:", "label")), *counts], width)


def _by_core(socket: SocketRow, width: int) -> list[Row]:
    """The title, and a line for each core with its cpus, their colours and their free pages."""
    rows = [_title(socket, width)]
    for core, cells in groupby(socket.cpus, key=lambda cell: cell.core):
        heads = chain([f"  core {core} "], repeat(""))
        lines = flow([row(*_cpu(cell), f" {cell.free:,}") for cell in cells], width - 10)
        rows += [row((f"{head:10}", "label"), *line) for head, line in zip(heads, lines, strict=False)]
    return rows


def _by_cpu(socket: SocketRow, width: int) -> list[Row]:
    """The title, and the cpus with their colours, in as few lines as possible."""
    lines = flow([row(*_cpu(cell)) for cell in socket.cpus], width - 2)
    return [_title(socket, width), *(row("  ", *line) for line in lines)]


def _by_level(socket: SocketRow, width: int) -> list[Row]:
    """One line: a level for each cpu, a gap between cores."""
    parts: list[Part] = [(f"socket {socket.number} ", "now")]
    for _, cells in groupby(socket.cpus, key=lambda cell: cell.core):
        parts += [" ", *(_fill(cell) for cell in cells)]
    return [row(*parts, f"  {socket.free:,}", (" free", "label"))]


def _brief(socket: SocketRow) -> Row:
    return row((f"s{socket.number} ", "now"), f"{socket.free:,}")


def _cpu(cell: CpuCell) -> list[Part]:
    """A cpu: its number, its colours and the level of its free pages."""
    name = f"{MARK if cell.now else ''}cpu {cell.cpu}"
    colors = f" {colors_text(cell.first, cell.last)} "
    return [Piece(name, "new" if cell.now else "", f"color FREE {cell.first}"), (colors, "dim"), _fill(cell)]


def _fill(cell: CpuCell) -> Piece:
    return Piece(LEVELS[cell.level], "fill-FREE", f"color FREE {cell.first}")


def _arrows(shown: MachineRow, width: int, room: int) -> list[Row]:
    """The flows of pages, the newest first; the rest is counted, local ones before remote ones.

    Few lines are for arrows alone: the heading says that there is more.
    """
    if not shown.flows:
        return [row(("no page allocated in this run yet", "dim"))]
    kept, counts = shown.flows, room > _FEW
    if len(kept) > room:
        far_first = sorted(shown.flows, key=lambda one: one.cause <= NO_NODE)[: max(room - counts, 0)]
        kept = tuple(one for one in shown.flows if one in far_first)
    rows = [_arrow(shown, one, width, whole=room > WHOLE // 2) for one in kept]
    left = shown.placed - sum(one.count for one in kept)
    if left and (counts or not kept):
        return [*rows, row((f"… {plural(left, 'more page')} taken", "dim"))]
    return rows


def _arrow(shown: MachineRow, one: FlowRow, width: int, *, whole: bool) -> Row:
    """`node 0 ━━→ cpu 2 of node 1  2 pages, remote: widened  0x82 0xa2`: a broad arrow is remote.

    whole: whether the line is wrapped, so that all pages have room.
    """
    far, now = one.cause > NO_NODE, one.step == shown.step > 0
    words = _cause(one, width)
    pages: list[Part] = []
    for number in one.pages:
        pages += [" ", Piece(f"{number:#x}", "key", f"page {number:#x}")]
    line = row(
        (MARK if now else " ", "now"), one.node, (f" {'━━→' if far else '──→'} ", "warn" if far else "dim"),
        Piece(f"cpu {one.cpu}", "new" if now else "", f"goto {one.step}"),
        (f" of {one.home}" if width >= 70 else "", "dim"),
        f"  {plural(one.count, 'page')}, ", (words, "warn" if far else "dim"), " ", *pages,
    )  # fmt: skip
    left = one.count - len(one.pages)
    if whole:
        return row(*line, (f" … {left:,} more", "dim")) if left and pages else line
    rest = row((" …", "dim"))
    while pages and length([*line, *rest] if left else line) > width:
        pages, line, left = pages[:-2], line[:-2], left + 1
    return (*line, *rest) if left and pages else line


def _cause(one: FlowRow, width: int) -> str:
    if one.cause in (LOCAL, NO_NODE):
        return CAUSES[one.cause]
    short = SHORT_CAUSES[one.cause]
    # A narrow panel has no room for "remote", which the broad arrow says too.
    return (
        short if width < _NARROW_CAUSE else f"remote: {CAUSES[one.cause] if width >= _WIDE_CAUSE else short}"
    )


PLACE = 85
LENS: Final = Lens(
    "machine",
    "the machine and its placements",
    "sockets, cores and cpus with their colours; which pages each cpu took from where, and why",
    look,
    draw,
)
