"""The plan of the stage: which form each lane's pages have, and the lines of everything.

Every lane has a line. The first plan that fits wins: with a line between all lanes for the moves, then only
where there are moves, then for the newest move, then without; names go before lines for moves. In each, the
lane that takes most lines gets the next smaller form until all fit. Lines that are left over become lines of
the strips, the legend, and room for tiles that will come.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from explorer.tui.widgets.stage_tiles import Form, Grid, Widths, grid_of, ladder, rank_of, widths_of
from explorer.views.stage import LaneRow, StageRow

LANES: Final = 7
EDGES: Final = LANES - 1
LEAST_TELLING: Final = 3
"""How many times as early as another lane FREE gets a smaller form."""

LAST: Final = 3
"""Lines that the last lane has in advance when it has tiles."""

HEADED: Final = 9
"""Minimum number of lines of a stage with a line for the names of the columns."""

_NARROWEST: Final = 7
"""Columns of the narrowest tile with a name, and of the gap after it."""


@dataclass(frozen=True)
class LanePlan:
    """A lane: the grid of its tiles, and the lines of its strip and of its tiles.

    beside: whether the strip has the rest of the last line of tiles instead of lines of its own.
    """

    grid: Grid
    strip: int
    tiles: int
    beside: bool = False

    @property
    def lines(self) -> int:
        """All lines of the lane."""
        return max(self.strip + self.tiles, 1)


@dataclass(frozen=True)
class Plan:
    """The stage: whether it has a line of column names, its lanes, the edges with a line, and the legend.

    gutter, room: the columns of the lanes' names, and of what is beside them.
    """

    gutter: int
    room: int
    header: bool
    lanes: tuple[LanePlan, ...]
    edges: frozenset[int] = frozenset()
    legend: int = 0


@dataclass
class Floor:
    """What a running stage keeps: for each lane the rank of its grid and its lines; for edges theirs."""

    ranks: list[int] = field(default_factory=lambda: [0] * LANES)
    lines: list[int] = field(default_factory=lambda: [1] * LANES)
    edges: frozenset[int] = frozenset()


def gutter_of(width: int) -> int:
    """Return the columns of a lane's name, its count and, from 18 columns, the last step's change."""
    if width >= 82 or 66 <= width < 78:
        return 18
    return 14 if width >= 50 else 12


def plan_of(row: StageRow, width: int, height: int, floor: Floor | None = None) -> Plan | None:
    """Return the plan of a stage of that size; None if there is not a line for each lane."""
    header = len(row.columns) > 1 and height >= HEADED
    lines = height - header
    if lines < LANES:
        return None
    gutter = gutter_of(width)
    room = max(width - gutter, 1)
    moved = frozenset(travel.edge for travel in row.travels) | (floor.edges if floor else frozenset())
    every = frozenset(range(EDGES - 1)) | moved
    most, whole = max(lines // 3, 3), floor is not None
    grids = [grids_of(row, lane, room, most, whole=whole) for lane in row.lanes]
    newest = frozenset(travel.edge for travel in row.travels[:1]) if floor is None else moved
    tries = (
        (every, Form.SHORT), (moved, Form.NAME), (newest, Form.NAME), (moved, Form.CELL),
        (frozenset[int](), Form.LEVEL),
    )  # fmt: skip
    for edges, coarsest in tries:
        chosen = _fit(grids, lines - len(edges), coarsest, floor)
        if chosen is not None:
            best = [own[n] for own, n in zip(grids, chosen, strict=True)]
            return _spread(row, Plan(gutter, room, header, (), edges), best, lines, floor)
    return None


def grids_of(
    row: StageRow, lane: LaneRow, room: int, most: int, *, headed: bool = True, whole: bool = False
) -> list[Grid]:
    """Return the grids of a lane that fit the width, the best first; the last one always fits.

    most: the maximum number of lines of tiles with names.
    headed: whether columns have names above them; if not, each tile says its node.
    whole: whether lines without tiles are drawn too, so that no tile moves up or down.
    """
    if not lane.number:
        # An empty lane has the best form: a running stage does not hold its first page to a level.
        return [Grid(Form.RICH, False, room, 1, room, 1)]
    steps = ladder(row, headed=headed)
    named = lane.number <= most * max(room // _NARROWEST, 1)
    widths = widths_of(lane) if named else Widths()
    steps = steps if named else [step for step in steps if step[0] >= Form.CELL]
    found = [grid_of(row, lane, step, room, widths, whole=whole) for step in steps]
    # Where names would take a third of the stage, cells show more.
    return [grid for grid in found if grid is not None and (grid.lines <= most or grid.form >= Form.CELL)]


def _fit(grids: list[list[Grid]], lines: int, coarsest: Form, floor: Floor | None) -> list[int] | None:
    """Return for each lane the number of its grid so that all fit into the lines; None if they cannot."""
    chosen = [0] * len(grids)
    if floor is not None:
        for lane, own in enumerate(grids):
            chosen[lane] = next(
                (n for n, grid in enumerate(own) if grid.rank >= floor.ranks[lane]), len(own) - 1
            )
    while sum(own[n].lines for own, n in zip(grids, chosen, strict=True)) > lines:
        smaller = [
            (own[n], own[n + 1], lane)
            for lane, (own, n) in enumerate(zip(grids, chosen, strict=True))
            if n + 1 < len(own) and own[n + 1].form <= coarsest
        ]
        if not smaller:
            return None
        chosen[max(smaller, key=_first_to_shrink)[2]] += 1
    return chosen


def _first_to_shrink(lane: tuple[Grid, Grid, int]) -> tuple[bool, int, int, int]:
    """Return the key by which a lane gives up lines: its grid, the next one, its number.

    Names give way to letters before letters give way to levels. Free pages have no object and no badges, so
    their tiles say least.
    """
    grid, following, number = lane
    letters = grid.lines > 1 and (number == 0 or following.form <= Form.CELL)
    lines = grid.lines * (LEAST_TELLING if number == 0 else 1)
    return letters, lines, grid.lines - following.lines, -number


class _Spread:
    """Gives the lines that are left over to strips, to tiles that will come, and to the legend."""

    def __init__(self, row: StageRow, plan: Plan, grids: list[Grid], lines: int) -> None:
        self.row, self.plan, self.grids = row, plan, grids
        self.tiles = [
            grid.lines if lane.number and grid.form != Form.LEVEL else 0
            for lane, grid in zip(row.lanes, grids, strict=True)
        ]
        """The lines of tiles; levels are a strip of all pages."""
        self.strips = [0] * LANES
        self.beside = [False] * LANES
        self.tallest = max(lines // 5, 2)
        self.tall = row.lanes[0].counts.size > plan.room
        self.spare = lines - len(plan.edges) - sum(max(number, 1) for number in self.tiles)

    def take(self) -> bool:
        """Take a line if one is left."""
        taken = self.spare > 0
        self.spare -= taken
        return taken

    def lines(self, n: int) -> int:
        """Return the lines of a lane so far."""
        return max(self.tiles[n] + self.strips[n], 1)

    def grow(self, n: int, most: int = 1 << 30) -> bool:
        """Give a lane one line more if it has fewer than `most`; return whether it got one."""
        if self.lines(n) >= most or not self.take():
            return False
        if n == 0 and self.tall:
            self.strips[n] += 1
        else:
            self.tiles[n] = self.lines(n) - self.strips[n] + 1
        return True

    def strips_and_tiles(self, floor: Floor | None) -> None:
        """Give each strip a line, or the rest of a line of tiles, and each lane room for tiles."""
        levels = [n for n, grid in enumerate(self.grids) if grid.form == Form.LEVEL]
        striped = [n for n, lane in enumerate(self.row.lanes) if n in (0, *levels) or lane.others.any()]
        for n in striped:
            if not self.tiles[n] or self.take():
                self.strips[n] = 1
            else:
                self.beside[n] = True
        if floor is not None:
            for n in (*range(1, LANES), 0):
                while self.grow(n, floor.lines[n]):
                    pass
        # The line of FREE's first tiles is one of its strip until they come.
        for n in striped:
            self.grow(n, 2)

    def legend_and_free(self) -> int:
        """Give the rest to the legend and to FREE's strip; return the lines of the legend."""
        cells = max(self.plan.room, 1)
        colors = self.row.lanes[0].counts.size
        legend = int(self.take())
        if any(grid.form == Form.CELL for grid in self.grids) and self.take():
            legend += 1
        most = min(-(-colors // cells), self.tallest)
        while self.strips[0] and self.tall and self.grow(0, most):
            pass
        # The last lane is pushed up when it grows, so it has lines in advance.
        while self.tiles[-1] and self.grow(LANES - 1, LAST):
            pass
        while self.spare > 0:
            for n in range(1, LANES - 1):
                self.grow(n)
        return legend


def _spread(row: StageRow, plan: Plan, chosen: list[Grid], lines: int, floor: Floor | None) -> Plan:
    spread = _Spread(row, plan, chosen, lines)
    spread.strips_and_tiles(floor)
    legend = spread.legend_and_free()
    lanes = zip(chosen, spread.strips, spread.tiles, spread.beside, strict=True)
    return replace(plan, lanes=tuple(LanePlan(*each) for each in lanes), legend=legend)


def floor_of(plan: Plan, before: Floor) -> Floor:
    """Return what a running stage keeps of a plan, and of what it kept before."""
    return Floor(
        [_rank_of(lane.grid, rank) for lane, rank in zip(plan.lanes, before.ranks, strict=True)],
        [max(lane.lines, lines) for lane, lines in zip(plan.lanes, before.lines, strict=True)],
        plan.edges | before.edges,
    )


def _rank_of(grid: Grid, before: int) -> int:
    """Return the rank that a lane keeps; letters and levels only while it has pages.

    A lane that kept a rank has the largest form only when it is empty.
    """
    empty = grid.form == Form.RICH and before >= rank_of(Form.CELL)
    return grid.rank if empty else max(grid.rank, before)
