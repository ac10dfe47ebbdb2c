"""The base class of all panels: it caches painted lines and passes them to the screen unchanged.

Textual computes borders, opacity and background of each visible widget for every frame, even if only one
cell changed. A panel here has no border and no padding, so the cached lines are complete.
"""

from __future__ import annotations

from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from explorer.tui.widgets.palette import Look, look_of


class Painted(Widget):
    """A widget that caches its finished lines; a subclass paints a line and forgets lines that changed."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._finished: dict[int, Strip] = {}
        self._ground: Style | None = None
        self._behind: Color | None = None

    @property
    def ground(self) -> Style:
        """The panel's own colours, under all painted text."""
        if self._ground is None:
            self._ground = self.rich_style
        return self._ground

    @property
    def behind(self) -> Color:
        """The background colour, for Textual's line filters."""
        if self._behind is None:
            self._behind = self.background_colors[1]
        return self._behind

    @property
    def looks(self) -> Look:
        """The styles of the current theme."""
        return look_of(self.app.theme)

    def paint(self, y: int) -> Strip:
        """Paint one line of the panel's width, without the background."""
        raise NotImplementedError

    def forget(self, *lines: int) -> None:
        """Remove these lines from the cache; without arguments, all lines."""
        for y in lines:
            self._finished.pop(y, None)
        if not lines:
            self._finished.clear()

    def render_line(self, y: int) -> Strip:
        """Return one finished line."""
        strip = self._finished.get(y)
        if strip is None:
            strip = self.paint(y).apply_style(self.ground)
            for line_filter in self.app.get_line_filters():
                strip = strip.apply_filter(line_filter, self.behind)
            self._finished[y] = strip
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.x or any(strip.cell_length != crop.width for strip in strips):
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def notify_style_update(self) -> None:
        """Clear the cache when the theme or the background changes."""
        super().notify_style_update()
        self._ground = self._behind = None
        self.forget()
