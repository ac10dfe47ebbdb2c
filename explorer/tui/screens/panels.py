"""Functions that update the visible panels to the current step."""

from __future__ import annotations

from dataclasses import dataclass

from textual.screen import Screen

from explorer.commands.footer_keys import tips
from explorer.commands.keys import Keys
from explorer.lenses.kit.registry import lens_named
from explorer.session.session import Session
from explorer.tui.layouts import SPARE, STANDING, layout
from explorer.tui.widgets.banner_panel import Banner
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.footer import Footer
from explorer.tui.widgets.inspector_panel import Inspector
from explorer.tui.widgets.lens import FixedLens, LensPanel
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.map_cells import grid
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.source_panel import Source
from explorer.tui.widgets.status_panel import StatusLine
from explorer.tui.widgets.threads_panel import Threads
from explorer.tui.widgets.timeline_panel import Timeline
from explorer.views.log import event_rows
from explorer.views.page import page_row
from explorer.views.queues import TYPES, axis_row, path_under_way, queue_rows, reserve_row
from explorer.views.rows import MapRow
from explorer.views.status import status_row, verdict
from explorer.views.threads import source_rows, thread_rows
from explorer.views.timeline import timeline_row


@dataclass(frozen=True)
class Activity:
    """A run or playback as text ("" for neither), and whether the user has given a command yet."""

    text: str
    begun: bool


def show_all(screen: Screen[None], session: Session, activity: Activity, keys: Keys) -> None:
    """Update all panels except the lenses that are always shown."""
    show_time(screen, session, activity, keys)
    show_map(screen, session)
    show_details(screen, session)


def show_time(screen: Screen[None], session: Session, activity: Activity, keys: Keys) -> None:
    """Update the lines above and below the panels."""
    history, busy = session.history, bool(activity.text)
    status = status_row(history, session.chosen, session.labels, activity.text, session.score.short)
    screen.query_one(StatusLine).row = status
    timeline = screen.query_one(Timeline)
    timeline.row = timeline_row(history, timeline.size.width, session.marks)
    screen.query_one(Banner).verdict = None if busy else verdict(history, session.labels)
    screen.query_one(Console).say(session.note)
    ended = history.outcome is not None
    screen.query_one(Footer).tips = tips(
        begun=activity.begun, ended=ended, running=busy, width=screen.size.width, keys=keys
    )


def map_rows(session: Session) -> tuple[MapRow, ...]:
    """Return the current rows of the map."""
    path = path_under_way(session.history)
    return queue_rows(session.history, session.unqueued, *session.place, path, session.differences_shown)


def show_map(screen: Screen[None], session: Session) -> None:
    """Update the map, its axis and the reserve."""
    rows = map_rows(session)
    axis = axis_row(session.history, rows, session.place[1])
    screen.query_one(MapPanel).show(rows, reserve_row(session.history), axis)


def leave_room(screen: Screen[None], session: Session) -> None:
    """Set the style class for a map that leaves room for another panel under it."""
    form, panel = layout(*screen.size), screen.query_one(MapPanel)
    shape = grid(form.map_width, form.map_height, session.vm.colors, big=panel.big)
    lines = len(TYPES) * shape.lines + 2
    screen.set_class(lines + SPARE <= form.top[0], "-few")


def show_details(screen: Screen[None], session: Session) -> None:
    """Update the page, the threads, their scripts, and the log or the lens shown instead."""
    history, labels = session.history, session.labels
    screen.query_one(Inspector).row = page_row(
        history, labels, session.page, following=session.pinned is None, field=session.field or ""
    )
    threads = thread_rows(history, labels, session.chosen)
    screen.query_one(Threads).rows = threads
    scripts = source_rows(history, threads, session.line, session.stops)
    for source in screen.query(Source):
        source.rows = scripts
    screen.set_class(session.lens != "log", "-lens")
    if session.lens == "log":
        log = screen.query_one(Log)
        log.rows = event_rows(history, labels, session.calls, history.step, max(log.size.height, 2))
    else:
        lens = lens_named(session.lens)
        screen.query_one("#lens", LensPanel).look(lens, lens.look(session))


def show_standing(screen: Screen[None], session: Session) -> None:
    """Update the lenses that are always shown."""
    for panel in screen.query(FixedLens):
        if panel.display and panel.size.height and panel.id is not None:
            lens = lens_named(STANDING[panel.id])
            panel.look(lens, lens.look(session))
