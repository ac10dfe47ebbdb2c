"""The interface that commands act on: a session, and what the screen or text mode does for them."""

from __future__ import annotations

from typing import Protocol

from engine.inputs.dumps.moment import DumpMoment
from engine.questions.generated import Prediction
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session


class Desk(Protocol):
    """What commands act on: the screen, or text mode."""

    session: Session
    asks: bool
    """Whether a user is there to answer: false if the commands come from a pipe."""

    progress_log: ProgressLog
    """What the user has done."""

    @property
    def plays(self) -> bool:
        """Whether playback is active."""

    @property
    def panel_in_focus(self) -> str:
        """The panel that has the keys, one of PANELS."""

    def show_help(self) -> None:
        """Show the help page."""

    def show_lesson(self) -> None:
        """Open the lesson beside the run, or close it."""

    def show_whole_lesson(self) -> None:
        """Show all pages of the lesson."""

    def keeps_page(self, by: int) -> bool:
        """Show the next or previous part of the lesson's page, or remind of what it asks for.

        Returns: whether there was either; else the page can be turned.
        """

    def open_console(self, text: str) -> None:
        """Open the console line with `text` in it."""

    def focus_panel(self, number: int) -> None:
        """Put the focus on panel `number`."""

    def turn_focus(self, by: int) -> None:
        """Put the focus on the next or previous panel."""

    def turn_centre(self, name: str) -> None:
        """Show the stage or the map in the centre; without a name, the other one."""

    def turn_outline(self) -> None:
        """Show the outline of the function in the code panel, or its source again."""

    def toggle_zoom(self) -> None:
        """Let the focused panel fill the screen, or show all panels again."""

    def toggle_play(self) -> None:
        """Play the run, or pause it."""

    def change_speed(self, by: int) -> None:
        """Play faster or slower."""

    def set_speed(self, text: str) -> None:
        """Set the speed of playback, such as `4 moves`."""

    def turn_unit(self) -> None:
        """Play by moves of pages, or by steps."""

    def interrupt(self) -> None:
        """Stop a run, stop playing, or let the inspector follow the steps again."""

    def leave(self) -> None:
        """End the program."""

    def ask_letter(self, command: str) -> None:
        """Use the next key as the letter that `command` takes."""

    def copy_token(self) -> None:
        """Copy the state string."""

    def export(self, name: str) -> None:
        """Write this moment to a file."""

    def open_scenario(self, text: str) -> None:
        """Open another scenario; on an error the current one stays open."""

    def browse(self) -> None:
        """Show the library, from which the user may open a scenario."""

    def show_dumps(self, moments: tuple[DumpMoment, ...]) -> None:
        """Show dumps of real machines; the session stays as it is."""

    def on_machine(self, text: str) -> None:
        """Open this scenario on another machine."""

    def under_rules(self, text: str) -> None:
        """Open this scenario under other rules."""

    def edit_scenario(self) -> None:
        """Edit the scenario's file, and reload it."""

    def follow_search(self) -> None:
        """Show how far the search of all schedules is, and take its result when it has ended."""

    def follow_sweep(self) -> None:
        """Show the experiment: how far it is, and its result when it has ended."""

    def show_session(self, session: Session) -> None:
        """Show another session."""

    def turn_lens(self, by: int) -> None:
        """Show the next or previous lens."""

    def change_theme(self, name: str) -> None:
        """Switch to the theme `name`, or to the next one if `name` is empty."""

    def toggle_ascii(self) -> None:
        """Switch between ASCII characters only and all characters."""

    def toggle_projector(self) -> None:
        """Switch between bigger and normal cells."""

    def ask(self, question: Prediction) -> None:
        """Ask a question, show the answer and settle it (`predictions.settle`)."""

    def undo_last(self) -> None:
        """Undo the last command."""

    def redo_last(self) -> None:
        """Redo the last undone command."""
