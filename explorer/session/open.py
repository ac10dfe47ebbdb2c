"""Opening a scenario, or the moment that a token names, as a session. Needs no screen."""

from __future__ import annotations

import argparse
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
from engine.scenario.settings import Settings, parse_setting, without_hardware
from explorer.session.saved_file import SessionState
from explorer.session.session import Scene, Session

Place = tuple[Scenario, History, Names]
"""A scenario, its run with the cursor where it is to open, and what the names stand for there."""


def read_settings(arguments: argparse.Namespace) -> Settings:
    """The settings of a command line.

    Errors: BadInput for one that cannot be.
    """
    return tuple(map(parse_setting, arguments.sets))


def asked_for(arguments: argparse.Namespace, name: str | None = None) -> Scenario:
    """The scenario of a command line, or `name`, with the machine, rules, schedule and settings given there.

    Errors: BadInput for whatever is wrong with it.
    """
    return load(
        arguments.scenario if name is None else name,
        machine=arguments.machine,
        rules=getattr(arguments, "rules", None),
        schedule=getattr(arguments, "schedule", None),
        settings=read_settings(arguments),
    )


def scene_of(scenario: Scenario | Scene | None) -> Scene:
    """What the screen wants to know about a scenario."""
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
        scenario.given_rules,
        scenario.settings,
        scenario.questions,
    )


def open_session(
    name: str, machine: str | None = None, rules: str | None = None, settings: Settings = ()
) -> Session:
    """A session at step 0 of a scenario, or where a state string was made.

    Errors: BadInput for whatever is wrong with it, CapacityError.
    """
    if name.startswith(PREFIX):
        scenario, history, names = open_place(decode(name))
        session = Session(history, replace(scene_of(scenario), names=names), scenario)
        session.say(f"opened {scenario.name} at step {history.step:,}", "hint")
        return session
    scenario = load(name, machine=machine, rules=rules, settings=settings)
    session = Session(scenario.start(), scene_of(scenario), scenario)
    session.say(f"opened {scenario.name}: {scenario.title}; L tells what it teaches", "hint")
    return session


def open_again(scene: Scene, path: str = "", machine: str | None = None, rules: str | None = None) -> Session:
    """The scenario of `scene` at step 0, perhaps from another file, on another machine or under other rules.

    What else replaced keys of its file still does; of the settings, a machine takes the place of its own.
    Errors: as open_session.
    """
    settings = scene.settings if machine is None else without_hardware(scene.settings)
    name = path or scene.path or scene.name
    return open_session(name, machine or scene.machine, rules or scene.rules, settings)


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
