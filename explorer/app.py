"""The Textual application: one main screen over one history."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, SystemCommand
from textual.screen import Screen

from engine.history import History
from explorer import motions, running
from explorer.commands import COMMANDS
from explorer.screens.main import MainScreen
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

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: the table of commands, without those that only move a cursor."""
        if not isinstance(screen, MainScreen):
            return
        for command in COMMANDS.values():
            if command.id not in _CURSOR:
                yield SystemCommand(command.id, command.help, partial(screen.do, command, ""))


def scene_of(scenario: Scenario | Scene | None) -> Scene:
    """What the screen wants to know about a scenario."""
    if scenario is None or isinstance(scenario, Scene):
        return scenario or Scene()
    return Scene(scenario.name, scenario.title, scenario.form.lesson, scenario.names)


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
