"""Functions that update the visible panels to the current step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.screen import Screen
from textual.widget import Widget

from explorer.commands.footer_keys import Situation, tips
from explorer.commands.keys import Keys
from explorer.commands.lesson import row_of_lesson
from explorer.lenses.kit.registry import lens_named
from explorer.session import experiment, exploration
from explorer.session.announcements import seen_code, seen_threads
from explorer.session.question_row import question_row
from explorer.session.questions import card_is_ahead, question_state, status_words
from explorer.session.session import Session
from explorer.session.timeline import timeline_of
from explorer.tui.layouts import STANDING, Shown, tabs_of
from explorer.tui.screens.panels_area import PanelsArea
from explorer.tui.widgets.banner_panel import Banner
from explorer.tui.widgets.code_panel import Code
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.footer import Footer
from explorer.tui.widgets.inspector_panel import Inspector
from explorer.tui.widgets.lens import FixedLens, LensPanel
from explorer.tui.widgets.lesson_panel import LessonPanel
from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.question_panel import QuestionPanel
from explorer.tui.widgets.source_panel import Source
from explorer.tui.widgets.stage_panel import Stage
from explorer.tui.widgets.status_panel import StatusLine
from explorer.tui.widgets.threads_panel import Threads
from explorer.tui.widgets.timeline_panel import Timeline
from explorer.views.log import event_rows
from explorer.views.page import page_row
from explorer.views.queues import axis_row, path_under_way, queue_rows, reserve_row
from explorer.views.rows import MapRow, ThreadRow
from explorer.views.stage import stage_row
from explorer.views.status import run_end, status_row
from explorer.views.threads import source_rows


@dataclass(frozen=True)
class Activity:
    """A run or playback as text ("" for neither), whether a command was given, whether a panel is zoomed.

    search: a search of all schedules or an experiment as text, or "".
    """

    text: str
    begun: bool
    zoomed: bool = False
    search: str = ""


_OTHERS: Final = (Inspector, Code, Threads, Source, Log, LessonPanel, QuestionPanel, LensPanel, Timeline)
"""Panels that use the arrow keys themselves."""

SLOW: Final = (Code, Log, FixedLens)
"""Panels that may take long after a jump: they look up the calls or the past of a step."""


def show_all(screen: Screen[None], session: Session, activity: Activity, keys: Keys) -> None:
    """Update all panels except the SLOW ones."""
    show_time(screen, session, activity, keys)
    show_centre(screen, session)
    show_details(screen, session, keys)


def show_time(screen: Screen[None], session: Session, activity: Activity, keys: Keys) -> None:
    """Update the lines above and below the panels."""
    history, busy = session.history, bool(activity.text)
    screen.query_one(StatusLine).row = status_row(
        history, session.chosen, session.labels, activity.text or activity.search, session.score.short,
        session.scenario, status_words(session),
    )  # fmt: skip
    screen.query_one(QuestionPanel).row = question_row(session, keys.call)
    timeline = screen.query_one(Timeline)
    timeline.row = timeline_of(session, timeline.cells, lanes=timeline.size.height > 1)
    screen.query_one(Stage).running = busy
    screen.query_one(Banner).look(None if busy else run_end(history, session.labels), *screen.size)
    screen.query_one(Console).say(session.note)
    centre = "" if isinstance(screen.focused, _OTHERS) else session.centre
    lens = session.lens if screen.query_one("#lens").size else ""
    now = situation(session, centre, lens, activity)
    screen.query_one(Footer).tips = tips(now, screen.size.width, keys)


def show_search(screen: Screen[None], session: Session, activity: Activity, keys: Keys) -> None:
    """Update what shows how far a search or an experiment is: the status line and the lens."""
    show_time(screen, session, activity, keys)
    lens = screen.query_one("#lens", LensPanel)
    if lens.size and session.lens in (exploration.LENS, experiment.LENS):
        _show_detail(lens, session, ())


def search_words(session: Session) -> str:
    """How far the search of all schedules or the experiment is, for the status line; "" if none runs."""
    if session.search is None:
        sweep = session.experiments.sweep
        return "" if sweep is None else f"measuring {sweep.count}, Esc stops"
    progress = session.search.progress
    states = "" if progress is None else f" {progress.states or progress.sampled:,}"
    return f"exploring{states}, Esc stops"


def situation(session: Session, centre: str, lens: str, activity: Activity) -> Situation:
    """Return what the keys of the footer depend on.

    centre: the centre if it has the focus, else "". lens: the lens that is seen, or "".
    """
    return Situation(
        begun=activity.begun,
        running=bool(activity.text),
        searching=session.search is not None,
        sweeping=session.experiments.sweep is not None,
        outcome=session.history.outcome or "",
        centre=centre,
        lens=lens,
        zoomed=activity.zoomed,
        field=session.field is not None,
        lesson=bool(session.reading.pages),
        beside=session.history.current in session.beside,
        page=_has_next_page(session),
        questions=bool(session.questions),
        question=question_state(session),
    )


def _has_next_page(session: Session) -> bool:
    """Whether the lesson is open and there is more to read: a page after the open one, or the card."""
    reading = session.reading
    further = reading.page(session.history) + 1 < len(reading.pages)
    return reading.open and bool(reading.pages) and (further or card_is_ahead(session))


def map_rows(session: Session) -> tuple[MapRow, ...]:
    """Return the current rows of the map."""
    path = path_under_way(session.history)
    return queue_rows(session.history, session.unqueued, *session.place, path, session.differences_shown)


def show_centre(screen: Screen[None], session: Session) -> None:
    """Update the stage, or the map with its axis and the reserve: the one that is shown."""
    if session.centre == "map":
        rows = map_rows(session)
        axis = axis_row(session.history, rows, session.place[1])
        screen.query_one(MapPanel).show(rows, reserve_row(session.history), axis)
    else:
        screen.query_one(Stage).row = stage_row(session)


def name_siblings(screen: Screen[None], groups: tuple[tuple[str, ...], ...], shown: Shown) -> None:
    """Name the panels that share a place in the top line of the one that is shown, with their keys."""
    tabs = tabs_of(groups, shown)
    for panel in screen.query(LinesPanel):
        panel.tabs = tabs.get(panel.id or "", ())


def show_details(screen: Screen[None], session: Session, keys: Keys) -> None:
    """Update the other panels that are shown, except the SLOW ones."""
    threads, lit = seen_threads(session), session.lit.panels
    for panel in screen.query_one(PanelsArea).children:
        if isinstance(panel, LinesPanel):
            panel.light(lit)
        if isinstance(panel, LessonPanel):
            panel.row = row_of_lesson(session, keys)
        elif panel.size and not isinstance(panel, SLOW):
            _show_detail(panel, session, threads)


def show_slow(screen: Screen[None], session: Session) -> None:
    """Update the SLOW panels that are shown."""
    for panel in screen.query_one(PanelsArea).children:
        if panel.size and isinstance(panel, SLOW):
            _show_detail(panel, session, ())


def _show_detail(panel: Widget, session: Session, threads: tuple[ThreadRow, ...]) -> None:
    history, labels = session.history, session.labels
    match panel:
        case Inspector():
            panel.row = page_row(
                history, labels, session.page, following=session.pinned is None,
                field=session.field or "", function=session.calls.function, lit=session.lit,
            )  # fmt: skip
        case Code():
            panel.row = seen_code(session)
        case Threads():
            panel.rows = threads
        case Source():
            panel.rows = source_rows(history, threads, session.line, session.stops)
        case Log():
            panel.rows = event_rows(history, labels, session.calls, *panel.window(history.step))
        case FixedLens() if panel.id is not None:
            lens = lens_named(STANDING[panel.id])
            panel.look(lens, lens.look(session))
        case LensPanel() if session.lens != "log":
            lens = lens_named(session.lens)
            panel.look(lens, lens.look(session))
