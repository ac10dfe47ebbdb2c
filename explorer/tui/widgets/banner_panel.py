"""The widget that draws `explorer.tui.widgets.banner`."""

from __future__ import annotations

from textual.message import Message

from explorer.tui.widgets.banner import banner_lines, text_room
from explorer.tui.widgets.lines import LinesPanel
from explorer.views.rows import RunEnd
from explorer.views.spans import Line


class Banner(LinesPanel):
    """Shown only while the cursor is at the end of a run that cannot continue; a click shows all of it."""

    class Opened(Message):
        """The user clicked the banner."""

    DEFAULT_CSS = """
    Banner { height: 1; display: none; }
    Banner.-shown { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.end: RunEnd | None = None
        self._most = 1

    def look(self, end: RunEnd | None, width: int, height: int) -> None:
        """Show the end of a run on a screen of this size, or hide the banner."""
        self.end, self._most = end, text_room(height)
        self.set_class(end is not None, "-shown")
        if end is not None:
            self.styles.height = len(banner_lines(end, width, self._most))
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the lines of the end."""
        return [] if self.end is None else banner_lines(self.end, self.size.width, self._most)

    def on_click(self) -> None:
        """Request the messages, which have the whole text."""
        self.post_message(self.Opened())
