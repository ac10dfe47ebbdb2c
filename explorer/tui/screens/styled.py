"""A screen with the user's theme, keys, ASCII instead of glyphs, and bigger cells for a projector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.screen import Screen

from engine.errors import BadInput
from explorer import THEMES
from explorer.session.typed_word import word_of
from explorer.tui.screens.steady import Steady
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.palette import terminal_colors, theme_for

if TYPE_CHECKING:
    from explorer.commands.config import Settings


class Styled(Steady, Screen[None]):
    """A screen with commands that change its appearance."""

    @dataclass
    class AsciiChosen(Message):
        """The user switched ASCII-only characters on or off."""

        ascii: bool

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.keys = replace(settings.keys, ascii=settings.ascii)
        self._projector = settings.projector
        self._theme = settings.theme

    def on_mount(self) -> None:
        """Apply the settings."""
        self._enlarge()

    def take_key(self, event: events.Key) -> bool:  # noqa: ARG002 - a screen may have no use for it
        """Take a key that no panel used; return whether it was taken."""
        return False

    def say(self, text: str) -> None:
        """Say what has changed."""
        raise NotImplementedError

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
        self.say(f"theme: {self._theme}{kept or few}")

    def toggle_ascii(self) -> None:
        """Switch between ASCII characters only and all characters."""
        self.keys = replace(self.keys, ascii=not self.keys.ascii)
        self.post_message(self.AsciiChosen(self.keys.ascii))
        self.say("ASCII characters only" if self.keys.ascii else "all characters")

    @property
    def projector(self) -> bool:
        """Whether the screen has bigger cells for a projector."""
        return self._projector

    def toggle_projector(self) -> None:
        """Switch between bigger cells with more space between panels, and normal cells."""
        self._projector = not self._projector
        self._enlarge()
        self.say("bigger cells" if self._projector else "normal cells")

    def _enlarge(self) -> None:
        self.set_class(self._projector, "-projector")
        self.query_one(MapPanel).big = self._projector

    @property
    def look(self) -> tuple[str, bool, bool]:
        """The theme, whether there are ASCII characters only, and whether cells are bigger."""
        return self._theme, self.keys.ascii, self._projector

    def look_like(self, other: Styled) -> None:
        """Take over the appearance that the user chose on another screen."""
        self._theme, ascii, self._projector = other.look
        self.keys = replace(self.keys, ascii=ascii)
        self._enlarge()
