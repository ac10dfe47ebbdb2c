"""The NUMA matrix: pages of each kind by node, and local and remote placements by cpu.

A page's node is the node of its address. Its colour implies the same node unless boot gave the page to a
socket that had too little memory (vm_numa_organize_finalize).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import PAT_WRITE_BACK
from engine.debug.per_history import Growing, PerHistory, Rows
from engine.debug.placements import (
    ASKED,
    CAUSES,
    FINALIZED,
    LOCAL,
    NO_NODE,
    REDIRECTED,
    UNORGANIZED,
    WIDENED,
    Placements,
    band_size,
    causes,
    nodes_of,
    placements,
    sockets_of,
)
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.run.history import History
from explorer.lenses.kit.drawing import MARK, Piece, Row, drawing, row, table
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.lenses.kit.page_states import (
    ACTIVE,
    CACHE,
    FREE,
    HOLD,
    INACTIVE,
    RESERVE,
    TAKEN,
    USED,
    WIRED,
    PageStates,
    page_states,
    states_changed,
)
from explorer.session.session import Session
from explorer.views.spans import length

KINDS: Final = (
    ("free", (FREE,)),
    ("inactive", (INACTIVE,)),
    ("active", (ACTIVE,)),
    ("cache", (CACHE,)),
    ("hold", (HOLD,)),
    ("in use", (USED,)),
    ("wired", (WIRED,)),
    ("reserve", (RESERVE, TAKEN)),
)
"""The matrix's columns: the queues, then pages that are not on a queue."""

SHORT_KINDS: Final = ("free", "inac", "actv", "cach", "hold", "used", "wired", "resv")
"""Their names in a panel that is too narrow for the others."""

SHORT_CAUSES: Final = {
    ASKED: "colour asked", REDIRECTED: "lastq", WIDENED: "widened", FINALIZED: "finalize",
    UNORGANIZED: "no bands", NO_NODE: "no node",
}  # fmt: skip

_SENTENCES: Final = 80
"""From this width on, the cause of a remote placement is a sentence."""

RECENT: Final = 100
"""Maximum number of remote placements listed."""


@dataclass(frozen=True)
class NodeRow:
    """A node: its pages by kind, the last step's change of each count, and pages of another node's colour."""

    name: str
    counts: tuple[int, ...]
    deltas: tuple[int, ...]
    foreign: int


@dataclass(frozen=True)
class CpuRow:
    """The pages allocated by a cpu so far, counted by cause; `now` if the last step placed one."""

    cpu: int
    node: str
    causes: tuple[int, ...]
    now: bool

    @property
    def placed(self) -> int:
        """The number of pages that it allocated."""
        return sum(self.causes)


@dataclass(frozen=True)
class Placed:
    """A placement: its step, cpu, page and node, and the index of its cause."""

    step: int
    cpu: int
    page: int
    node: str
    cause: int


@dataclass(frozen=True)
class NumaRow:
    """The matrix and the placements.

    now:    the last step if it placed a page, else None.
    remote: the last placements on another node, newest first.
    shared: whether boot divided the colours among the nodes.
    """

    nodes: tuple[NodeRow, ...]
    cpus: tuple[CpuRow, ...]
    now: int | None
    remote: tuple[Placed, ...]
    shared: bool


def look(session: Session) -> NumaRow:
    """The matrix at the cursor, and all placements up to it."""
    history, vm = session.history, session.vm
    states = page_states(history)
    placed = placements(history)
    why = causes_so_far(history)
    remote = np.flatnonzero(why > NO_NODE)[-RECENT:]
    now = len(placed) > 0 and int(placed.steps[-1]) == history.step
    return NumaRow(
        nodes=_nodes(history, states),
        cpus=_cpus(vm, placed, why, now=now),
        now=history.step if now else None,
        remote=_placed(vm, placed, why, remote[::-1]),
        shared=band_size(vm) > 0,
    )


def causes_so_far(history: History) -> Array:
    """Return the number in CAUSES of each placement up to the cursor."""
    why: Array
    _, why = _CAUSES.of(history).between(0, history.step)
    return why


def _extend(known: Rows, history: History, first: int, last: int) -> None:
    placed = placements(history, first, last)
    if len(placed):
        known.extend(placed.steps, causes(history.vm, placed))


_CAUSES: Final = Growing(lambda _: Rows(2), _extend, Rows.until)
"""The step and the cause of each placement."""


def _nodes(history: History, states: PageStates) -> tuple[NodeRow, ...]:
    vm = history.vm
    deltas = np.zeros_like(states.counts)
    for m, (was, now) in states_changed(history, states).items():
        deltas[states.nodes[m], was] -= 1
        deltas[states.nodes[m], now] += 1
    foreign, counts, changed = _foreign_now(history).tolist(), states.counts.tolist(), deltas.tolist()
    names = node_names(vm)
    return tuple(
        NodeRow(name, _by_kind(counts[number]), _by_kind(changed[number]), foreign[number])
        for number, name in enumerate(names)
        if name != "no node" or any(_by_kind(counts[number]))
    )


