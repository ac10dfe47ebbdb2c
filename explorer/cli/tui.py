"""Opening the screen: what has to be right before Textual is loaded."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.constants import NULL
from engine.debug.stop_syntax import parse_break, parse_watch
from engine.debug.stops import Stop
from engine.errors import BadInput
from engine.language.symbols import Names
from engine.run.history import History
from engine.saved.reopen import open_token, read_token
from engine.saved.state_string import decode
from engine.scenario.loader import Scenario, load
from explorer import DEFAULT_SCENARIO
from explorer.session.open import scene_of
from explorer.session.saved_file import SessionError, SessionState, session_names, session_path
from explorer.session.saved_file import load as load_session

if TYPE_CHECKING:
    from explorer.session.session import Session

Place = tuple[Scenario, History, Names]
"""A scenario, its run with the cursor where it is to open, and what the names stand for there."""


def open_screen(arguments: argparse.Namespace, wanted: Mapping[str, Any]) -> int:
    """Show a scenario, what a token opens, or a session that was saved.

    wanted: settings that this time hold instead of the config file's.
    Errors: BadInput without a terminal, or for whatever is not right about what is to be opened.
    """
    name = arguments.scenario or DEFAULT_SCENARIO
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(f"the screen needs a terminal; without one, use `pageq run {name}`")
    (scenario, history, names), state = choose(arguments)
    stops = read_stops(state.stops, history, names) if state else []
    from explorer.commands.config import load_settings
    from explorer.tui.app import make_app

    settings = load_settings()
    scene = replace(scene_of(scenario), names=names)
    app = make_app(scene, history, history.step, replace(settings, **wanted))
    app.session.scenario = scenario
    if state is not None:
        restore(app.session, state, stops)
    # What boot made lives as long as the program; left to the collector, it would halt a frame now and then.
    gc.freeze()
    gc.enable()
    app.run()
    for problem in settings.problems:  # on the screen there was room for the first one only
        print(problem, file=sys.stderr)
    return app.return_code or 0


def choose(arguments: argparse.Namespace) -> tuple[Place, SessionState | None]:
    """What `pageq tui` was asked to open.

    Errors: BadInput when that cannot be, or two things are asked for at once.
    """
    given = [arguments.scenario, arguments.token, arguments.session]
    if sum(part is not None for part in given) > 1:
        raise BadInput("SCENARIO, --open and --session exclude each other; give one of them")
    if arguments.token is None and arguments.session is None:
        return _scenario(arguments), None
    if arguments.machine is not None or arguments.at is not None:
        raise BadInput(
            "a state string and a session have their own machine and step; leave out --machine and --at"
        )
    if arguments.token is not None:
        return open_place(arguments.token), None
    state = _saved(arguments.session)
    opened = open_token(decode(state.token))
    return (opened.scenario, opened.replayed.history, opened.replayed.current_names), state


def _scenario(arguments: argparse.Namespace) -> Place:
    scenario = load(arguments.scenario or DEFAULT_SCENARIO, machine=arguments.machine)
    history = scenario.start()
    history.seek(scenario.find_step(history, arguments.at or "0"))
    return scenario, history, scenario.names


def open_place(token: str) -> Place:
    """What a state string, or a file that holds one, opens.

    Errors: BadInput when it does not open here.
    """
    opened = open_token(read_token(token))
    return opened.scenario, opened.replayed.history, opened.replayed.current_names


# --- sessions ---------------------------------------------------------------------------------------------


def _saved(name: str) -> SessionState:
    try:
        path = session_path(name)
        if not path.exists():
            there = ", ".join(session_names()) or "none"
            raise BadInput(f"there is no session {name}; there are: {there}")
        return load_session(path)
    except SessionError as error:
        # The message begins with its place already.
        raise BadInput(str(error)) from None


def read_stops(texts: tuple[str, ...], history: History, names: Names) -> list[Stop]:
    """The stops that a session had, numbered from 1.

    Errors: BadInput for one that is none.
    """
    readers = {"break": parse_break, "watch": parse_watch}
    found = []
    for number, text in enumerate(texts, 1):
        kind, _, rest = text.partition(" ")
        if kind not in readers:
            raise BadInput(f"{text[:60]!r} is no stop; write `break ...` or `watch ...`")
        found.append(readers[kind](rest, number, history, names))
    return found


def restore(session: Session, state: SessionState, stops: list[Stop]) -> None:
    """Put a person back to where their session was; the history is there already.

    Errors: BadInput for a page or a thread that is not there.
    """
    session.marks.update(dict(state.marks))
    session.score.answers.update({(branch, step, ask): right for branch, step, ask, right in state.answers})
    kept: list[Stop] = getattr(session, "stops", [])
    kept.extend(stops)
    if state.chosen is not None:
        session.chosen = session.thread_named(state.chosen)
    if state.pinned is not None:
        m = session.vm.page_index(state.pinned)
        if m == NULL:
            raise BadInput(f"the session pins page {state.pinned:#x}, which this machine does not have")
        session.pin(m)
    session.say(f"the session goes on at step {session.history.step:,}; ? for help", "hint")
