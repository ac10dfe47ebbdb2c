"""The widget that draws `explorer.tui.widgets.banner`."""

from __future__ import annotations

from textual.message import Message

from explorer.tui.widgets.banner import banner_lines, text_room
from explorer.tui.widgets.lines import LinesPanel
from explorer.views.rows import Verdict
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
        self.verdict: Verdict | None = None
        self._most = 1

    def look(self, verdict: Verdict | None, width: int, height: int) -> None:
        """Show the end of a run on a screen of this size, or hide the banner."""
        self.verdict, self._most = verdict, text_room(height)
        self.set_class(verdict is not None, "-shown")
        if verdict is not None:
            self.styles.height = len(banner_lines(verdict, width, self._most))
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the lines of the verdict."""
        return [] if self.verdict is None else banner_lines(self.verdict, self.size.width, self._most)

    def on_click(self) -> None:
        """Request the messages, which have the whole text."""
        self.post_message(self.Opened())
