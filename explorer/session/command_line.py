"""The run that a command line selects: a scenario with its settings, or the moment of a state string.

Does not import the session, so that a command that only prints a run starts faster.
"""

from __future__ import annotations

import argparse
import sys
from itertools import starmap
from typing import TYPE_CHECKING

from engine.language.symbols import Names
from engine.machine.topology import parse_limit
from engine.memory.journal import HISTORY_LIMIT
from engine.run.history import History
from engine.scenario.bounds import UNBOUNDED, Bounds
from engine.scenario.library import OWN, Library
from engine.scenario.loader import Scenario, load
from engine.scenario.parameters import Values
from engine.scenario.settings import Settings, parse_setting, setting

if TYPE_CHECKING:
    from engine.saved.state_string import Token

Place = tuple[Scenario, History, Names]
"""A scenario, its run with the cursor at the step to open, and the names defined there."""


def read_settings(arguments: argparse.Namespace, values: Values | None = None) -> Settings:
    """The settings of a command line, and values of parameters, which win.

    Errors: BadInput for an invalid setting.
    """
    return (*map(parse_setting, arguments.sets), *starmap(setting, (values or {}).items()))


def asked_for(
    arguments: argparse.Namespace,
    name: str | None = None,
    *,
    quiet: bool = False,
    values: Values | None = None,
) -> Scenario:
    """The scenario of a command line, or `name`, with the machine, rules, settings and course given there.

    quiet:  whether its warnings are not printed on stderr.
    values: values of parameters, instead of those that are given.
    Errors: BadInput for an invalid scenario or option.
    """
    scenario = load(
        arguments.scenario if name is None else name,
        machine=arguments.machine,
        rules=getattr(arguments, "rules", None),
        schedule=getattr(arguments, "schedule", None),
        settings=read_settings(arguments, values),
        seed=getattr(arguments, "seed", None),
        library=getattr(arguments, "course", OWN),
    )
    for warning in () if quiet else scenario.warnings:
        print(f"warning: {scenario.name}: {warning}", file=sys.stderr)
    return scenario


def read_history_size(text: str) -> int:
    """The limit of a session's history, such as `512 MiB`, in bytes.

    Errors: BadInput if it is not a size, or not one from 1 MiB to 64 GiB.
    """
    return parse_limit(text, "a history")


def open_place(
    token: Token,
    limit: int = HISTORY_LIMIT,
    *,
    files: bool = False,
    library: Library = OWN,
    bounds: Bounds = UNBOUNDED,
) -> Place:
    """Open the moment of a state string.

    limit: that of its history, in bytes. files, library, bounds: as in open_token.
    Errors: BadInput if it cannot be opened.
    """
    # Imported here: most commands do not open a state string.
    from engine.saved.reopen import open_token  # noqa: PLC0415

    opened = open_token(token, limit, files=files, library=library, bounds=bounds)
    return opened.scenario, opened.replayed.history, opened.replayed.current_names
