"""The Textual application: one main screen over one history."""

from __future__ import annotations

import gc
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from textual.app import App, SystemCommand
from textual.screen import Screen

from engine.errors import BadInput, CapacityError, Finding
from engine.history import History
from engine.scenario.library import LIBRARY
from engine.scenario.loader import load
from explorer import motions, running
from explorer.commands import COMMANDS
from explorer.screens.main import MainScreen, Reopen
from explorer.session import Scene, Session
from explorer.widgets.palette import THEME

if TYPE_CHECKING:
    from engine.scenario.loader import Scenario

_CURSOR = ("left", "right", "up", "down", "far-left", "far-right")


class PageqApp(App[None]):
    """pageq's screen."""

    TITLE = "pageq"
    CSS_PATH = Path(__file__).with_name("explorer.tcss")
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, session: Session) -> None:
        # With NO_COLOR the terminal keeps its own two colours; Textual would choose greys.
        super().__init__(ansi_color="NO_COLOR" in os.environ)
        self.session = session

    def on_mount(self) -> None:
        """Our colours, and the main screen."""
        self.register_theme(THEME)
        self.theme = THEME.name

    def get_default_screen(self) -> Screen[Any]:
        """The main screen."""
        return MainScreen(self.session)

    def on_reopen(self, message: Reopen) -> None:
        """Open something else; what is open stays, with a message, when that cannot be."""
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        scene = screen.session.scene
        try:
            path = self._edit(scene) if message.edit else message.scenario or scene.path or scene.name
            machine = message.machine or (None if message.scenario else scene.machine)
            rules = message.rules or (None if message.scenario else scene.rules)
            session = open_session(path, machine, rules)
        except (BadInput, CapacityError, Finding, OSError) as error:
            screen.session.say(str(error), "error")
            screen.show()
            return
        self.switch_screen(MainScreen(session))

    def _edit(self, scene: Scene) -> str:
        """Let the person's editor have the scenario's file; one of the library is copied first.

        Errors: BadInput without a file or an editor; OSError.
        """
        if not scene.path:
            raise BadInput("this run was made from no scenario file, so there is nothing to edit")
        path = Path(scene.path)
        if path.is_relative_to(LIBRARY):
            path = Path(shutil.copy(path, Path(mkdtemp(prefix="pageq-")) / path.name))
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        with self.suspend():
            done = subprocess.run([*shlex.split(editor), str(path)], check=False)
        if done.returncode:
            raise BadInput(f"{editor} ended with {done.returncode}; {path} is not loaded")
        return str(path)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: the table of commands, without those that only move a cursor."""
        if not isinstance(screen, MainScreen):
            return
        for command in COMMANDS.values():
            if command.id not in _CURSOR:
                yield SystemCommand(command.id, command.help, partial(screen.do, command, ""))


def scene_of(scenario: Scenario | Scene | None, rules: str | None = None) -> Scene:
    """What the screen wants to know about a scenario; `rules` replaced its own."""
    if scenario is None or isinstance(scenario, Scene):
        return scenario or Scene()
    form = scenario.form
    return Scene(
        scenario.name,
        scenario.title,
        form.lesson,
        scenario.names,
        str(form.path),
        scenario.machine,
        rules,
        scenario.questions,
    )


def open_session(name: str, machine: str | None, rules: str | None) -> Session:
    """A session at step 0 of a scenario.

    Errors: BadInput for whatever is wrong with it, CapacityError.
    """
    scenario = load(name, machine=machine, rules=rules)
    session = Session(scenario.start(), scene_of(scenario, rules))
    session.say(f"opened {scenario.name}: {scenario.title}; L tells what it teaches", "hint")
    return session


def make_app(scenario: Scenario | Scene | None, history: History, at: int | str | None = None) -> PageqApp:
    """The application on a history, with the cursor at step `at` (`end`: where the run ends).

    Errors: BadInput when there is no such step.
    """
    session = Session(history, scene_of(scenario))
    if at is not None:
        motion = running.run(session) if at == "end" else motions.go_to(session, int(at))
        for _ in motion:
            pass
        if history.step:
            on = "" if history.outcome else "s steps on, "
            session.say(f"opened at step {history.step:,}; {on}S steps back, ? for help", "hint")
    return PageqApp(session)


def run_app(scenario: Scenario | Scene | None, history: History, at: int | str | None = None) -> int:
    """Show a history until the person quits; the exit code.

    Errors: as make_app.
    """
    app = make_app(scenario, history, at)
    # What boot made lives as long as the program; left to the collector, it would halt a frame now and then.
    gc.freeze()
    app.run()
    return app.return_code or 0
