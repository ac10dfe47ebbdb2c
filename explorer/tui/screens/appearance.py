"""The appearance of a screen over a session: its messages say what has changed."""

from __future__ import annotations

from explorer.commands.config import Settings
from explorer.session.session import Session
from explorer.tui.screens.styled import Styled


class Appearance(Styled):
    """A screen over a session, with commands that change its appearance."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__(settings)
        self.session = session
        self.lessons = settings.lessons == "on"

    def say(self, text: str) -> None:
        """Say what has changed."""
        self.session.say(text)
