"""Opening the screen: what has to be right before Textual is loaded."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import BadInput
from engine.scenario.loader import load


def open_screen(name: str, machine: str | None, at: str, wanted: Mapping[str, Any]) -> int:
    """Load a scenario and show it from step `at` on.

    wanted: settings that this time hold instead of the config file's.
    Errors: BadInput without a terminal, for a scenario that is not right, or a moment that never comes.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(f"the screen needs a terminal; without one, use `pageq run {name}`")
    scenario = load(name, machine=machine)
    history = scenario.start()
    step = scenario.find_step(history, at)
    from explorer.app import run_app
    from explorer.config import load_settings

    settings = load_settings()
    code = run_app(scenario, history, at=step, settings=replace(settings, **wanted))
    for problem in settings.problems:  # on the screen there was room for the first one only
        print(problem, file=sys.stderr)
    return code
