"""A panel of lines: a plain function formats them, and only lines that differ are repainted."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from explorer.tui.widgets.painted import Painted
from explorer.tui.widgets.panel_title import Tabs, lit_title, with_tabs
from explorer.views.spans import Line, fit, length


class LinesPanel(Painted):
    """Paints the lines of `format_lines`; a subclass makes them from a row."""

    DEFAULT_CSS = """
    LinesPanel { width: 1fr; height: 1fr; }
    """

    class RowsWanted(Message):
        """The panel has more room than rows: it requests new rows, which depend on its size."""

        def can_replace(self, message: Message) -> bool:
            """Whether another pending request makes this one unnecessary."""
            return isinstance(message, LinesPanel.RowsWanted)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: list[Line] = []
        self.tabs: Tabs = ()
        self.lit = False
        self.lit_tabs: frozenset[str] = frozenset()

    def format_lines(self) -> list[Line]:
        """Return the lines of the panel at its current size."""
        raise NotImplementedError

    def update_lines(self) -> None:
        """Format the lines again, and repaint those that differ."""
        width, height = self.size
        if not width or not height:
            return
        lines = [fit(spans, width) for spans in self.format_lines()[:height]]
        if self.tabs and lines:
            lines[0] = with_tabs(lines[0], self.tabs, self.lit_tabs)
        if self.lit and lines:
            lines[0] = lit_title(lines[0])
        lines += [()] * (height - len(lines))
        old, self._shown = self._shown, lines
        if len(old) != len(lines):
            self.forget()
            self.refresh()
            return
        different = [y for y, spans in enumerate(lines) if old[y] != spans]
        if different:
            self.forget(*different)
            self.refresh(*(Region(0, y, width, 1) for y in different))

    def light(self, panels: frozenset[str]) -> None:
        """Mark the top line if the lesson asks to look at this panel, and its tabs of such panels."""
        name = {"stage": "centre", "lens": "log"}.get(self.id or "", self.id)
        lit, tabs = name in panels, panels & {tab for _, tab in self.tabs}
        if (lit, tabs) != (self.lit, self.lit_tabs):
            self.lit, self.lit_tabs = lit, tabs
            self.update_lines()

    def paint(self, y: int) -> Strip:
        """Paint one line of spans."""
        spans = self._shown[y] if y < len(self._shown) else ()
        styles = self.looks.styles
        segments = [Segment(text, styles[style]) for text, style in spans if text]
        return Strip(segments, length(spans)).adjust_cell_length(self.size.width)

    def on_resize(self) -> None:
        """Format the lines for the new size."""
        self._shown = []
        self.update_lines()

    def watch_has_focus(self, value: bool) -> None:
        """Update the top line, which shows the focus."""
        super().watch_has_focus(value)
        self.update_lines()
