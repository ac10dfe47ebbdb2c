"""The widget that draws `explorer.tui.widgets.axis`."""

from __future__ import annotations

from textual.reactive import reactive

from explorer.tui.widgets.axis import axis_line
from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.map_cells import grid
from explorer.views.rows import AxisRow
from explorer.views.spans import Line


class Axis(LinesPanel):
    """One line under the maps, aligned with their cells."""

    DEFAULT_CSS = """
    Axis { height: 1; }
    """

    row: reactive[AxisRow | None] = reactive(None, always_update=True, layout=False, repaint=False)
    map_height: reactive[int] = reactive(1, layout=False, repaint=False)
    big: reactive[bool] = reactive(False, layout=False, repaint=False)
    """Whether the maps have cells of two columns."""

    def watch_row(self) -> None:
        """Update the axis: the cursor may have moved."""
        self.update_lines()

    def watch_map_height(self) -> None:
        """Update the axis: the maps have another shape."""
        self.update_lines()

    def watch_big(self) -> None:
        """Update the axis: the maps have cells of another size."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line."""
        if self.row is None:
            return []
        shape = grid(self.size.width, self.map_height, self.row.colors, big=self.big)
        return [axis_line(self.row, shape, self.size.width, focused=False)]
