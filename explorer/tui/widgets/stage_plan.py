"""The plan of the stage: which form each lane's pages have, and the lines of everything.

Every lane has a line. The first plan that fits wins: with a line between all lanes for the moves, then only
where there are moves, then for the newest move, then without; names go before lines for moves. In each, the
lane that takes most lines gets the next smaller form until all fit. Lines that are left over become lines of
the strips and of the legend, and the rest is below the lanes: a lane that grows takes a line from there. In a
run, a lane that needs more lines than are left gets a smaller form; the other lanes keep their lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from explorer.tui.widgets.stage_grid import Grid, Grids
from explorer.tui.widgets.stage_tiles import Form
from explorer.views.stage import LaneRow, StageRow

LANES: Final = 7
EDGES: Final = LANES - 1
LEAST_TELLING: Final = 3
"""How many times as early as another lane FREE gets a smaller form."""

HEADED: Final = 9
"""Minimum number of lines of a stage with a line for the names of the columns."""


@dataclass(frozen=True)
class LanePlan:
    """A lane: the grid of its tiles, and the lines of its strip and of its tiles.

    beside: whether the strip has the rest of the last line of tiles instead of lines of its own.
    tiled:  whether the lane has tiles.
    """

    grid: Grid
    strip: int
    tiles: int
    beside: bool = False
    tiled: bool = False

    @property
    def lines(self) -> int:
        """All lines of the lane."""
        return max(self.strip + self.tiles, 1)


@dataclass(frozen=True)
class Plan:
    """The stage: whether it has a line of column names, its lanes, the edges with a line, and the legend.

    gutter, room: the columns of the lanes' names, and of what is beside them.
    moved: the edges with a line for a move.
    """

    gutter: int
    room: int
    header: bool
    lanes: tuple[LanePlan, ...]
    edges: frozenset[int] = frozenset()
    legend: int = 0
    moved: frozenset[int] = frozenset()


@dataclass
class Floor:
    """What a running stage keeps; None for a stage that has not been drawn yet.

    ranks: for each lane the rank of its grid; orders: the numbers of its packed pages.
    lines, strips: for each lane its lines, and those of its strip; tiled: whether it has tiles.
    edges: the edges that have a line; moved: those with a move.
    """

    ranks: list[int] = field(default_factory=lambda: [0] * LANES)
    orders: list[Mapping[int, int]] = field(default_factory=lambda: [{}] * LANES)
    lines: list[int] | None = None
    strips: list[int] = field(default_factory=lambda: [0] * LANES)
    tiled: list[bool] = field(default_factory=lambda: [False] * LANES)
    edges: frozenset[int] = frozenset()
    moved: frozenset[int] = frozenset()


def gutter_of(width: int) -> int:
    """Return the columns of a lane's name, its count and, from 18 columns, the last step's change."""
    if width >= 82 or 66 <= width < 78:
        return 18
    return 14 if width >= 50 else 12


def plan_of(row: StageRow, width: int, height: int, floor: Floor | None = None) -> Plan | None:
    """Return the plan of a stage of that size; None if there is not a line for each lane.

    floor: what a running stage keeps; no lane gets fewer lines.
    """
    header = len(row.columns) > 1 and height >= HEADED
    lines = height - header
    if lines < LANES:
        return None
    gutter = gutter_of(width)
    room = max(width - gutter, 1)
    grids = grids_of(row, room, max(lines // 3, 3), floor)
    moved = frozenset(travel.edge for travel in row.travels)
    bare = Plan(gutter, room, header, ())
    if floor is not None and floor.lines is not None:
        return _running(row, bare, grids, lines, moved, floor)
    every = frozenset(range(EDGES - 1)) | moved
    newest = frozenset(travel.edge for travel in row.travels[:1])
    tries = (
        (every, Form.SHORT), (moved, Form.LETTER), (newest, Form.LETTER), (moved, Form.CELL),
        (frozenset[int](), Form.LEVEL),
    )  # fmt: skip
    for edges, coarsest in tries:
        chosen = _fit(grids, lines - len(edges), coarsest)
        if chosen is not None:
            return _spread(row, replace(bare, edges=edges, moved=edges & moved), chosen, lines)
    return None


def grids_of(row: StageRow, room: int, most: int, floor: Floor | None = None) -> list[Grids]:
    """Return the grids of each lane from those that a running stage keeps on."""
    kept, whole = floor or Floor(), floor is not None
    return [
        Grids(row, lane, room, most, whole=whole, rank=rank, kept=order)
        for lane, rank, order in zip(row.lanes, kept.ranks, kept.orders, strict=True)
    ]


def _fit(grids: list[Grids], lines: int, coarsest: Form, floor: Floor | None = None) -> list[Grid] | None:
    """Return for each lane its grid so that all fit into the lines; None if they cannot.

    A lane with a floor has at least its lines, and gives up only what it does not have yet.
    """
    least = floor.lines if floor and floor.lines else [1] * LANES
    chosen = [own.first() for own in grids]

    def taken(n: int) -> int:
        # Tiles do not move down or up, so a lane with tiles keeps its strip as it is.
        strip = floor.strips[n] if floor is not None and floor.tiled[n] else 0
        return max(least[n], lines_of(chosen[n], strip) if grids[n].lane.number else 1)

    while sum(map(taken, range(LANES))) > lines:
        smaller = [
            (chosen[n], following, n)
            for n, own in enumerate(grids)
            if taken(n) > least[n]
            for following in (own.after(chosen[n]),)
            if following is not None and following.form <= coarsest
        ]
        if not smaller:
            return None
        _, following, lane = max(smaller, key=_first_to_shrink)
        chosen[lane] = following
    return chosen


def lines_of(grid: Grid, strip: int) -> int:
    """Return the lines of a lane with a strip of so many lines; levels are the strip."""
    return max(strip, 1) if grid.form == Form.LEVEL else strip + grid.lines


def _first_to_shrink(lane: tuple[Grid, Grid, int]) -> tuple[bool, int, int, int]:
    """Return the key by which a lane gives up lines: its grid, the next one, its number.

    Names give way to letters before letters give way to levels. Free pages have no object and no badges, so
    their tiles say least.
    """
    grid, following, number = lane
    letters = grid.lines > 1 and (number == 0 or following.form <= Form.CELL)
    lines = grid.lines * (LEAST_TELLING if number == 0 else 1)
    return letters, lines, grid.lines - following.lines, -number


def _running(
    row: StageRow, bare: Plan, grids: list[Grids], lines: int, moved: frozenset[int], floor: Floor
) -> Plan | None:
    """Return the plan of a stage that keeps its lines: lanes and edges get more if lines are left.

    A lane that needs a line takes that of an edge without a move, the lowest first.
    """
    every, kept = floor.edges | moved, floor.moved | (moved & floor.edges)
    blank = sorted(every - kept - moved)
    tries = [(every.difference(blank[n:]), Form.SHORT) for n in range(len(blank), -1, -1)]
    tries += [(kept | moved, Form.LETTER), (kept, Form.LETTER), (kept, Form.LEVEL)]
    for edges, coarsest in tries:
        chosen = _fit(grids, lines - len(edges), coarsest, floor)
        if chosen is not None:
            plan = replace(bare, edges=edges, moved=edges & (kept | moved))
            return _spread(row, plan, chosen, lines, floor)
    return None


class _Spread:
    """Gives the lines that are left over to strips and to the legend.

    What is left then is below the lanes: a lane that grows takes a line from there.
    """

    def __init__(self, row: StageRow, plan: Plan, grids: list[Grid], lines: int, floor: Floor | None) -> None:
        self.row, self.plan, self.grids, self.floor = row, plan, grids, floor
        self.levels = [grid.form == Form.LEVEL and bool(lane.number) for lane, grid in self._lanes()]
        self.tiles = [
            grid.lines if lane.number and grid.form != Form.LEVEL else 0 for lane, grid in self._lanes()
        ]
        """The lines of tiles; levels are a strip of all pages."""
        self.tiled = [tiles > 0 for tiles in self.tiles]
        self.strips = [0] * LANES
        self.beside = [False] * LANES
        if floor is not None and floor.lines is not None:
            for n, least in enumerate(floor.lines):
                self._keep(n, least, floor.strips[n], tiled=floor.tiled[n])
        self.tallest = max(lines // 5, 2)
        self.tall = row.lanes[0].counts.size > plan.room
        self.spare = lines - len(plan.edges) - sum(map(self.lines, range(LANES)))

    def _keep(self, n: int, least: int, strip: int, *, tiled: bool) -> None:
        """Give a lane the lines that it had; its first tiles take lines of its strip."""
        if not tiled and self.tiles[n]:
            strip = max(least - self.tiles[n], 0) if strip else 0
        self.strips[n] = max(strip, self.levels[n])
        self.tiles[n] = max(self.tiles[n], least - self.strips[n])

    def _lanes(self) -> Iterator[tuple[LaneRow, Grid]]:
        return zip(self.row.lanes, self.grids, strict=True)

    def take(self) -> bool:
        """Take a line if one is left."""
        taken = self.spare > 0
        self.spare -= taken
        return taken

    def lines(self, n: int) -> int:
        """Return the lines of a lane so far."""
        return max(self.tiles[n] + self.strips[n], 1)

    def give_strips(self, *, running: bool) -> None:
        """Give each strip a line, or the rest of a line of tiles; tiles do not move down in a run."""
        for n, lane in enumerate(self.row.lanes):
            if self.strips[n] or not (n == 0 or self.levels[n] or lane.others.any()):
                continue
            may_move = not running or not (self.floor and self.floor.tiled[n])
            if not self.tiles[n] or (may_move and self.take()):
                self.strips[n] = 1
            else:
                self.beside[n] = True
        # The line of FREE's first tiles is one of its strip until they come.
        for n in range(LANES):
            if self.strips[n] and self.lines(n) < 2 and self.take():
                grown = self.strips if n == 0 and self.tall else self.tiles
                grown[n] += 1

    def give_rest(self, *, running: bool) -> int:
        """Give lines to the legend and to FREE's strip; return the lines of the legend."""
        colors = self.row.lanes[0].counts.size
        legend = int(self.take())
        if any(grid.form == Form.CELL for grid in self.grids) and self.take():
            legend += 1
        most = min(-(-colors // max(self.plan.room, 1)), self.tallest)
        if self.tall and not running:
            while self.strips[0] and self.lines(0) < most and self.take():
                self.strips[0] += 1
        return legend


def _spread(row: StageRow, plan: Plan, chosen: list[Grid], lines: int, floor: Floor | None = None) -> Plan:
    running = floor is not None and floor.lines is not None
    spread = _Spread(row, plan, chosen, lines, floor)
    spread.give_strips(running=running)
    legend = spread.give_rest(running=running)
    lanes = zip(chosen, spread.strips, spread.tiles, spread.beside, spread.tiled, strict=True)
    return replace(plan, lanes=tuple(LanePlan(*each) for each in lanes), legend=legend)


def floor_of(plan: Plan) -> Floor:
    """Return what a running stage keeps of a plan."""
    lines, strips = [lane.lines for lane in plan.lanes], [lane.strip for lane in plan.lanes]
    tiled = [lane.tiled for lane in plan.lanes]
    kept = Floor(lines=lines, strips=strips, tiled=tiled, edges=plan.edges, moved=plan.moved)
    return floor_of_grids([lane.grid for lane in plan.lanes], kept)


def floor_of_grids(grids: Sequence[Grid], rest: Floor) -> Floor:
    """Return `rest` with the ranks and the numbers of these grids."""
    return replace(rest, ranks=[grid.rank for grid in grids], orders=[grid.order for grid in grids])
