"""How a screen looks: its theme, ASCII instead of glyphs, and bigger cells for a projector."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.message import Message
from textual.screen import Screen

from engine.errors import BadInput
from explorer import THEMES
from explorer.commands.config import Settings
from explorer.session.session import Session
from explorer.tui.widgets.map_panel import MapPanel


class Appearance(Screen[None]):
    """A screen over a session that a person can make look otherwise."""

    @dataclass
    class AsciiChosen(Message):
        """The person wants ASCII characters alone, or all of them again."""

        ascii: bool

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.session = session
        self.keys = replace(settings.keys, ascii=settings.ascii)
        self._projector = settings.projector

    def on_mount(self) -> None:
        """Begin as the settings say."""
        self._enlarge()

    def change_theme(self, name: str) -> None:
        """Wear the theme `name`, or the next one when there is no name.

        Errors: BadInput when there is none.
        """
        if name and name not in THEMES:
            raise BadInput(f"there is no theme {name[:40]!r}; there are {', '.join(THEMES)}")
        at = THEMES.index(self.app.theme) if self.app.theme in THEMES else -1
        self.app.theme = name or THEMES[(at + 1) % len(THEMES)]
        kept = "; NO_COLOR keeps the terminal's own colours" if self.app.no_color else ""
        self.session.say(f"the theme is {self.app.theme}{kept}")

    def toggle_ascii(self) -> None:
        """Show nothing but ASCII characters, or all again."""
        self.keys = replace(self.keys, ascii=not self.keys.ascii)
        self.post_message(self.AsciiChosen(self.keys.ascii))
        self.session.say("ASCII characters alone" if self.keys.ascii else "all characters")

    @property
    def projector(self) -> bool:
        """Whether the cells are those for a projector."""
        return self._projector

    def toggle_projector(self) -> None:
        """Show bigger cells and more room between panels, or all cells again."""
        self._projector = not self._projector
        self._enlarge()
        self.session.say("cells for a projector" if self._projector else "as many cells as there is room for")

    def _enlarge(self) -> None:
        self.set_class(self._projector, "-projector")
        self.query_one(MapPanel).big = self._projector
