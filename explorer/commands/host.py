"""What commands act on: a session, and what only the screen, or a line session in its place, can do."""

from __future__ import annotations

from typing import Protocol

from engine.questions.generated import Prediction
from explorer.session.session import Session


class Desk(Protocol):
    """What commands act on; the screen is one, a text mode may be another."""

    session: Session

    def show_help(self) -> None:
        """Show the help page."""

    def show_lesson(self) -> None:
        """Show the scenario's lesson."""

    def open_console(self, text: str) -> None:
        """Open the console line with `text` in it."""

    def focus_panel(self, number: int) -> None:
        """Put the focus on panel `number`."""

    def turn_focus(self, by: int) -> None:
        """Put the focus on the next or previous panel."""

    def toggle_zoom(self) -> None:
        """Let the focused panel fill the screen, or give the others their place back."""

    def toggle_play(self) -> None:
        """Play the run, or pause."""

    def change_speed(self, by: int) -> None:
        """Play faster or slower."""

    def interrupt(self) -> None:
        """Stop a run, stop playing, or let the inspector follow again."""

    def leave(self) -> None:
        """End the program."""

    def ask_letter(self, command: str) -> None:
        """Let the next key be the letter that `command` takes."""

    def copy_token(self) -> None:
        """Copy the state string."""

    def export(self, name: str) -> None:
        """Write this moment to a file."""

    def open_scenario(self, text: str) -> None:
        """Open another scenario; what is open stays when it cannot be."""

    def on_machine(self, text: str) -> None:
        """Open this scenario on another machine."""

    def under_rules(self, text: str) -> None:
        """Open this scenario under other rules."""

    def edit_scenario(self) -> None:
        """Edit the scenario's file, and reload it."""

    def turn_lens(self, by: int) -> None:
        """Look another way."""

    def change_theme(self, name: str) -> None:
        """Wear the theme `name`, or the next one when there is no name."""

    def toggle_ascii(self) -> None:
        """Show nothing but ASCII characters, or all again."""

    def toggle_projector(self) -> None:
        """Show bigger cells and fewer columns, or all again."""

    def ask(self, question: Prediction) -> None:
        """Ask a question, show the answer and settle it (`predicting.settle`)."""

    def undo_last(self) -> None:
        """Take back what the last command did."""

    def redo_last(self) -> None:
        """Do again what was taken back."""
