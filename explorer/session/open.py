"""Opening a scenario, or the moment that a token names, as a session. Needs no screen."""

from __future__ import annotations

from engine.errors import BadInput
from engine.saved.state_string import PREFIX, decode
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import Settings, without_hardware
from explorer.session.command_line import open_place
from explorer.session.session import Session


def open_session(
    name: str, machine: str | None = None, rules: str | None = None, settings: Settings = ()
) -> Session:
    """A session at step 0 of a scenario, or where a state string was made.

    Errors: BadInput for whatever is wrong with it, CapacityError.
    """
    if name.startswith(PREFIX):
        scenario, history, names = open_place(decode(name))
        session = Session(history, scenario, names)
        session.say(f"opened {scenario.name} at step {history.step:,}", "hint")
        return session
    return _opened(load(name, machine=machine, rules=rules, settings=settings))


def _opened(scenario: Scenario) -> Session:
    session = Session(scenario.start(), scenario)
    session.say(f"opened {scenario.name}: {scenario.title}; L tells what it teaches", "hint")
    return session


def open_again(
    session: Session, path: str = "", machine: str | None = None, rules: str | None = None
) -> Session:
    """The scenario of a session at step 0: from another file, on another machine or under other rules.

    What else replaced keys of its file still does; of the settings, a machine takes the place of its own.
    Errors: as open_session; BadInput for a run that was made from no scenario.
    """
    scenario = session.scenario
    if scenario is None:
        raise BadInput("this run was made from no scenario, so there is nothing to open again; use :open")
    settings = scenario.settings if machine is None else without_hardware(scenario.settings)
    machine, rules = machine or scenario.machine, rules or scenario.given_rules
    if path or scenario.form.path.exists():
        return open_session(path or str(scenario.form.path), machine, rules, settings)
    text, name = scenario.form.source, scenario.name
    return _opened(load_text(text, name, machine=machine, rules=rules, settings=settings))
