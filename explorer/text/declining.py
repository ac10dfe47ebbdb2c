"""What only a screen can do: text mode declines it, and names what to use instead."""

from __future__ import annotations

from typing import Final

_NO_PANELS: Final = "Text mode has no panels; use where, page, threads, source, queues or view NAME."
_NO_LOOKS: Final = "Text mode is plain text and has no themes, cells or other characters."
_NO_PLAY: Final = "Text mode does not play; use step N to take N steps, or continue to run."


class ScreenOnly(Exception):
    """A command needs a screen; the message names the alternative in text mode."""


class Declining:
    """A desk that declines what needs a screen."""

    panel_in_focus = "centre"
    plays = False

    def focus_panel(self, number: int) -> None:
        """Refuse: text mode has no panels."""
        raise ScreenOnly(_NO_PANELS)

    def turn_focus(self, by: int) -> None:
        """Refuse: text mode has no panels."""
        raise ScreenOnly(_NO_PANELS)

    def toggle_zoom(self) -> None:
        """Refuse: text mode has no panels."""
        raise ScreenOnly(_NO_PANELS)

    def toggle_play(self) -> None:
        """Refuse: in text mode, only a command moves time."""
        raise ScreenOnly(_NO_PLAY)

    def change_speed(self, by: int) -> None:
        """Refuse: in text mode, only a command moves time."""
        raise ScreenOnly(_NO_PLAY)

    def set_speed(self, text: str) -> None:
        """Refuse: in text mode, only a command moves time."""
        raise ScreenOnly(_NO_PLAY)

    def turn_unit(self) -> None:
        """Refuse: in text mode, only a command moves time."""
        raise ScreenOnly(_NO_PLAY)

    def change_theme(self, name: str) -> None:
        """Refuse: text mode has no colours."""
        raise ScreenOnly(_NO_LOOKS)

    def toggle_ascii(self) -> None:
        """Refuse: text mode always prints ASCII."""
        raise ScreenOnly(_NO_LOOKS)

    def toggle_projector(self) -> None:
        """Refuse: text mode has no map."""
        raise ScreenOnly(_NO_LOOKS)

    def edit_scenario(self) -> None:
        """Refuse: text mode does not start an editor."""
        raise ScreenOnly("Edit the file in another window, then use open FILE.")

    def keeps_page(self, by: int) -> bool:
        """Do nothing: a page is printed as a whole, with what it asks for."""
        return False
