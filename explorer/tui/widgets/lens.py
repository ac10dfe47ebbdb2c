"""The shared panel: whichever lens is looked through, its title and its lines; clicks lead where it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message

from explorer.lenses.kit.lens import Drawing, Lens, heading
from explorer.tui.widgets.lines import LinesPanel
from explorer.views.spans import Line


class LensPanel(LinesPanel, can_focus=True):
    """Draws one lens's row."""

    @dataclass
    class Clicked(Message):
        """The person clicked on something that leads somewhere: a line for the console."""

        verb: str

    standing = False
    """Whether this lens is always looked through."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lens: Lens | None = None
        self._row: Any = None
        self._drawing = Drawing([])

    def look(self, lens: Lens, row: Any) -> None:
        """Show a lens's row."""
        self._lens, self._row = lens, row
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """The panel's lines."""
        width, height = self.size
        if self._lens is None:
            return []
        self._drawing = self._lens.draw(self._row, width, max(height - 1, 0))
        title = heading(self._lens, width, focused=self.has_focus, standing=self.standing)
        return [title, *self._drawing.lines]

    def on_click(self, event: events.Click) -> None:
        """Follow what lies under the mouse."""
        for spot in self._drawing.spots:
            if spot.y == event.y - 1 and spot.first <= event.x < spot.beyond:
                self.post_message(self.Clicked(spot.verb))
                return


class Standing(LensPanel, can_focus=False):
    """A lens that is always looked through, where the screen has room for it."""

    standing = True

    def on_show(self) -> None:
        """Ask for the row of the moment: nothing is looked at that is out of sight."""
        self.post_message(self.RowsWanted())
