"""A scenario of one thread whose script is given: loaded, run, and what it left."""

from __future__ import annotations

from typing import Final

from engine.run.history import History
from engine.scenario.loader import Scenario, load_text

HEAD: Final = (
    'format = 1\ntitle = "t"\n[machine]\nmemory = "4 MiB"\ntopology = "1x2x1"\n[[object]]\nname = "heap"\n'
)
"""What is above the thread in the file."""


def scenario_of(script: str, more: str = "", process: str = "") -> Scenario:
    """The scenario of the thread app, which belongs to a process if one is named."""
    own = f'process = "{process}"\n' if process else ""
    return load_text(f'{HEAD}{more}\n[[thread]]\nname = "app"\n{own}script = """\n{script}\n"""\n')


def run(script: str, more: str = "") -> tuple[Scenario, History]:
    """The scenario of the thread app, and its run."""
    scenario = scenario_of(script, more)
    history = scenario.start()
    scenario.run(history)
    return scenario, history


def values(scenario: Scenario, history: History, *names: str) -> list[int | None]:
    """What variables of app hold."""
    return [scenario.expression(f"app.{name}").show(history.vm) for name in names]


def actions(history: History) -> list[str]:
    """What each step did."""
    return [history.record(step).action for step in range(1, history.total + 1)]
