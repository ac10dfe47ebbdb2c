"""The screen as text: the lines of every panel, each in its place on a screen of a size.

`explorer.tui.layouts` has the places. The console and the footer are left out because they do not describe
the moment.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.commands.keys import Keys
from explorer.commands.lesson import row_of_lesson
from explorer.lenses.kit.lens import heading
from explorer.lenses.kit.registry import lens_named
from explorer.session.announcements import seen_code, seen_threads
from explorer.session.ending import follow_end
from explorer.session.question_row import question_row
from explorer.session.questions import status_words
from explorer.session.session import Session
from explorer.session.timeline import timeline_of
from explorer.tui.layouts import (
    STANDING,
    Shown,
    first_panels,
    regions,
    siblings,
    tabs_of,
    timeline_height,
    with_question,
)
from explorer.tui.rect import Rect, Regions
from explorer.tui.widgets.axis import axis_line
from explorer.tui.widgets.banner import banner_lines, text_room
from explorer.tui.widgets.code import code_lines
from explorer.tui.widgets.inspector import page_lines
from explorer.tui.widgets.lesson import lesson_lines, lesson_title, one_line
from explorer.tui.widgets.lesson import pinned_lines as pinned_of_lesson
from explorer.tui.widgets.log import log_lines
from explorer.tui.widgets.map_cells import (
    cell_codes,
    cell_text,
    glyph,
    grid,
    left_texts,
    map_form,
    right_texts,
)
from explorer.tui.widgets.panel_title import first_part, lit_title, with_tabs
from explorer.tui.widgets.question import one_line as one_question
from explorer.tui.widgets.question import pinned_lines, question_lines, question_title
from explorer.tui.widgets.reserve import reserve_line
from explorer.tui.widgets.source import source_lines
from explorer.tui.widgets.stage import stage_lines
from explorer.tui.widgets.status import status_line
from explorer.tui.widgets.threads import thread_lines
from explorer.tui.widgets.timeline import GUTTER, timeline_lines
from explorer.views.log import event_rows
from explorer.views.page import page_row
from explorer.views.queues import axis_row, path_under_way, queue_rows, reserve_row
from explorer.views.rows import MapRow
from explorer.views.spans import Line, filled, fit, line
from explorer.views.stage import stage_row
from explorer.views.status import run_end, status_row
from explorer.views.threads import source_rows

BELOW = 2
"""Lines at the bottom of the screen that are left out: console and footer."""

Lines = list[Line]


def screen_lines(session: Session, width: int, height: int) -> Lines:
    """Return all lines of a screen of that size except the last BELOW, each at most `width` columns.

    As on the screen, the why of a bad end is open.
    """
    follow_end(session)
    history, labels = session.history, session.labels
    ended = run_end(history, labels)
    banner = [] if ended is None else banner_lines(ended, width, text_room(height))
    status = status_row(
        history, session.chosen, labels, "", session.score.short, session.scenario, status_words(session)
    )
    question = question_row(session, Keys().call)
    shown = Shown(
        session.centre, session.vm.colors, lens=session.lens != "log", lesson=session.reading.has_panel,
        front=first_panels(session),
    )  # fmt: skip
    shown = with_question(shown, question, width, height)
    below = timeline_height(width, height, shown)
    cells = width - (GUTTER if below > 1 else 0)
    row = timeline_of(session, cells, lanes=below > 1)
    lines = max(height - BELOW - 1 - below - len(banner), 0)
    places = regions(width, height, lines, shown)
    tabs = tabs_of(siblings(width, height, shown), shown)
    blocks = {name: _block(session, name, at, tabs.get(name, ())) for name, at in places.items()}
    return [
        status_line(status, width, session.title),
        *composed(places, blocks, lines),
        *banner,
        *(fit(spans, width) for spans in timeline_lines(row, focused=False)),
    ]


def composed(places: Regions, blocks: dict[str, Lines], height: int) -> Lines:
    """Return `height` lines with each block in its place; every place has the lines of its height."""
    found: Lines = []
    for y in range(height):
        spans: Line = ()
        for name, at in sorted(places.items(), key=lambda item: item[1].x):
            if at.y <= y < at.y + at.height:
                spans = (*filled(spans, at.x), *blocks[name][y - at.y])
        found.append(spans)
    return found


def _block(session: Session, name: str, at: Rect, tabs: tuple[tuple[str, str], ...]) -> Lines:
    """Return the lines of a panel: exactly those of its place."""
    if name in STANDING:
        lines = _lens(session, STANDING[name], at, standing=True)
    elif name == "lens":
        lines = _lens(session, session.lens, at)
    else:
        lines = _PANELS[name](session, at.width, at.height)
    if tabs and lines:
        lines[0] = with_tabs(fit(lines[0], at.width), tabs, session.lit.panels)
    if lines and {"stage": "centre", "lens": "log"}.get(name, name) in session.lit.panels:
        lines[0] = lit_title(fit(lines[0], at.width))
    return block(lines, at.width, at.height)


def block(lines: Lines, width: int, height: int) -> Lines:
    """Return exactly `height` lines of at most `width` columns."""
    return [fit(spans, width) for spans in lines[:height]] + [()] * (height - len(lines))


# --- the panels -------------------------------------------------------------------------------------------


def _lens(session: Session, name: str, at: Rect, *, standing: bool = False) -> Lines:
    lens = lens_named(name)
    drawn = lens.fitted(lens.look(session), at.width, max(at.height - 1, 0))
    return [heading(lens, at.width, focused=False, standing=standing), *drawn.lines]


def _map(session: Session, width: int, height: int) -> Lines:
    history, path = session.history, path_under_way(session.history)
    rows = queue_rows(history, session.unqueued, *session.place, path, session.differences_shown)
    form = map_form(width, height, session.vm.colors)
    shape = grid(width, form.lines, session.vm.colors)
    axis = axis_line(axis_row(history, rows, session.place[1]), shape, width, focused=False)
    if form.single:
        return [*(one for row in rows if row.cursor >= 0 for one in map_lines(row, width, 1)), axis]
    strip = grid(width, 1, 1024)
    reserve = reserve_line(reserve_row(history), strip.left, strip.columns, width)
    return [*(one for row in rows for one in map_lines(row, width, form.lines)), reserve, axis]


def map_lines(row: MapRow, width: int, height: int) -> Lines:
    """Return one queue type as text: its gutters, and a glyph per cell."""
    shape = grid(width, height, row.counts.size)
    glyphs = [cell_text(glyph(code), shape) for code in cell_codes(row, shape.columns * shape.rows).tolist()]
    cells = ["".join(glyphs[y * shape.columns : (y + 1) * shape.columns]) for y in range(shape.rows)]
    texts = zip(left_texts(row, shape), cells, right_texts(row, shape, width), strict=True)
    return [line(*parts) for parts in texts]


def _stage(session: Session, width: int, height: int) -> Lines:
    return stage_lines(stage_row(session), width, height, focused=False)


def _code(session: Session, width: int, height: int) -> Lines:
    return code_lines(seen_code(session), width, height, focused=False, outline=session.outline)


def _lesson(session: Session, width: int, height: int) -> Lines:
    row = row_of_lesson(session)
    if height == 1:
        return [one_line(row, width, focused=False)]
    room = max(height - 1, 0)
    part, lines = first_part(lesson_lines(row, width), room, pinned_of_lesson(row, width, room))
    return [lesson_title(row, width, part, focused=False), *lines]


def _question(session: Session, width: int, height: int) -> Lines:
    row = question_row(session, Keys().call)
    if height == 1:
        return [one_question(row, width, focused=False)]
    room = max(height - 1, 0)
    part, lines = first_part(question_lines(row, width, room), room, pinned_lines(row, width, room))
    return [question_title(row, width, part, focused=False), *lines]


def _page(session: Session, width: int, height: int) -> Lines:
    row = page_row(
        session.history, session.labels, session.page,
        following=session.pinned is None, field=session.field or "", function=session.calls.function,
        lit=session.lit,
    )  # fmt: skip
    return page_lines(row, width, height, focused=False)


def _threads(session: Session, width: int, height: int) -> Lines:
    rows = seen_threads(session)
    return thread_lines(rows, width, height, focused=False)


def _source(session: Session, width: int, height: int) -> Lines:
    threads = seen_threads(session)
    rows = source_rows(session.history, threads, session.line, session.stops)
    return source_lines(rows, width, height, focused=False)


def _log(session: Session, width: int, height: int) -> Lines:
    rows = event_rows(session.history, session.labels, session.calls, session.history.step, max(height, 2))
    return log_lines(rows, width, height, focused=False)


_PANELS: dict[str, Callable[[Session, int, int], Lines]] = {
    "stage": _stage, "map": _map, "lesson": _lesson, "code": _code, "page": _page, "threads": _threads,
    "source": _source, "log": _log, "question": _question,
}  # fmt: skip
"""The lines of each panel in a place of a width and a height."""
