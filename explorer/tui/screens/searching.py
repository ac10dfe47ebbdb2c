"""A screen that follows a search of all schedules or an experiment: how far it is, then its result."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer

from engine.scenario.lesson import PANELS
from explorer.session import experiment, exploration
from explorer.session.session import Session
from explorer.tui.screens.panels import show_search
from explorer.tui.screens.pointed import Pointed

EVERY: Final = 0.1
"""Seconds between two looks at a search."""


class Searching(Pointed):
    """A screen that may search; the session moves meanwhile."""

    _search_timer: Timer | None = None

    def follow_search(self) -> None:
        """Look at what runs from time to time, until it has ended; its lens gets the focus."""
        self._leave_timer()
        self._search_timer = self.set_interval(EVERY, self._look_at_search)
        self.focus_panel(PANELS.index("log") + 1)

    follow_sweep = follow_search

    def follow_again(self) -> None:
        """Look at the experiment that runs while another session is shown."""
        if self.session.experiments.sweep is not None:
            self._leave_timer()
            self._search_timer = self.set_interval(EVERY, self._look_at_search)

    def _look_at_search(self) -> None:
        running = (self.session.search, self.session.experiments.sweep)
        if any(one is not None and one.done for one in running):
            self._guard(self._take_results)
            self.show()
        elif any(running):
            show_search(self, self.session, self.activity(), self.keys)
        else:
            self._leave_timer()

    def _take_results(self) -> None:
        """Take what has ended, and say what can be done with it."""
        session = self.session
        if session.search is not None and session.search.done:
            exploration.take(session)
            session.say(f"{session.note.text}; ↑↓ and Enter open one")
        if experiment.take(session):
            zoom = self.keys.call("zoom")
            session.say(f"{experiment.result(session)}; {zoom} shows them, Enter opens a run")

    def _leave_timer(self) -> None:
        if self._search_timer is not None:
            self._search_timer.stop()
            self._search_timer = None

    def leave_search(self, session: Session) -> None:
        """Let the search of a session end that is no longer shown; its result is not taken."""
        self._leave_timer()
        if session.search is not None:
            session.search.stop()

    def on_unmount(self) -> None:
        """Stop with the screen."""
        super().on_unmount()
        self.leave_search(self.session)
        if self.session.experiments.sweep is not None:
            self.session.experiments.sweep.stop()
