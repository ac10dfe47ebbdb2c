"""The appearance of a screen: its theme, ASCII instead of glyphs, and bigger cells for a projector."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.message import Message
from textual.screen import Screen

from engine.errors import BadInput
from explorer import THEMES
from explorer.commands.config import Settings
from explorer.session.session import Session
from explorer.session.typed_word import word_of
from explorer.tui.screens.steady import Steady
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.palette import terminal_colors, theme_for


class Appearance(Steady, Screen[None]):
    """A screen over a session, with commands that change its appearance."""

    @dataclass
    class AsciiChosen(Message):
        """The user switched ASCII-only characters on or off."""

        ascii: bool

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.session = session
        self.keys = replace(settings.keys, ascii=settings.ascii)
        self.lessons = settings.lessons == "on"
        self._projector = settings.projector
        self._theme = settings.theme

    def on_mount(self) -> None:
        """Apply the settings."""
        self._enlarge()

    def change_theme(self, name: str) -> None:
        """Switch to the theme `name`, or to the next one if `name` is empty.

        Errors: BadInput for an unknown theme.
        """
        theme = word_of(name, THEMES)
        if name and not theme:
            raise BadInput(f"there is no theme {name[:40]!r}; use {', '.join(THEMES)}")
        self._theme = theme or THEMES[(THEMES.index(self._theme) + 1) % len(THEMES)]
        self.app.theme = theme_for(self._theme, terminal_colors(self.app))
        kept = "; NO_COLOR keeps the terminal's own colours" if self.app.no_color else ""
        few = "; in 16 colours all but monochrome look alike" if self.app.theme != self._theme else ""
        self.session.say(f"theme: {self._theme}{kept or few}")

    def toggle_ascii(self) -> None:
        """Switch between ASCII characters only and all characters."""
        self.keys = replace(self.keys, ascii=not self.keys.ascii)
        self.post_message(self.AsciiChosen(self.keys.ascii))
        self.session.say("ASCII characters only" if self.keys.ascii else "all characters")

    @property
    def projector(self) -> bool:
        """Whether the screen has bigger cells for a projector."""
        return self._projector

    def toggle_projector(self) -> None:
        """Switch between bigger cells with more space between panels, and normal cells."""
        self._projector = not self._projector
        self._enlarge()
        self.session.say("bigger cells" if self._projector else "normal cells")

    def _enlarge(self) -> None:
        self.set_class(self._projector, "-projector")
        self.query_one(MapPanel).big = self._projector
