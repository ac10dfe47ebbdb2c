"""The panel of a lens: its title and its lines; a click on a spot of the lens executes its command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message

from explorer.lenses.kit.lens import Drawing, Lens, heading
from explorer.tui.widgets.lines import LinesPanel
from explorer.views.spans import Line


class LensPanel(LinesPanel, can_focus=True):
    """Draws the row of one lens."""

    @dataclass
    class Clicked(Message):
        """The user clicked a spot; `verb` is its console command."""

        verb: str

    standing = False
    """Whether this lens is always shown."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lens: Lens | None = None
        self._row: Any = None
        self._drawing = Drawing([])

    def look(self, lens: Lens, row: Any) -> None:
        """Show the row of a lens."""
        self._lens, self._row = lens, row
        self.update_lines()

    def on_resize(self) -> None:
        """Request the current row: a panel that is not shown has no size and gets no rows."""
        super().on_resize()
        self.post_message(self.RowsWanted())

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        width, height = self.size
        if self._lens is None:
            return []
        self._drawing = self._lens.draw(self._row, width, max(height - 1, 0))
        title = heading(self._lens, width, focused=self.has_focus, standing=self.standing)
        return [title, *self._drawing.lines]

    def on_click(self, event: events.Click) -> None:
        """Request the command of the spot under the mouse."""
        for spot in self._drawing.spots:
            if spot.y == event.y - 1 and spot.first <= event.x < spot.beyond:
                self.post_message(self.Clicked(spot.verb))
                return


class FixedLens(LensPanel, can_focus=False):
    """A lens that is always shown if the screen has room for it."""

    standing = True
