"""A screen that follows a search of all schedules: it shows how far it is, and takes its result."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer

from engine.scenario.lesson import PANELS
from explorer.session import exploration
from explorer.session.session import Session
from explorer.tui.screens.panels import show_search
from explorer.tui.screens.pointed import Pointed

EVERY: Final = 0.1
"""Seconds between two looks at a search."""


class Searching(Pointed):
    """A screen that may search; the session moves meanwhile."""

    _search_timer: Timer | None = None

    def follow_search(self) -> None:
        """Look at the search from time to time, until it has ended; its lens gets the focus."""
        self._leave_timer()
        self._search_timer = self.set_interval(EVERY, self._look_at_search)
        self.focus_panel(PANELS.index("log") + 1)

    def _look_at_search(self) -> None:
        search = self.session.search
        if search is not None and not search.done:
            show_search(self, self.session, self.activity(), self.keys)
            return
        self._leave_timer()
        self._guard(lambda: exploration.take(self.session))
        if self.session.explored is not None and self.session.note.kind == "say":
            self.session.say(f"{self.session.note.text}; ↑↓ and Enter open one")
        self.show()

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
