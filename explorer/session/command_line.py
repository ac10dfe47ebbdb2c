"""What a command line asks for: a scenario with what is set in it, or the moment of a state string.

Needs no session, so that a command that prints a run does not wait for one.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from engine.language.symbols import Names
from engine.run.history import History
from engine.scenario.loader import Scenario, load
from engine.scenario.settings import Settings, parse_setting

if TYPE_CHECKING:
    from engine.saved.state_string import Token

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


def open_place(token: Token) -> Place:
    """What a state string opens.

    Errors: BadInput when it does not open here.
    """
    # Imported here: most commands open none.
    from engine.saved.reopen import open_token  # noqa: PLC0415

    opened = open_token(token)
    return opened.scenario, opened.replayed.history, opened.replayed.current_names
