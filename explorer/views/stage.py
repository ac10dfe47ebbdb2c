"""The stage: the lanes of the queues, the pages in play in them, and the moves between them.

A lane's tiles are the pages in play; the other pages are a level for each colour. In lanes other than FREE,
those are the pages that boot and the setup put there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from engine.constants import NULL
from engine.debug.in_play import FEW_COLORS, LANES, OUT, columns_of, moves_in_play
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.memory.cells import Array
from engine.run.history import History
from engine.words import plural
from explorer.views.calls import Calls
from explorer.views.changes import touched_page
from explorer.views.differences import Colors
from explorer.views.in_play import BADGES, InPlay, Tile, object_letter
from explorer.views.instructions import called_at
from explorer.views.labels import Labels
from explorer.views.lit import Lit
from explorer.views.queues import Unqueued, full_count, node_bands, queue_rows
from explorer.views.rows import Band, MapRow
from explorer.views.spans import columns

RESERVE: Final = "RESERVE"
"""The lane of the pages that boot set apart for drivers: the contiguous reserve, which is on no queue."""

_LOOK_BACK: Final = 64
"""Number of moves among which the newest of each edge is searched."""


@dataclass(frozen=True, eq=False)
class LaneRow:
    """A lane.

    count:   all its pages; of RESERVE, the free pages of the reserve. delta: the last step's change of it.
    tiles:   the pages in play by slot, None for a free slot; empty if there are too many for tiles.
    number:  the pages in play.
    counts:  all its pages by colour; others: those that are not in play.
    changed: the colours whose count the last step changed.
    been:    whether a page in play is or was here.
    lit:     whether the lesson asks to look at it.
    """

    name: str
    count: int
    delta: int
    tiles: tuple[Tile | None, ...]
    number: int
    counts: Array
    others: Array
    changed: frozenset[int] = frozenset()
    been: bool = False
    lit: bool = False

    @property
    def pages(self) -> Iterator[Tile]:
        """The tiles without the free slots."""
        return (tile for tile in self.tiles if tile is not None)


@dataclass(frozen=True)
class Travel:
    """The move of a page from one lane to another: by which kernel function, which thread, at which step.

    slot: the slot that it got in the lane; now: the last step made it.
    """

    page: int
    name: str
    source: str
    target: str
    function: str
    thread: str
    step: int
    slot: int = 0
    now: bool = False

    @property
    def edge(self) -> int:
        """The number of the edge at which it arrives: edge n is between lanes n and n + 1."""
        source, target = LANES.index(self.source), LANES.index(self.target)
        return target - 1 if source < target else target


@dataclass(frozen=True, eq=False)
class StageRow:
    """The stage at a step.

    columns:  the columns of each lane: colours, or the colours of a node; one for all if there is one node.
    by_color: whether a column is one colour; nodes: the colours of each node.
    full:     the count that fills a cell of a level strip.
    travels:  the newest move over each edge, the newest first.
    now:      the page that the last step changed, else NULL. selected: the pinned page, else NULL.
    found:    the pages of the last search; differs: those that differ from the moment compared with.
    lit:      the pages that the lesson asks to look at.
    objects:  letter and name of each object that a tile belongs to.
    longest:  the columns of the longest name that a thread's variable, or the first 100 pages of an object,
              give to a page.
    """

    lanes: tuple[LaneRow, ...]
    columns: tuple[Band, ...]
    by_color: bool
    nodes: tuple[Band, ...]
    full: int
    travels: tuple[Travel, ...] = ()
    now: int = NULL
    selected: int = NULL
    found: frozenset[int] = frozenset()
    differs: frozenset[int] = frozenset()
    lit: frozenset[int] = frozenset()
    objects: tuple[tuple[str, str], ...] = ()
    longest: int = 0

    def lane(self, name: str) -> LaneRow:
        """Return the lane of a name."""
        return self.lanes[LANES.index(name)]

    def tile(self, page: int) -> tuple[LaneRow, Tile] | None:
        """Return a page's lane and tile; None if it has none."""
        for lane in self.lanes:
            for tile in lane.pages:
                if tile.page == page:
                    return lane, tile
        return None


class OnStage(Protocol):
    """What the stage needs of a session."""

    @property
    def history(self) -> History: ...
    @property
    def labels(self) -> Labels: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def unqueued(self) -> Unqueued: ...
    @property
    def in_play(self) -> InPlay: ...
    @property
    def pinned(self) -> int | None: ...
    @property
    def matches(self) -> tuple[int, ...]: ...
    @property
    def differences_shown(self) -> Colors: ...
    @property
    def pages_that_differ(self) -> frozenset[int]: ...
    @property
    def lit(self) -> Lit: ...


def stage_row(session: OnStage) -> StageRow:
    """Return the stage at the session's cursor."""
    history, labels, played = session.history, session.labels, session.in_play
    vm, lit = history.vm, session.lit
    played.bring_to(history, labels)
    queues = {row.name: row for row in queue_rows(history, session.unqueued, "FREE", 0)}
    firsts = moves_in_play(history).firsts
    been = [firsts.get(number, history.step + 1) <= history.step for number in range(len(LANES))]
    lanes = [
        _lane(played, number, queues[name], been=been[number], lit=name in lit.lanes)
        for number, name in enumerate(LANES)
        if name in queues
    ]
    lanes.append(_reserve(history, played, been=been[-1], lit=RESERVE in lit.lanes))
    return StageRow(
        lanes=tuple(lanes),
        columns=_columns(vm),
        by_color=vm.colors <= FEW_COLORS,
        nodes=node_bands(vm),
        full=full_count(vm),
        travels=_travels(history, labels, session.calls),
        now=_changed_now(history),
        selected=NULL if session.pinned is None else session.pinned,
        found=frozenset(session.matches),
        differs=session.pages_that_differ,
        lit=frozenset(lit.pages),
        objects=_objects(labels),
        longest=_longest_name(labels),
    )


