"""Opening a scenario, or the moment that a token names, as a session. Needs no screen."""

from __future__ import annotations

from dataclasses import replace

from engine.constants import NULL
from engine.debug.stop_syntax import parse_break, parse_watch
from engine.debug.stops import Stop
from engine.errors import BadInput
from engine.language.symbols import Names
from engine.run.history import History
from engine.saved.reopen import open_token
from engine.saved.state_string import PREFIX, Token, decode
from engine.scenario.loader import Scenario, load
from explorer.session.saved_file import SessionState
from explorer.session.session import Scene, Session

Place = tuple[Scenario, History, Names]
"""A scenario, its run with the cursor where it is to open, and what the names stand for there."""


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
    if name.startswith(PREFIX):
        scenario, history, names = open_place(decode(name))
        session = Session(history, replace(scene_of(scenario), names=names), scenario)
        session.say(f"opened {scenario.name} at step {history.step:,}", "hint")
        return session
    scenario = load(name, machine=machine, rules=rules)
    session = Session(scenario.start(), scene_of(scenario, rules), scenario)
    session.say(f"opened {scenario.name}: {scenario.title}; L tells what it teaches", "hint")
    return session


def open_place(token: Token) -> Place:
    """What a state string opens.

    Errors: BadInput when it does not open here.
    """
    opened = open_token(token)
    return opened.scenario, opened.replayed.history, opened.replayed.current_names


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
