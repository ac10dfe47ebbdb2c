"""The pages in play at the cursor, as tiles with the slots of their lanes.

The moves come from the index of the branch (`engine.debug.in_play`). From one frame to the next, only pages
that moved, that were written, or that got another name are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PBUSY_WANTED,
    PG_MAPPED,
    PG_REFERENCED,
)
from engine.debug.in_play import LANES, OUT, Index, Move, last_moves, moves_in_play
from engine.debug.placements import band_size
from engine.language.naming import page_name
from engine.machine.machine import Machine
from engine.memory.distinct import distinct
from engine.run.history import History
from explorer.views.labels import Labels

MOST: Final = 4_096
"""Maximum number of tiles of a lane; a lane with more pages in play has none, only its counts."""

BADGES: Final = {
    "L": "locked", "S": "soft busy", "W": "wanted", "w": "wired", "h": "held", "D": "dirty", "M": "mapped",
    "R": "referenced",
}  # fmt: skip
"""The badges of a tile, in the order in which they are shown, and their meaning."""

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

_FAR: Final = 2_000
"""Up to this number of moves between two frames are followed; else everything is looked at again."""

_MANY: Final = 1 << 16


class Tile(NamedTuple):
    """A page in play.

    slot: its place among all pages of its lane; column, place: its column, and its place there.
    name: `app.m`, `heap[3]` or `0xc03`; number: its physical number; where: `heap[3]`, or "" without object.
    badges: the letters of BADGES that hold; letter: that of its object, in upper case if the page is dirty.
    since: the step that brought it into its lane; 0 if it was there before the steps of the run.
    node: the node of its memory, `node 0`, if its colour is another node's; else "".
    """

    page: int
    slot: int
    column: int
    place: int
    color: int
    name: str
    number: str
    where: str
    badges: str
    letter: str
    since: int
    node: str


def object_letter(obj: int) -> str:
    """Return the letter of an object: a, b, ... in the file's order; `•` for no object, `&` past z."""
    if obj == NULL:
        return "•"
    return LETTERS[obj] if obj < len(LETTERS) else "&"


@dataclass(frozen=True)
class _Place:
    """What the tiles are valid for."""

    branch: int
    step: int
    cuts: int


