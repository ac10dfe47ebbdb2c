"""Opening the screen: what has to be right before Textual is loaded."""

from __future__ import annotations

import sys

from engine.errors import BadInput
from engine.scenario.loader import load


def open_screen(name: str, machine: str | None, at: str) -> int:
    """Load a scenario and show it from step `at` on.

    Errors: BadInput without a terminal, for a scenario that is not right, or a moment that never comes.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(f"the screen needs a terminal; without one, use `pageq run {name}`")
    scenario = load(name, machine=machine)
    history = scenario.start()
    step = scenario.find_step(history, at)
    from explorer.app import run_app

    return run_app(scenario, history, at=step)
