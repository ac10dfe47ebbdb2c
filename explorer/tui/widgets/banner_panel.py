"""The widget that draws `explorer.tui.widgets.banner`."""

from __future__ import annotations

from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.banner import banner_lines
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

    verdict: reactive[Verdict | None] = reactive(None, layout=False, repaint=False)

    def watch_verdict(self, verdict: Verdict | None) -> None:
        """Show or hide the banner."""
        self.set_class(verdict is not None, "-shown")
        if verdict is not None:
            self.styles.height = 2 + len(verdict.calls) if verdict.bad else 1
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the lines of the verdict."""
        return [] if self.verdict is None else banner_lines(self.verdict, self.size.width)

    def on_click(self) -> None:
        """Request the messages, which have the whole text."""
        self.post_message(self.Opened())
