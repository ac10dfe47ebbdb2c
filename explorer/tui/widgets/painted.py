"""The ground that every panel stands on: lines that are kept painted, and handed to the screen as they are.

Textual's own way asks each widget in sight for its borders, opacity and ground at every frame, also where a
single cell changed. A panel here has no border and no padding, so its finished lines are all there is.
"""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from explorer.tui.widgets.palette import Look, look_of


class Painted(Widget):
    """A widget whose finished lines are kept; subclasses make a line and forget those that changed."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._finished: dict[int, Strip] = {}
        self._ground: Style | None = None

    @property
    def ground(self) -> Style:
        """The panel's own colours, under everything that is painted."""
        if self._ground is None:
            self._ground = self.rich_style
        return self._ground

    @property
    def looks(self) -> Look:
        """The styles that go with the theme of the moment."""
        return look_of(self.app.theme)

    def paint(self, y: int) -> Strip:
        """One line as wide as the panel, without the ground."""
        raise NotImplementedError

    def forget(self, *lines: int) -> None:
        """Paint these lines anew when they are next asked for; all of them when none is named."""
        for y in lines:
            self._finished.pop(y, None)
        if not lines:
            self._finished.clear()

    def render_line(self, y: int) -> Strip:
        """One finished line."""
        strip = self._finished.get(y)
        if strip is None:
            strip = self.paint(y).apply_style(self.ground)
            for line_filter in self.app.get_line_filters():
                strip = strip.apply_filter(line_filter, self.background_colors[1])
            self._finished[y] = strip
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.x or any(strip.cell_length != crop.width for strip in strips):
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def notify_style_update(self) -> None:
        """Another theme, or another ground."""
        super().notify_style_update()
        self._ground = None
        self.forget()