def _lane(played: InPlay, number: int, row: MapRow, *, been: bool, lit: bool) -> LaneRow:
    counts = row.counts + played.uncounted if row.name == "NONE" else row.counts
    others = np.maximum(counts - played.counts[number], 0)
    tiles, known = tuple(played.lanes[number]), played.numbers[number]
    total = int(counts.sum())
    return LaneRow(row.name, total, row.delta, tiles, known, counts, others, row.changed, been, lit)


def _reserve(history: History, played: InPlay, *, been: bool, lit: bool) -> LaneRow:
    vm, number = history.vm, LANES.index(RESERVE)
    cell = vm.memory.address("global.bl_free", 0)
    written = history.journal.writes_of(history.step) if history.step else []
    delta = sum(new - old for address, old, new in written if address == cell)
    none = np.zeros(vm.colors, np.int64)
    tiles = tuple(played.lanes[number])
    return LaneRow(
        RESERVE, vm.glob.bl_free[0], delta, tiles, played.numbers[number], played.counts[number].copy(), none,
        been=been, lit=lit,
    )  # fmt: skip


def _columns(vm: Machine) -> tuple[Band, ...]:
    """The columns of each lane, as `engine.debug.in_play.column_of` numbers them."""
    number = columns_of(vm)
    if vm.colors <= FEW_COLORS:
        return tuple(Band(color, color + 1, f"colour {color}") for color in range(number))
    bands = node_bands(vm)
    return bands if len(bands) == number else (Band(0, vm.colors, ""),)


def _objects(labels: Labels) -> tuple[tuple[str, str], ...]:
    return tuple((object_letter(obj), name) for obj, name in enumerate(labels.given.objects))


def _longest_name(labels: Labels) -> int:
    given = labels.given
    variables = (columns(name) for _, t, name in given.page_variables if t != NULL)
    return max([*variables, *(columns(f"{name}[99]") for name in given.objects)], default=0)


def _changed_now(history: History) -> int:
    """The page that the last step changed; NULL if it changed none."""
    if history.step == 0:
        return NULL
    begin, end = history.journal.end(history.step - 1), history.journal.end(history.step)
    return touched_page(history, history.step, since=begin) if end > begin else NULL


# --- moves between lanes ------------------------------------------------------------------------------------


def _travels(history: History, labels: Labels, calls: Calls) -> tuple[Travel, ...]:
    """The newest move over each edge, the newest first."""
    found = dict[int, Travel]()
    for move, source in moves_in_play(history).newest(history.step, _LOOK_BACK):
        if source == OUT or move.lane in (OUT, source):
            continue
        bare = Travel(move.page, "", LANES[source], LANES[move.lane], "", "", move.step, move.slot)
        if bare.edge not in found:
            found[bare.edge] = _with_words(history, labels, calls, bare)
    return tuple(found.values())


def _with_words(history: History, labels: Labels, calls: Calls, bare: Travel) -> Travel:
    """The move with its words."""
    t = history.journal.thread(bare.step)
    return Travel(
        bare.page,
        labels.page_name(bare.page),
        bare.source,
        bare.target,
        function_of(history, calls, bare.step),
        "event" if t == EVENT else labels.thread(t),
        bare.step,
        bare.slot,
        bare.step == history.step,
    )


def function_of(history: History, calls: Calls, step: int) -> str:
    """Return the kernel function that people would name for step `step`.

    That is the outermost of the active functions of the page layer (`vm_page_...`), else the outermost
    kernel function, else the function that the script calls, else the event.
    """
    active = calls.of(history, step)
    of_pages = [name for name in active if name.startswith("vm_page_")]
    for name in (*of_pages, *active):
        return name
    return called_at(history, step) or history.action(step)


def lane_words(row: StageRow | None, name: str) -> str:
    """Return a lane in words: its pages, those in play, and the last step's change; "" without a row."""
    if row is None:
        return ""
    lane = row.lane(name)
    pages = plural(lane.count, "free page" if name == RESERVE else "page")
    words = [f"DMA reserve: {pages}" if name == RESERVE else f"{name}: {pages}", f"{lane.number:,} in play"]
    return ", ".join([*words, f"{lane.delta:+,} in this step"] if lane.delta else words)


def tile_words(row: StageRow | None, page: int) -> str:
    """Return a page in play in words: its name and number, its lane, its badges; "" if it has no tile."""
    found = row.tile(page) if row is not None else None
    if found is None:
        return ""
    lane, tile = found
    name = tile.name if tile.name == tile.number else f"{tile.name}, page {tile.number}"
    where = "in the reserve" if lane.name == RESERVE else f"{lane.name}[{tile.color}]"
    return ", ".join([name, where, *(BADGES[badge] for badge in tile.badges)])
