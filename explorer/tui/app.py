"""The Textual application: one main screen over one history."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events
from textual.app import App, SystemCommand
from textual.driver import Driver as AnyDriver
from textual.message import Message
from textual.screen import Screen

from engine.errors import BadInput, CapacityError, Finding
from engine.run.history import History
from engine.saved.state_string import PREFIX
from engine.scenario.library import OWN
from explorer.commands.config import Settings
from explorer.commands.table import COMMANDS, offered
from explorer.session import stepping
from explorer.session.open import open_again, open_other
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.session.whole_file import create_file
from explorer.tui.screens.main import MainScreen, Reopen
from explorer.tui.screens.palette import Finds, Palette
from explorer.tui.screens.text_box import TextBox
from explorer.tui.styled_app import StyledApp
from explorer.tui.terminal import lent

if TYPE_CHECKING:
    from engine.language.symbols import Names
from engine.scenario.loader import Scenario

_COPIES = "pageq-"
"""How the names of the temporary folders begin in which copies are edited."""

_CURSOR = ("left", "right", "up", "down", "far-left", "far-right")


AGAIN: Final = 0.05
"""Seconds after which a state string is opened that came before the screens were complete."""


@dataclass
class StateGiven(Message):
    """A state string was given from outside: its moment is to be opened."""

    text: str


class PageqApp(StyledApp):
    """pageq's screen."""

    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[Any] = App.COMMANDS | {lambda: Finds}

    def __init__(
        self,
        session: Session,
        settings: Settings | None = None,
        log: ProgressLog | None = None,
        *,
        greets: bool = False,
        driver: type[AnyDriver] | None = None,
    ) -> None:
        super().__init__(settings, driver)
        self.session = session
        self.progress_log = log or ProgressLog()
        self.greets = greets

    def take_key(self, event: events.Key) -> bool:
        """Offer the main screen a key that no panel used; a box with a text closes, and lets it pass."""
        if isinstance(self.screen, TextBox) and event.key not in self.screen.active_bindings:
            self.screen.dismiss()
            self.type_again(event)
            return True
        return super().take_key(event)

    def get_default_screen(self) -> Screen[Any]:
        """Return the main screen."""
        return MainScreen(self.session, self.settings, self.progress_log, greets=self.greets)

    def on_reopen(self, message: Reopen) -> None:
        """Open another session; on an error the current one stays open, with a message."""
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        try:
            if message.session is not None:
                session = message.session
            elif message.edit:
                session = self._edited(screen.session)
            elif message.scenario:
                session = open_other(screen.session, message.scenario)
            else:
                session = open_again(screen.session, "", message.machine, message.rules)
        except (BadInput, CapacityError, Finding, OSError) as error:
            screen.session.say(str(error), "error")
            screen.show()
            screen.open_long_note()
            return
        session.learning.on = screen.session.learning.on
        self.session = session
        screen.open(session)

    def open_state(self, text: str) -> None:
        """Open the moment of a state string, whatever is open; on an error that stays open, with a message.

        It can be called from another thread.
        """
        self.post_message(StateGiven(text.strip()))

    def on_state_given(self, message: StateGiven) -> None:
        """Close the boxes over the main screen, and open the moment."""
        main = next(iter(self.screen_stack), None)
        # A screen must not be closed before it is complete.
        if not isinstance(main, MainScreen) or not all(screen.is_mounted for screen in self.screen_stack):
            self.set_timer(AGAIN, partial(self.open_state, message.text))
            return
        while self.screen is not main:
            self.pop_screen()
        if message.text.startswith(PREFIX):
            self.post_message(Reopen(scenario=message.text))
        else:
            words = f"{message.text[:20]!r} is not a state string; a state string starts with {PREFIX}"
            main.refuse(BadInput(words))

    def _edited(self, session: Session) -> Session:
        """Let the user edit the scenario's file, and open it; say which file that is, if it is a copy.

        Errors: BadInput for a run without a scenario, or an editor that fails; OSError.
        """
        path, copied = self._edit(session)
        opened = open_again(session, str(path))
        if copied:
            opened.say(f"this is a copy, {path}; it is temporary, so move it to a folder of yours to keep it")
        return opened

    def _edit(self, session: Session) -> tuple[Path, bool]:
        """Open the scenario's file in the user's editor; return its path, and whether it is a copy."""
        if session.scenario is None:
            raise BadInput("this run has no scenario file to edit; open a scenario first")
        form = session.scenario.form
        path = form.path
        copied = path.is_relative_to(OWN.path) or not path.exists()
        if copied:
            path = Path(mkdtemp(prefix=_COPIES)) / path.name
            create_file(path, form.source.encode("utf-8"))
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        with self.suspend(), lent():
            done = subprocess.run([*shlex.split(editor), str(path)], check=False)
        if done.returncode:
            raise BadInput(f"{editor} exited with code {done.returncode}; {path} is not loaded")
        return path, copied or path.parent.name.startswith(_COPIES)

    def action_command_palette(self) -> None:
        """Open the palette, which finds commands of the main screen by words."""
        if isinstance(self.screen, MainScreen):
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Return the commands of the palette: the table of commands without those that only move a cursor."""
        if not isinstance(screen, MainScreen):
            return
        for command in COMMANDS.values():
            if command.id not in _CURSOR and offered(command, guest=self.session.guest):
                keys = " ".join(screen.keys.words(command))
                text = f"{command.help.removesuffix('.')} ({keys})." if keys else command.help
                yield SystemCommand(command.word, text, partial(screen.do, command, ""))


def make_app(
    scenario: Scenario | None,
    history: History,
    at: int | str | None = None,
    settings: Settings | None = None,
    names: Names | None = None,
    log: ProgressLog | None = None,
    *,
    greets: bool = False,
) -> PageqApp:
    """Make the application on a history, with the cursor at step `at`, or at the end of a shorter run.

    at:       a step, `end` for the end of the run, or None for the current step.
    names:    the names at the first step, if a state string has more names than the scenario.
    settings: the user's settings. An error in the file is the first message. Without settings, the screen has
              the default ones, and learn mode is off.
    log:      where what the user does is noted; by default, only while the program runs.
    greets:   whether the screen says where the course continues.

    Errors: BadInput for a step below 0.
    """
    session = Session(history, scenario, names)
    session.learning.on = settings is not None and settings.learn == "on"
    if at is not None:
        motion = stepping.go_to(session, None if at == "end" else int(at))
        for _ in motion:
            pass
        if history.step:
            forward = "" if history.outcome else "s steps forward, "
            session.say(f"opened at step {history.step:,}; {forward}S steps back, ? for help", "hint")
    if settings is not None and settings.problems:
        session.say(_message(settings.problems), "error")
    return PageqApp(session, settings, log, greets=greets)


def _message(problems: tuple[BadInput, ...]) -> str:
    """Describe the first error in the config file, short enough for the message line."""
    first = problems[0]
    place = f"{Path(first.file or '').name}:{first.line}" if first.line else first.file
    more = f" (and {len(problems) - 1} more: pageq config --check)" if len(problems) > 1 else ""
    return f"{place}: {first.message}{more}"
