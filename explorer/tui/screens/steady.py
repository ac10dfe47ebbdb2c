"""The base of every screen: it works round two faults of Textual 8.

Textual sends a screen its size twice: the application does, and then the layout of that size. If two sizes
are on their way, each brings back the other without end: when a terminal is resized twice in a frame, and at
the start in a terminal of 0x0 or with TERM=dumb, for which Textual's two ways to find the size differ.

Textual ends the program if a screen is dismissed that is not on top: two keys of one burst may both do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import Screen

if TYPE_CHECKING:
    _Base = Screen[Any]
else:
    # Textual looks for the styles of a screen in its first base that is a widget, so this one is not.
    _Base = object


class Steady(_Base):
    """The first base of every screen."""

    def on_resize(self, event: events.Resize) -> None:
        """Keep Textual from laying out the screen for a size that the terminal no longer has."""
        if event.size != self.app.size:
            event.prevent_default()

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close the screen, unless it is closed already."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
