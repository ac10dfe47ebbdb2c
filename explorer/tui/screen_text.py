"""The screen as text: the lines of every panel, in the layout of a screen of a size.

`explorer.tui.layouts` has the sizes of the panels and `pageq.tcss` their positions; this module repeats the
positions for text, and a test compares both at many sizes. The console and the footer are left out because
they do not describe the moment.
"""

from __future__ import annotations

from explorer.lenses.kit.lens import heading
from explorer.lenses.kit.registry import lens_named
from explorer.session.session import Session
from explorer.tui.layouts import NODES_WIDTH, SPARE, STANDING, TREE_WIDTH, Layout, layout, top_height
from explorer.tui.widgets.axis import axis_line
from explorer.tui.widgets.banner import banner_lines
from explorer.tui.widgets.inspector import page_lines
from explorer.tui.widgets.log import log_lines
from explorer.tui.widgets.map_cells import cell_codes, cell_text, glyph, grid, left_texts, right_texts
from explorer.tui.widgets.reserve import reserve_line
from explorer.tui.widgets.source import source_lines
from explorer.tui.widgets.status import status_line
from explorer.tui.widgets.threads import thread_lines
from explorer.tui.widgets.timeline import timeline_line
from explorer.views.log import event_rows
from explorer.views.page import page_row
from explorer.views.queues import axis_row, path_under_way, queue_rows, reserve_row
from explorer.views.rows import MapRow
from explorer.views.spans import Line, filled, fit, line
from explorer.views.status import status_row, verdict
from explorer.views.threads import source_rows, thread_rows
from explorer.views.timeline import timeline_row

BELOW = 2
"""Lines at the bottom of the screen that are left out: console and footer."""

Lines = list[Line]


def screen_lines(session: Session, width: int, height: int) -> Lines:
    """Return all lines of a screen of that size except the last BELOW, each at most `width` columns."""
    history, labels = session.history, session.labels
    ended = verdict(history, labels)
    banner = [] if ended is None else banner_lines(ended, width)
    status = status_row(history, session.chosen, labels, score=session.score.short)
    row = timeline_row(history, width, session.marks)
    main = Main(session, width, max(height - BELOW - 2 - len(banner), 0), layout(width, height))
    return [
        status_line(status, width, session.title),
        *main.lines(),
        *banner,
        fit(timeline_line(row, focused=False), width),
    ]


