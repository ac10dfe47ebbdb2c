"""The run that a command line selects: a scenario with its settings, or the moment of a state string.

Does not import the session, so that a command that only prints a run starts faster.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from engine.language.symbols import Names
from engine.run.history import History
from engine.scenario.loader import Scenario, load
from engine.scenario.settings import Settings, parse_setting

if TYPE_CHECKING:
    from engine.saved.state_string import Token

Place = tuple[Scenario, History, Names]
"""A scenario, its run with the cursor at the step to open, and the names defined there."""


def read_settings(arguments: argparse.Namespace) -> Settings:
    """The settings of a command line.

    Errors: BadInput for an invalid setting.
    """
    return tuple(map(parse_setting, arguments.sets))


def asked_for(arguments: argparse.Namespace, name: str | None = None, *, note: bool = True) -> Scenario:
    """The scenario of a command line, or `name`, with the machine, rules, schedule and settings given there.

    note: whether to print a note on stderr about thresholds that the machine keeps.
    Errors: BadInput for an invalid scenario or option.
    """
    scenario = load(
        arguments.scenario if name is None else name,
        machine=arguments.machine,
        rules=getattr(arguments, "rules", None),
        schedule=getattr(arguments, "schedule", None),
        settings=read_settings(arguments),
    )
    if note and (text := kept_thresholds(scenario)):
        print(text, file=sys.stderr)
    return scenario


def kept_thresholds(scenario: Scenario) -> str:
    """A note that a scenario's own thresholds hold on another machine too; "" if there is nothing to note."""
    kept = [f"{limit} = {pages}" for limit, pages in scenario.form.machine.thresholds]
    if scenario.machine is None or not kept:
        return ""
    right = "change them with --set machine.thresholds.LIMIT=PAGES"
    return f"{scenario.name}: --machine keeps the thresholds of the scenario: {', '.join(kept)}; {right}"


def open_place(token: Token) -> Place:
    """Open the moment of a state string.

    Errors: BadInput if it cannot be opened.
    """
    # Imported here: most commands do not open a state string.
    from engine.saved.reopen import open_token  # noqa: PLC0415

    opened = open_token(token)
    return opened.scenario, opened.replayed.history, opened.replayed.current_names
