"""Open a scenario, or the moment of a state string, as a session. Does not need a screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.errors import BadInput
from engine.inputs.regular_file import check_no_pipe
from engine.memory.journal import HISTORY_LIMIT
from engine.saved.state_string import PREFIX, decode
from engine.scenario.library import OWN, Library
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import Settings, without_hardware, without_rules
from explorer.session.command_line import open_place
from explorer.session.computer import OWN_COMPUTER, Computer
from explorer.session.session import Session

AT_80: Final = 78
"""The columns of a message that the message line shows as a whole on a screen of 80."""


def open_session(
    name: str,
    machine: str | None = None,
    rules: str | None = None,
    settings: Settings = (),
    limit: int = HISTORY_LIMIT,
    seed: int | None = None,
    library: Library = OWN,
    computer: Computer = OWN_COMPUTER,
) -> Session:
    """Open a session at step 0 of a scenario, or at the moment of a state string.

    limit: that of its history, in bytes. seed: as for `load`; a state string has its own.
    library: where the names of scenarios are looked up.
    computer: where the session runs, which may not open every file and machine.

    Errors: BadInput if it is invalid, CapacityError.
    """
    bounds = computer.bounds
    limit = min(limit, bounds.history)
    if name.startswith(PREFIX):
        token = decode(name)
        computer.check_state(token)
        scenario, history, names = open_place(token, limit, library=library, bounds=bounds)
        session = Session(history, scenario, names, computer)
        session.say(f"opened {scenario.name} at step {history.step:,}", "hint")
        return session
    computer.check_scenario(name, library)
    if machine is not None:
        computer.check_machine(machine)
    loaded = load(
        name, machine=machine, rules=rules, settings=settings, seed=seed, library=library, bounds=bounds
    )
    return _opened(loaded, limit, computer)


def _opened(scenario: Scenario, limit: int, computer: Computer) -> Session:
    session = Session(scenario.start(limit), scenario, computer=computer)
    # A guest cannot do what the warnings say: the options belong to the server's command line.
    warned = scenario.warnings_for(sets=not computer.is_server)
    session.say(f"opened {scenario.name}{_title(scenario, warned)}", "hint")
    return session


def _title(scenario: Scenario, warnings: Sequence[str]) -> str:
    """The title and what to do next; without the title, which the page has too, if both do not fit."""
    if warnings:
        return f": {scenario.title}; {'; '.join(warnings)}"
    further = "; r reads on" if scenario.pages else "; s takes the first step"
    whole = f": {scenario.title}{further}"
    return whole if len(f"opened {scenario.name}{whole}") <= AT_80 else further


def open_other(session: Session, name: str) -> Session:
    """Open another scenario after this session, or the moment of a state string.

    The library, the seed, the limit of the history and the experiment stay: a student has one seed for all
    scenarios.
    Errors: as open_session.
    """
    seed = None if session.scenario is None else session.scenario.seed
    limit, library, computer = session.history.limit, session.library, session.computer
    if not name.startswith(PREFIX):
        computer.check_scenario(name, library)
        # The screen would wait for the bytes of a pipe, and no key would be read.
        check_no_pipe(library.find(name), "give a scenario file")
    opened = open_session(name, limit=limit, seed=seed, library=library, computer=computer)
    return _after(session, opened)


def open_again(
    session: Session, path: str = "", machine: str | None = None, rules: str | None = None
) -> Session:
    """Open a session's scenario again at step 0: another file, another machine, or other rules.

    The other settings, the seed, the limit of the history and the experiment stay; a new machine replaces the
    settings of memory and processors, new rules those of rule options.
    Errors: as open_session; BadInput for a run without a scenario.
    """
    scenario = session.scenario
    if scenario is None:
        raise BadInput("this run has no scenario to open again; use :open")
    settings = scenario.settings if machine is None else without_hardware(scenario.settings)
    settings = settings if rules is None else without_rules(settings)
    machine = scenario.machine if machine is None else machine
    rules = scenario.given_rules if rules is None else rules
    limit, seed, library = session.history.limit, scenario.seed, session.library
    file = path or _file_of(session)
    if file:
        opened = open_session(file, machine, rules, settings, limit, seed, library, session.computer)
        return _after(session, opened)
    if machine is not None:
        session.computer.check_machine(machine)
    again = load_text(
        scenario.form.source,
        scenario.name,
        machine=machine,
        rules=rules,
        settings=settings,
        seed=seed,
        library=library,
        strings=scenario.strings,
        bounds=session.computer.bounds,
    )
    return _after(session, _opened(again, limit, session.computer))


def _file_of(session: Session) -> str:
    """Return the name by which a session's scenario can be opened again; "" if only its text is known."""
    scenario = session.scenario
    assert scenario is not None
    path = scenario.form.path
    if session.guest:
        return session.library.name_of(path) or ""
    return str(path) if path.is_file() else ""  # a pipe has given its text once


def _after(session: Session, opened: Session) -> Session:
    """The opened session, with the experiment of the one before."""
    opened.experiments = session.experiments
    return opened
