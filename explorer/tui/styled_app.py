"""The base of the applications: the user's theme and characters, and keys that act one after another."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from textual import events
from textual.driver import Driver as AnyDriver
from textual.filter import LineFilter

from explorer.commands.config import Settings, motion_allowed
from explorer.tui.key_queue import KeyQueue
from explorer.tui.screens.styled import Styled
from explorer.tui.terminal import Driver
from explorer.tui.widgets.glyphs import AsciiFilter, SafeFilter
from explorer.tui.widgets.palette import LOOK_16, LOOKS, terminal_colors, theme_for


class StyledApp(KeyQueue):
    """An application with the user's settings."""

    TITLE = "pageq"
    CSS_PATH = Path(__file__).with_name("pageq.tcss")

    def __init__(self, settings: Settings | None = None, driver: type[AnyDriver] | None = None) -> None:
        # With NO_COLOR, use the terminal's own two colours; Textual would use greys.
        super().__init__(driver_class=driver or Driver, ansi_color="NO_COLOR" in os.environ)
        self.settings = settings or Settings()
        self._safe = SafeFilter()
        self._ascii = AsciiFilter(enabled=self.settings.ascii)
        if not motion_allowed(self.settings):
            self.animation_level = "none"

    def on_mount(self) -> None:
        """Register the themes and set the user's."""
        for look in (*LOOKS.values(), LOOK_16):
            self.register_theme(look.theme)
        self.theme = theme_for(self.settings.theme, terminal_colors(self))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters, the one against control characters, and the ASCII filter if it is on."""
        return [*super().get_line_filters(), self._safe, *([self._ascii] if self._ascii.enabled else [])]

    def take_key(self, event: events.Key) -> bool:
        """Offer the screen a key that no panel used."""
        return isinstance(self.screen, Styled) and self.screen.take_key(event)

    def on_styled_ascii_chosen(self, message: Styled.AsciiChosen) -> None:
        """Repaint every screen with the other character set."""
        self._ascii.enabled = message.ascii
        for screen in self.screen_stack:
            for widget in (screen, *screen.query("*")):
                widget.notify_style_update()
                widget.refresh()
