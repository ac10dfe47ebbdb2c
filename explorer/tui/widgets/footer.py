"""The footer: the most useful keys, never clipped; a click on a key executes its command."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.views.rows import Tip
from explorer.views.spans import Line, Span


def footer_line(tips: tuple[Tip, ...]) -> Line:
    """Format the keys as ` s step  S back  n over ...`."""
    spans: list[Span] = []
    for tip in tips:
        spans += [(" ", "bar"), (tip.key, "bar-key"), (f" {tip.text} ", "bar-dim")]
    return tuple(spans)


class Footer(LinesPanel):
    """The last line of the screen."""

    DEFAULT_CSS = """
    Footer { height: 1; background: $panel; }
    """

    tips: reactive[tuple[Tip, ...]] = reactive((), layout=False, repaint=False)

    @dataclass
    class TipClicked(Message):
        """The user clicked a key."""

        command: str

    def watch_tips(self) -> None:
        """Show the new keys."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line."""
        return [footer_line(self.tips)]

    def on_click(self, event: events.Click) -> None:
        """Request the command of the key under the mouse."""
        x = 0
        for tip in self.tips:
            size = tip.columns
            if x <= event.x < x + size:
                self.post_message(self.TipClicked(tip.command))
            x += size
