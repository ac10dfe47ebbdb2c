"""A panel of lines: formatted by a plain function, painted by the line, repainted where it differs."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from explorer.tui.widgets.painted import Painted
from explorer.views.spans import Line, fit, length


class LinesPanel(Painted):
    """Paints the lines that `format_lines` makes; subclasses give it a row to make them from."""

    DEFAULT_CSS = """
    LinesPanel { width: 1fr; height: 1fr; }
    """

    class RowsWanted(Message):
        """The panel came to have room for more than it was given: its rows depend on its size."""

        def can_replace(self, message: Message) -> bool:
            """One answer is enough for all that wait."""
            return isinstance(message, LinesPanel.RowsWanted)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: list[Line] = []

    def format_lines(self) -> list[Line]:
        """The lines of the panel in its present size."""
        raise NotImplementedError

    def update_lines(self) -> None:
        """Format again, and repaint the lines that differ."""
        width, height = self.size
        if not width or not height:
            return
        lines = [fit(spans, width) for spans in self.format_lines()[:height]]
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

    def paint(self, y: int) -> Strip:
        """One line of spans."""
        spans = self._shown[y] if y < len(self._shown) else ()
        styles = self.looks.styles
        segments = [Segment(text, styles[style]) for text, style in spans if text]
        return Strip(segments, length(spans)).adjust_cell_length(self.size.width)

    def on_resize(self) -> None:
        """The size is part of what the lines are made from."""
        self._shown = []
        self.update_lines()

    def watch_has_focus(self, value: bool) -> None:
        """The top line shows the focus."""
        super().watch_has_focus(value)
        self.update_lines()
