"""A schedule that was found, as text, and the run that follows it: its end, its finding, its state string."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from engine.errors import BadInput, CapacityError
from engine.explore.graph.state_graph import EVENT
from engine.explore.model.ends import SCRIPT_ERROR
from engine.explore.prepared import recipe_of, settings_of
from engine.run.history import History
from engine.run.livelock import blocked_text
from engine.run.threads import BLOCKED
from engine.saved.state_string import encode, token_of
from engine.scenario.checks import outcome_of
from engine.scenario.loader import Scenario

TICK: Final = "tick"
"""An event in place of a thread, as a schedule names it."""

TIME_PASSES: Final = "time passes"
"""What an event does, in place of an atomic action."""


@dataclass(frozen=True)
class Taken:
    """One step of a path: a thread's number, or EVENT, and how many steps of a run it is."""

    thread: int
    length: int = 1


@dataclass(frozen=True)
class ShownRun:
    """The run that follows a schedule.

    settings: what it has to be run with, by key. outcome: "" if it has not ended.
    """

    schedule: str
    settings: Mapping[str, Any]
    outcome: str
    message: str
    steps: int
    state: str


def schedule_text(names: Sequence[str], path: Iterable[Taken]) -> str:
    """A path as SCHEDULE text: `taker:57,mover:8,tick:3`."""
    items = []
    for thread, steps in groupby(path, key=lambda taken: taken.thread):
        name = TICK if thread == EVENT else names[thread]
        items.append(f"{name}:{sum(taken.length for taken in steps)}")
    return ",".join(items)


def items(path: Iterable[Taken]) -> int:
    """The number of items that the schedule of a path has."""
    return sum(1 for _ in groupby(path, key=lambda taken: taken.thread))


def shown_run(
    scenario: Scenario, names: Sequence[str], path: Sequence[Taken], opening: int, *, ends: bool
) -> ShownRun:
    """Run a scenario by the schedule of a path.

    opening: the steps before the first choice.
    ends:    whether the path leads to an end; the run then ends by itself after its last step.
    """
    text = schedule_text(names, path)
    steps = opening + sum(taken.length for taken in path)
    run = recipe_of(scenario, steps + 1).scenario(text or "rr")
    history = run.start()
    outcome, message = _to(history, steps, ends=ends)
    return ShownRun(
        schedule=text,
        settings=settings_of(scenario, steps + 1),
        outcome=outcome,
        message=message,
        steps=history.step,
        state=encode(token_of(run, history)),
    )


def _to(history: History, steps: int, *, ends: bool) -> tuple[str, str]:
    """Run to a number of steps, or to the end there; return the outcome, "" for none, and the finding."""
    try:
        history.extend(steps - history.total)
        if ends and history.outcome is None:
            history.extend(1)
    except (BadInput, CapacityError) as error:
        return SCRIPT_ERROR, str(error)
    if history.outcome is None:
        return "", ""
    if history.outcome == BLOCKED:
        history.go_live()
        return BLOCKED, blocked_text(history.runner.threads, history.journal)
    finding = history.branch.finding
    return outcome_of(history), "" if finding is None else str(finding)
