"""The widget that draws `explorer.tui.widgets.inspector`."""

from __future__ import annotations

from textual.reactive import reactive

from explorer.tui.widgets.inspector import page_lines
from explorer.tui.widgets.lines import LinesPanel
from explorer.views.rows import PageRow
from explorer.views.spans import Line


class Inspector(LinesPanel, can_focus=True):
    """One page, chosen by the screen."""

    row: reactive[PageRow | None] = reactive(None, always_update=True, layout=False, repaint=False)

    def watch_row(self) -> None:
        """Show the new page or state."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        return page_lines(self.row, *self.size, focused=self.has_focus)