class Main:
    """The panels between the status line and the timeline: `height` lines of `width` columns."""

    def __init__(self, session: Session, width: int, height: int, form: Layout) -> None:
        self.session, self.width, self.height, self.form = session, width, height, form
        self.threads = thread_rows(session.history, session.labels, session.chosen)
        self.scripts = source_rows(session.history, self.threads, session.line, session.stops)
        self.map = self._map()

    def lines(self) -> Lines:
        """Return all lines in the current layout."""
        top = self._top_height()
        leaves_room = len(self.map) + SPARE <= self.form.top[0]
        lanes = self.form.lanes if leaves_room else 0
        bottom = max(self.height - top - lanes, 0)
        block = self._stacked(top) if self.form.name in ("tiny", "small") else self._beside(top)
        below = self._standing("lanes", self.width, lanes) if lanes else []
        return [*block, *self._bottom(bottom), *below][: self.height]

    def _top_height(self) -> int:
        if self.form.name == "tiny":
            return self.height * 7 // 11
        if self.form.name == "small":
            return self.height * 15 // 21
        return min(top_height(self.form, len(self.map)), self.height)

    def _stacked(self, top: int) -> Lines:
        """Return the map above the page, with the threads beside the page if there is room."""
        room = max(top - len(self.map), 0)
        if self.form.name == "tiny":
            side = block(self._page(self.width, room), self.width, room)
        else:
            left = (self.width - 1) // 2
            right = self.width - 1 - left
            side = beside(self._page(left, room), left, self._threads(right, room), right, room)
        return [*block(self.map, self.width, min(top, len(self.map))), *side]

    def _beside(self, top: int) -> Lines:
        """Return the map at the left; at the right page, reason, threads and, if large, scripts."""
        form = self.form
        left, right = form.map_width, self.width - form.map_width - 1
        rest = max(top - form.inspector - form.why, 0)
        threads = rest // 2 if form.name == "large" else rest
        side = [
            *block(self._page(right, form.inspector), right, form.inspector),
            *(self._standing("reason", right, form.why) if form.why else []),
            *block(self._threads(right, threads), right, threads),
            *block(self._source(right, rest - threads), right, rest - threads),
        ]
        return beside([*self.map, *self._under_map(left, top - len(self.map))], left, side, right, top)

    def _under_map(self, width: int, room: int) -> Lines:
        """Return the pages of a queue, then the frames, if the map leaves room."""
        if room < SPARE:
            return []
        chips = min(self.form.chips, room)
        frames = room - chips
        lines = self._standing("chips", width, chips)
        return [*lines, *self._standing("frames", width, frames)] if frames else lines

    def _standing(self, panel: str, width: int, height: int) -> Lines:
        lens = lens_named(STANDING[panel])
        drawn = lens.draw(lens.look(self.session), width, max(height - 1, 0))
        return block([heading(lens, width, focused=False, standing=True), *drawn.lines], width, height)

    def _bottom(self, height: int) -> Lines:
        """Return the log or a lens, and the scripts unless they are at the side."""
        if self.form.name == "tiny":
            return block(self._log(self.width, height), self.width, height)
        if self.form.name == "large":
            left = self.width - NODES_WIDTH - TREE_WIDTH - 2
            nodes, tree = (
                self._standing(panel, width, height)
                for panel, width in (("nodes", NODES_WIDTH), ("tree", TREE_WIDTH))
            )
            both = beside(nodes, NODES_WIDTH, tree, TREE_WIDTH, height)
            return beside(self._log(left, height), left, both, self.width - left - 1, height)
        left = (self.width - 1) * 5 // 9
        right = self.width - 1 - left
        return beside(self._log(left, height), left, self._source(right, height), right, height)

    # --- the panels ---------------------------------------------------------------------------------------

    def _map(self) -> Lines:
        session, width = self.session, self.form.map_width
        path = path_under_way(session.history)
        differs = session.differences_shown
        rows = queue_rows(session.history, session.unqueued, *session.place, path, differs)
        shape = grid(width, self.form.map_height, session.vm.colors)
        axis = axis_line(axis_row(session.history, rows, session.place[1]), shape, width, focused=False)
        if self.form.name == "tiny":
            return [*(one for row in rows if row.cursor >= 0 for one in map_lines(row, width, 1)), axis]
        strip = grid(width, 1, 1024)
        reserve = reserve_line(reserve_row(session.history), strip.left, strip.columns, width)
        return [*(one for row in rows for one in map_lines(row, width, self.form.map_height)), reserve, axis]

    def _page(self, width: int, height: int) -> Lines:
        session = self.session
        row = page_row(
            session.history, session.labels, session.page,
            following=session.pinned is None, field=session.field or "",
        )  # fmt: skip
        return page_lines(row, width, height, focused=False)

    def _threads(self, width: int, height: int) -> Lines:
        return thread_lines(self.threads, width, height, focused=False)

    def _source(self, width: int, height: int) -> Lines:
        return source_lines(self.scripts, width, height, focused=False)

    def _log(self, width: int, height: int) -> Lines:
        """Return the log, or the lens that is shown instead."""
        session = self.session
        if session.lens == "log":
            rows = event_rows(
                session.history, session.labels, session.calls, session.history.step, max(height, 2)
            )
            return log_lines(rows, width, height, focused=False)
        lens = lens_named(session.lens)
        drawn = lens.draw(lens.look(session), width, max(height - 1, 0))
        return [heading(lens, width, focused=False), *drawn.lines]


def map_lines(row: MapRow, width: int, height: int) -> Lines:
    """Return one queue type as text: its gutters, and a glyph per cell."""
    shape = grid(width, height, row.counts.size)
    glyphs = [cell_text(glyph(code), shape) for code in cell_codes(row, shape.columns * shape.rows).tolist()]
    cells = ["".join(glyphs[y * shape.columns : (y + 1) * shape.columns]) for y in range(shape.rows)]
    texts = zip(left_texts(row, shape), cells, right_texts(row, shape, width), strict=True)
    return [line(*parts) for parts in texts]


def block(lines: Lines, width: int, height: int) -> Lines:
    """Return exactly `height` lines of at most `width` columns."""
    return [fit(spans, width) for spans in lines[:height]] + [()] * (height - len(lines))


def beside(left: Lines, width: int, right: Lines, rest: int, height: int) -> Lines:
    """Put two blocks side by side with a column between them: `width` and `rest` columns, `height` lines."""
    pairs = zip(block(left, width, height), block(right, rest, height), strict=True)
    return [(*filled(one, width + 1), *other) for one, other in pairs]
