"""The widget that draws `explorer.tui.widgets.reserve`."""

from __future__ import annotations

from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.map_cells import grid
from explorer.tui.widgets.reserve import reserve_line
from explorer.views.rows import ReserveRow
from explorer.views.spans import Line


class Reserve(LinesPanel):
    """One line between the maps and their axis."""

    DEFAULT_CSS = """
    Reserve { height: 1; }
    """

    row: reactive[ReserveRow | None] = reactive(None, always_update=True, layout=False, repaint=False)

    def watch_row(self) -> None:
        """Show the new state of the reserve."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line, as wide as a map of 1,024 colours."""
        if self.row is None:
            return []
        shape = grid(self.size.width, 1, 1024)
        return [reserve_line(self.row, shape.left, shape.span, self.size.width)]
