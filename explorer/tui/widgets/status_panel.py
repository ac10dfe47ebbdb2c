"""The widget that draws `explorer.tui.widgets.status`."""

from __future__ import annotations

from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.status import status_line
from explorer.views.rows import StatusRow
from explorer.views.spans import Line


class StatusLine(LinesPanel):
    """The top line of the screen."""

    DEFAULT_CSS = """
    StatusLine { height: 1; background: $panel; }
    """

    row: reactive[StatusRow | None] = reactive(None, always_update=True, layout=False, repaint=False)
    title: reactive[str] = reactive("", layout=False, repaint=False)

    def watch_row(self) -> None:
        """Show the new state."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line."""
        return [] if self.row is None else [status_line(self.row, self.size.width, self.title)]
