"""Opening the screen: what has to be right before Textual is loaded."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from engine.saved.reopen import read_token
from engine.saved.state_string import decode
from explorer import DEFAULT_SCENARIO, THEMES
from explorer.cli.arguments import AT, SCENARIO, STATE, add_settings
from explorer.session.command_line import Place, asked_for, open_place
from explorer.session.saved_file import load as load_session
from explorer.session.saved_file import session_names, session_path
from explorer.session.saved_state import SessionState, restore

if TYPE_CHECKING:
    from explorer.tui.app import PageqApp

PLACE: Final = 10
HELP: Final = "Open the screen on a scenario."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `pageq tui` takes."""
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=SCENARIO)
    add_settings(parser)
    parser.add_argument("--at", metavar="STEP", help=f"where to start: {AT}; default 0")
    parser.add_argument("--open", metavar="STATE", dest="token", help=STATE)
    parser.add_argument("--session", metavar="NAME", help="go on with a session that was saved on the screen")
    for_now = parser.add_argument_group("how it looks, instead of what the config file says")
    for_now.add_argument("--theme", choices=THEMES, help="the colours")
    both = argparse.BooleanOptionalAction
    for_now.add_argument("--ascii", action=both, help="ASCII characters only")
    for_now.add_argument("--projector", action=both, help="bigger cells, fewer columns, more room")


def run(arguments: argparse.Namespace) -> int:
    """Show a scenario, what a state string opens, or a session that was saved.

    Errors: BadInput without a terminal, or for whatever is not right about what is to be opened.
    """
    name = arguments.scenario or DEFAULT_SCENARIO
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(f"the screen needs a terminal; without one, use `pageq run {name}`")
    # Nothing that is loaded now goes away again; until the screen opens there is nothing to collect.
    gc.disable()
    try:
        app, problems = _app(arguments)
        # What boot made lives as long as the program; the collector would halt a frame for it now and then.
        gc.freeze()
    finally:
        gc.enable()
    app.run()
    for problem in problems:  # on the screen there was room for the first one only
        print(problem, file=sys.stderr)
    return app.return_code or 0


def _app(arguments: argparse.Namespace) -> tuple[PageqApp, Sequence[BadInput]]:
    """The screen on what was asked for, and what is wrong in the config file."""
    (scenario, history, names), state = choose(arguments)
    from explorer.commands.config import load_settings
    from explorer.tui.app import make_app

    settings = load_settings()
    wanted = {name: getattr(arguments, name) for name in ("theme", "ascii", "projector")}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    app = make_app(scenario, history, history.step, replace(settings, **wanted), names)
    if state is not None:
        restore(app.session, state)
    return app, settings.problems


def choose(arguments: argparse.Namespace) -> tuple[Place, SessionState | None]:
    """What `pageq tui` was asked to open.

    Errors: BadInput when that cannot be, or two things are asked for at once.
    """
    given = [arguments.scenario, arguments.token, arguments.session]
    if sum(part is not None for part in given) > 1:
        raise BadInput("SCENARIO, --open and --session exclude each other; give one of them")
    if arguments.token is None and arguments.session is None:
        return _scenario(arguments), None
    if arguments.machine is not None or arguments.sets or arguments.at is not None:
        words = "a state string and a session have their own machine, settings and step; leave out "
        raise BadInput(f"{words}--machine, --set and --at")
    if arguments.token is not None:
        return open_place(read_token(arguments.token)), None
    state = _saved(arguments.session)
    return open_place(decode(state.token)), state


def _scenario(arguments: argparse.Namespace) -> Place:
    scenario = asked_for(arguments, arguments.scenario or DEFAULT_SCENARIO)
    history = scenario.start()
    history.seek(scenario.find_step(history, arguments.at or "0"))
    return scenario, history, scenario.names


def _saved(name: str) -> SessionState:
    path = session_path(name)
    if not path.exists():
        there = ", ".join(session_names()) or "none"
        raise BadInput(f"there is no session {name}; there are: {there}")
    return load_session(path)