class InPlay:
    """The tiles at the cursor. A cache of pure values.

    lanes:  by lane, the tile in each slot, or None for a free slot; empty if there are more than MOST.
    counts: by lane and colour, the pages in play; (7, colours).
    uncounted: by colour, the pages of NONE that are not memory in use: fictitious pages, and pages that boot
            never added; (colours,).
    """

    def __init__(self, vm: Machine) -> None:
        self.vm = vm
        self.counts = np.zeros((len(LANES), vm.colors), np.int64)
        self.uncounted = np.zeros(vm.colors, np.int64)
        self.lanes: list[list[Tile | None]] = [[] for _ in LANES]
        self.numbers = [0] * len(LANES)
        self._at = _Place(-1, -1, 0)
        self._moves: dict[int, int] = {}
        """Page in play -> the number of its last move."""
        self._stands: dict[int, tuple[Move, int, bool]] = {}
        """Page in play -> the move that brought it where its tile is, its colour, and if it is uncounted."""
        self._held: dict[int, str] = {}
        places = vm.memory.places
        self._cells = places["page.queue"].base, places["page.fake_addr"].base + vm.page.length
        self._band = band_size(vm)

    def bring_to(self, history: History, labels: Labels) -> None:
        """Update the tiles to the history's cursor."""
        index, cuts = moves_in_play(history), len(history.cuts)
        here, held = _Place(history.current, history.step, cuts), labels.held_pages()
        dirty = {m for m, _ in held.items() ^ self._held.items()}
        self._held = held
        if here != self._at:
            moved = self._follow(history, index) if self._near(history, index) else None
            self._at = here
            if moved is None:
                self._start_again(history, index, labels)
                return
            dirty |= moved
        if dirty:
            self._look_at(dirty, history, index, labels)

    def _near(self, history: History, index: Index) -> bool:
        """Whether the moves and writes since the last frame are few enough to be followed."""
        at = self._at
        known = at.branch == history.current and at.step <= history.total
        if history.branches[history.current].parent == at.branch:
            # A branch shares everything with its parent up to the fork.
            known = at.step <= history.branches[history.current].fork_step
        if not known or at.cuts != len(history.cuts):
            return False
        if abs(index.count(history.step) - index.count(at.step)) > _FAR:
            return False
        ends = sorted((at.step, history.step))
        return history.journal.end(ends[1]) - history.journal.end(ends[0]) <= _MANY

    def _follow(self, history: History, index: Index) -> set[int]:
        """Follow the moves to the cursor; return the pages that moved or were written."""
        begin, end = index.count(self._at.step), index.count(history.step)
        changed = self._written(history)
        for number in range(begin, end):
            move = index.move(number)
            changed.add(move.page)
            self._note(move.page, number if move.lane != OUT else -1)
        for number in range(begin - 1, end - 1, -1):
            move = index.move(number)
            changed.add(move.page)
            came = move.before >= 0 and index.move(move.before).lane != OUT
            self._note(move.page, move.before if came else -1)
        return changed

    def _note(self, m: int, number: int) -> None:
        if number < 0:
            self._moves.pop(m, None)
        else:
            self._moves[m] = number

    def _written(self, history: History) -> set[int]:
        """Return the pages of which a cell was written between the last frame and the cursor."""
        addresses = history.journal.addresses(*sorted((self._at.step, history.step)))
        low, beyond = self._cells
        length = self.vm.page.length
        if addresses.size <= 64:
            return {(a - low) % length for a in addresses.tolist() if low <= a < beyond} & self._stands.keys()
        cells = addresses[(addresses >= low) & (addresses < beyond)].astype(np.int64) - low
        return set(distinct(cells % length).tolist()) & self._stands.keys()

    def _start_again(self, history: History, index: Index, labels: Labels) -> None:
        """Look at every page in play."""
        self._moves = last_moves(index.moves.columns[:, : index.count(self._at.step)])
        self._stands.clear()
        self.lanes = [[] for _ in LANES]
        self.numbers = [0] * len(LANES)
        self.counts[:] = 0
        self.uncounted[:] = 0
        self._look_at(self._moves, history, index, labels)

    def _look_at(self, pages: Iterable[int], history: History, index: Index, labels: Labels) -> None:
        """Make the tiles of these pages again; those out of play lose theirs."""
        crowded = {lane for lane, number in enumerate(self.numbers) if number > MOST}
        for m in pages:
            stood = self._stands.pop(m, None)
            if stood is not None:
                self._count(*stood, -1)
                self._set(stood[0].lane, stood[0].slot, None)
        coming = [index.move(self._moves[m]) for m in pages if m in self._moves]
        for move in coming:
            stands = move, self.vm.page.pc[move.page] & self.vm.color_mask, self._is_uncounted(move)
            self._stands[move.page] = stands
            self._count(*stands, 1)
        for lane in (lane for lane in crowded if self.numbers[lane] <= MOST):
            coming += [move for move, *_ in self._stands.values() if move.lane == lane]
        for move in coming:
            if self.numbers[move.lane] <= MOST:
                self._set(move.lane, move.slot, self._tile(move, labels, _since(history, index, move)))
            else:
                self.lanes[move.lane] = []

    def _is_uncounted(self, move: Move) -> bool:
        vm, m = self.vm, move.page
        return LANES[move.lane] == "NONE" and (vm.is_fake(m) or not vm.page.pat_mode[m])

    def _count(self, move: Move, color: int, uncounted: bool, by: int) -> None:
        self.numbers[move.lane] += by
        self.counts[move.lane, color] += by
        self.uncounted[color] += by * uncounted

    def _set(self, lane: int, slot: int, tile: Tile | None) -> None:
        tiles = self.lanes[lane]
        if slot >= len(tiles):
            if tile is None:
                return
            tiles.extend([None] * (slot + 1 - len(tiles)))
        tiles[slot] = tile
        while tiles and tiles[-1] is None:
            tiles.pop()

    def _tile(self, move: Move, labels: Labels, since: int) -> Tile:
        vm, m = self.vm, move.page
        page, color = vm.page, vm.page.pc[m]
        obj = page.object[m]
        letter = object_letter(obj)
        dirty = page.dirty[m] != 0
        return Tile(
            m, move.slot, move.column, move.place, color, page_name(vm, m, labels.given, self._held),
            vm.page_word(m), "" if obj == NULL else f"{labels.object(obj)}[{page.pindex[m]}]",
            badges_of(vm, m), letter.upper() if dirty else letter, since, self._strange_node(m, color),
        )  # fmt: skip

    def _strange_node(self, m: int, color: int) -> str:
        """Return the node of a page's memory if its colour is that of another socket."""
        if not self._band:
            return ""
        node, sockets = self.vm.node_of(m), self.vm.topology.phys_ids
        if node is None or node.phys_id is None:
            return ""
        home = min(color // self._band, sockets - 1)
        return "" if node.phys_id % sockets == home else f"node {node.id}"


def _since(history: History, index: Index, move: Move) -> int:
    """Return the step that brought a page into its lane; 0 if it was there when it came into play."""
    if move.before >= 0 and index.move(move.before).lane != OUT:
        return move.step
    cell = history.vm.memory.address("page.queue", move.page)
    return move.step if any(at == cell for at, _, _ in history.journal.writes_of(move.step)) else 0


def badges_of(vm: Machine, m: int) -> str:
    """Return the badges of a page, the letters of BADGES."""
    page, busy, flags = vm.page, vm.page.busy_count[m], vm.page.flags[m]
    return (
        ("L" if busy & PBUSY_LOCKED else "")
        + ("S" if busy & PBUSY_MASK else "")
        + ("W" if busy & PBUSY_WANTED else "")
        + ("w" if page.wire_count[m] else "")
        + ("h" if page.hold_count[m] else "")
        + ("D" if page.dirty[m] else "")
        + ("M" if flags & PG_MAPPED else "")
        + ("R" if flags & PG_REFERENCED else "")
    )
