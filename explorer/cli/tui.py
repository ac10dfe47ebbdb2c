"""`pageq tui`: open the screen. All input is checked before Textual is imported."""

from __future__ import annotations

import argparse
import gc
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from engine.saved.reopen import read_token
from engine.saved.state_string import decode
from engine.scenario.library import OWN
from engine.scenario.trace_file import STDIN
from explorer import DEFAULT_SCENARIO, THEMES
from explorer.cli.arguments import AT, SCENARIO, STATE, add_history, add_settings, history_limit
from explorer.cli.interrupts import ExitingAtOnce
from explorer.cli.left_behind import remove_all_left_behind
from explorer.cli.terminal import check_terminal, in_browser, open_keyboard
from explorer.cli.trace_arguments import add_trace, chosen_scenario
from explorer.session.command_line import Place, open_place
from explorer.session.progress_log import ProgressLog
from explorer.session.saved_file import load as load_session
from explorer.session.saved_file import session_names, session_path
from explorer.session.saved_state import SessionState, course_of, restore

if TYPE_CHECKING:
    from explorer.tui.app import PageqApp

PLACE: Final = 10
HELP: Final = "Open the screen on a scenario."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq tui`."""
    parser.add_argument(
        "scenario", nargs="?", metavar="SCENARIO", help=f"{SCENARIO}; default {DEFAULT_SCENARIO}"
    )
    add_settings(parser)
    parser.add_argument("--at", metavar="STEP", help=f"where to start: {AT}; default 0")
    parser.add_argument("--open", metavar="STATE", dest="token", help=STATE)
    parser.add_argument("--session", metavar="NAME", help="continue a session saved with :save NAME")
    add_history(parser)
    add_trace(parser)
    for_now = parser.add_argument_group("appearance, instead of the settings in the config file")
    for_now.add_argument("--theme", choices=THEMES, help="the colour theme")
    both = argparse.BooleanOptionalAction
    for_now.add_argument("--ascii", action=both, help="use ASCII characters only")
    for_now.add_argument("--projector", action=both, help="use bigger cells, fewer columns and more space")
    mouse = "use the mouse (Shift+drag then selects text), or leave it to the terminal"
    for_now.add_argument("--mouse", action=both, help=mouse)


def run(arguments: argparse.Namespace) -> int:
    """Show a scenario, the moment of a state string, or a saved session; in a browser, to a guest.

    Errors: BadInput without a terminal, or if the scenario, state string or session is invalid.
    """
    name = arguments.scenario or DEFAULT_SCENARIO
    if in_browser():
        return _show_guest(arguments, name)
    reads_stdin = arguments.trace == STDIN
    check_terminal(_without_screen(arguments, name), reads_stdin=reads_stdin)
    remove_all_left_behind()
    with ExitingAtOnce():
        # All that is loaded from here on stays in use, so collecting before the screen opens only takes time.
        gc.disable()
        try:
            app, problems = app_for(arguments)
            # What boot made lives as long as the program; scanning it would delay a frame at times.
            gc.freeze()
        finally:
            gc.enable()
        from explorer.tui.terminal import ended_by_signals

        if reads_stdin:
            open_keyboard()
        with ended_by_signals(app):
            app.run(mouse=app.settings.mouse)
    for problem in problems:  # the screen showed only the first one
        print(problem, file=sys.stderr)
    if unwritten := app.progress_log.close():
        print(unwritten, file=sys.stderr)
    return app.return_code or 0


def _without_screen(arguments: argparse.Namespace, name: str) -> str:
    """What another command takes: the same scenario or trace; `pageq text` reads no trace from stdin."""
    if arguments.trace is None:
        return name
    trace = "FILE" if arguments.trace == STDIN else shlex.quote(arguments.trace)
    return f"--trace {trace} --frames {arguments.frames or 'N'}"


def _show_guest(arguments: argparse.Namespace, name: str) -> int:
    """Show a scenario to the guest of a web server, from whom the server's disk is kept.

    Errors: BadInput for an option that is not possible then.
    """
    others = ("at", "token", "session", "machine", "rules", "seed", "history", "trace")
    if arguments.sets or any(getattr(arguments, option) is not None for option in others):
        raise BadInput("in a browser, pageq tui takes SCENARIO and --course only; remove the other options")
    from explorer.tui.guest import guest_app

    app = guest_app(name, arguments.course)
    app.run()
    return app.return_code or 0


def app_for(arguments: argparse.Namespace) -> tuple[PageqApp, Sequence[BadInput]]:
    """Return the application that a command line opens, and the errors in the config file.

    Errors: BadInput if the scenario, state string or session is invalid.
    """
    (scenario, history, names), state = choose(arguments)
    from explorer.commands.config import load_settings
    from explorer.tui.app import make_app

    settings = load_settings()
    wanted = {name: getattr(arguments, name) for name in ("theme", "ascii", "projector", "mouse")}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    log = ProgressLog(settings.progress_path)
    named = (arguments.scenario, arguments.at, state, arguments.token, arguments.trace)
    alone = all(part is None for part in named)
    settings_now = replace(settings, **wanted)
    app = make_app(scenario, history, history.step, settings_now, names, log, greets=alone)
    if state is not None:
        restore(app.session, state)
    return app, settings.problems


def choose(arguments: argparse.Namespace) -> tuple[Place, SessionState | None]:
    """Open what the command line of `pageq tui` names.

    Errors: BadInput if that is invalid, or if the command line names two things.
    """
    given = [arguments.scenario, arguments.token, arguments.session, arguments.trace]
    if sum(part is not None for part in given) > 1:
        raise BadInput("SCENARIO, --open, --session and --trace exclude each other; use only one")
    if arguments.token is None and arguments.session is None:
        return _scenario(arguments), None
    own = (arguments.machine, arguments.rules, arguments.seed, arguments.at)
    if arguments.sets or any(part is not None for part in own):
        words = "a state string and a session have their own machine, rules, seed, settings and step; remove "
        raise BadInput(f"{words}--machine, --rules, --seed, --set and --at")
    if arguments.token is not None:
        limit, library = history_limit(arguments), arguments.course
        return open_place(read_token(arguments.token), limit, library=library), None
    state = _saved(arguments.session)
    library = course_of(state) if arguments.course == OWN else arguments.course
    token, limit = decode(state.token), history_limit(arguments)
    return open_place(token, limit, files=True, library=library), state


def _scenario(arguments: argparse.Namespace) -> Place:
    scenario = chosen_scenario(arguments, arguments.scenario or DEFAULT_SCENARIO)
    history = scenario.start(history_limit(arguments))
    history.seek(scenario.find_step(history, arguments.at or "0"))
    return scenario, history, scenario.names


def _saved(name: str) -> SessionState:
    path = session_path(name)
    if not path.exists():
        there = ", ".join(session_names())
        right = f"the saved sessions are: {there}" if there else ":save NAME saves one on the screen"
        raise BadInput(f"there is no session {name}; {right}")
    return load_session(path)