def _by_kind(by_state: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(by_state[state] for state in kind) for _, kind in KINDS)


def _foreign(history: History) -> Array:
    """The number of pages on each node whose colour belongs to another node; boot fixes it."""
    vm, states = history.vm, page_states(history)
    size, nodes = band_size(vm), len(states.counts)
    sockets = sockets_of(vm, states.nodes)
    added = vm.memory.vector("page.pat_mode")[: states.nodes.size] != -PAT_WRITE_BACK
    color = vm.memory.vector("page.pc")[: states.nodes.size]
    strange = added & (sockets >= 0) & (color // size != sockets) if size else np.zeros(added.size, np.bool_)
    return np.bincount(states.nodes[strange], minlength=nodes)


_FOREIGN: Final = PerHistory(_foreign)


def _foreign_now(history: History) -> Array:
    """The same at the cursor, which may be in the middle of boot."""
    booted = history.booted
    return _foreign(history) if booted is None or history.step < booted else _FOREIGN.of(history)


def _cpus(vm: Machine, placed: Placements, why: Array, *, now: bool) -> tuple[CpuRow, ...]:
    counts = np.bincount(placed.cpus * len(CAUSES) + why, minlength=vm.ncpus * len(CAUSES))
    last = int(placed.cpus[-1]) if now else -1
    rows = counts.reshape(vm.ncpus, len(CAUSES)).tolist()
    return tuple(
        CpuRow(cpu, home_of(vm, cpu), tuple(row), cpu == last) for cpu, row in enumerate(rows) if any(row)
    )


def home_of(vm: Machine, cpu: int) -> str:
    """The name of a cpu's own node."""
    socket = vm.topology.cpus[cpu].phys_id
    sockets = sockets_of(vm, np.arange(len(vm.config.hardware.nodes))).tolist()
    if socket not in sockets:
        return f"socket {socket}"
    return f"node {vm.config.hardware.nodes[sockets.index(socket)].id}"


def node_names(vm: Machine) -> list[str]:
    """Return the name of each node, and at index -1 that of none."""
    return [*(f"node {node.id}" for node in vm.config.hardware.nodes), "no node"]


def _placed(vm: Machine, placed: Placements, why: Array, which: Array) -> tuple[Placed, ...]:
    """The placements with the indexes `which`."""
    pages = placed.pages[which]
    names = node_names(vm)
    parts = (placed.steps[which], placed.cpus[which], pages + vm.first_page, nodes_of(vm, pages), why[which])
    rows = zip(*(part.tolist() for part in parts), strict=True)
    return tuple(Placed(step, cpu, page, names[node], cause) for step, cpu, page, node, cause in rows)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(shown: NumaRow, width: int, height: int) -> Drawing:
    """Draw the matrix, the placements of the cpus below it, and the last remote placements if they fit."""
    room = max(height - min(len(shown.cpus) + 1, max(height // 2, 3)), 2)
    room = max(room, min(len(shown.nodes) + 1, height - 1))  # the nodes first
    matrix = _cut(_matrix(shown, width), room, "nodes")
    below = _cut(_placements(shown, width, height - len(matrix)), height - len(matrix), "cpus")
    rows = [*matrix, *below]
    if shown.remote and height - len(rows) > 3:
        rows += [(), *_remote(shown, width, height - len(rows) - 1)]
        seen = {placed.cause for placed in shown.remote}
        words = legend(seen, width) if width < _SENTENCES else []
        rows += words if len(rows) + len(words) <= height else []
    return drawing(rows, width, height)


def legend(seen: Collection[int], width: int) -> list[Row]:
    """What the short words for causes of remote placements mean: `lastq  lastq sent the search to ...`."""
    words = [(SHORT_CAUSES[cause], CAUSES[cause]) for cause in SHORT_CAUSES if cause in seen]
    rows = table([[Piece(f"  {short}", "label"), Piece(text, "dim")] for short, text in words], "ll")
    return rows if all(length(one) <= width for one in rows) else []


def _cut(rows: list[Row], height: int, what: str) -> list[Row]:
    if len(rows) <= height:
        return rows
    kept = max(height - 1, 0)
    return [*rows[:kept], row(Piece(f"… {len(rows) - kept} more {what}", "dim"))]


def _matrix(shown: NumaRow, width: int) -> list[Row]:
    """Nodes by kinds; in a narrow panel without the kinds that have no pages, and with shorter names."""
    every = list(range(len(KINDS)))
    some = [n for n in every if any(node.counts[n] or node.deltas[n] for node in shown.nodes)]
    full, short = [name for name, _ in KINDS], SHORT_KINDS
    for kinds, gap, names in (
        (every, 2, full), (every, 1, full), (some, 2, full), (some, 1, full), (some, 1, short),
    ):  # fmt: skip
        rows = _matrix_of(shown, kinds, gap, names, width)
        if length(rows[0]) <= width:
            return rows
    return rows


def _matrix_of(shown: NumaRow, kinds: Sequence[int], gap: int, names: Sequence[str], width: int) -> list[Row]:
    strange = shown.shared and width >= 90
    heads = [Piece(names[n], "label") for n in kinds]
    cells = [[Piece("pages", "label"), *heads, *([Piece("colour of another node", "label")] * strange)]]
    for node in shown.nodes:
        numbers = [_count(node.counts[n], node.deltas[n]) for n in kinds]
        foreign = [Piece(f"{node.foreign:,}", "" if node.foreign else "dim")] * strange
        cells.append([Piece(node.name), *numbers, *foreign])
    rows = table(cells, "l" + "r" * (len(kinds) + strange), gap)
    missing = len(KINDS) - len(kinds)
    if missing and length(rows[0]) + 11 <= width:
        rows[0] = (*rows[0], Piece(f"  … {missing} empty", "dim"))
    return rows


def _count(count: int, delta: int) -> Piece:
    if delta:
        return Piece(f"{MARK}{count:,}", "new")
    return Piece(f"{count:,}", "" if count else "dim")


def _placements(shown: NumaRow, width: int, room: int) -> list[Row]:
    """The placements of each cpu, with remote ones by cause; if they do not fit, the worst cpus first."""
    if not shown.cpus:
        return [row(Piece("no page allocated in this run yet", "dim"))]
    cpus = list(shown.cpus)
    if len(cpus) >= room:
        cpus.sort(key=lambda cpu: (not cpu.now, cpu.causes[LOCAL] - cpu.placed))
    seen = [cause for cause in SHORT_CAUSES if any(cpu.causes[cause] for cpu in cpus)]
    heads = ["placed by", "of", "pages", "local", *(SHORT_CAUSES[cause] for cause in seen)]
    cells = [[Piece(head, "label") for head in heads], *(_placer(cpu, seen) for cpu in cpus)]
    rows = table(cells, "ll" + "r" * (len(heads) - 2), 2 if width >= 60 else 1)
    if length(rows[0]) > width:
        return _briefly(cpus)
    note = "  ← remote, why" if seen else "  none remote"
    if length([*rows[0], note]) <= width:
        rows[0] = (*rows[0], Piece(note, "dim"))
    return rows


def _briefly(cpus: Sequence[CpuRow]) -> list[Row]:
    """The same as `_placements`, with only the main cause."""
    cells = [[Piece(head, "label") for head in ("by", "pages", "local", "remote", "mainly")]]
    for cpu in cpus:
        name, _, placed, local = _placer(cpu, ())
        main = max(SHORT_CAUSES, key=lambda cause: cpu.causes[cause])
        far = cpu.placed - cpu.causes[LOCAL]
        remote = Piece(f"{far:,}", "warn" if far else "dim")
        cells.append([name, placed, local, remote, Piece(SHORT_CAUSES[main] if far else "")])
    return table(cells, "lrrrl", 1)


def _placer(cpu: CpuRow, seen: Sequence[int]) -> list[Piece]:
    style = "new" if cpu.now else ""
    remote = [Piece(f"{cpu.causes[cause]:,}", "warn" if cpu.causes[cause] else "dim") for cause in seen]
    name = Piece(f"{MARK if cpu.now else ' '}cpu {cpu.cpu}", style)
    return [name, Piece(cpu.node), Piece(f"{cpu.placed:,}", style), Piece(f"{cpu.causes[LOCAL]:,}"), *remote]


def _remote(shown: NumaRow, width: int, height: int) -> list[Row]:
    """The last remote placements, newest first, with links to their steps and pages."""
    total = sum(sum(cpu.causes[NO_NODE + 1 :]) for cpu in shown.cpus)
    kept = shown.remote if total < height else shown.remote[: height - 2]
    cells = [[Piece("step", "label"), Piece("cpu", "label"), Piece("page", "label"), Piece("of", "label")]]
    cells[0].append(Piece("why remote", "label"))
    words = dict(enumerate(CAUSES)) if width >= _SENTENCES else SHORT_CAUSES
    for placed in kept:
        now = placed.step == shown.now
        cells.append(
            [
                Piece(f"{MARK if now else ''}{placed.step:,}", "new" if now else "", f"goto {placed.step}"),
                Piece(str(placed.cpu)),
                Piece(f"{placed.page:#x}", "key", f"page {placed.page:#x}"),
                Piece(placed.node),
                Piece(words[placed.cause]),
            ]
        )
    rows = table(cells, "rrrll")
    if total > len(kept):
        rows.append(row(Piece(f"… {total - len(kept):,} more remote placements", "dim")))
    return rows


PLACE = 80
LENS: Final = Lens(
    "numa",
    "NUMA: pages by address, placements",
    "pages by node; remote placements, and why",
    look,
    draw,
)
