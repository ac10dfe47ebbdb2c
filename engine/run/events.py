"""Events: steps that no thread takes, and their labels in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IO_COMPLETION: Final = "I/O completion"
SETUP_LABEL: Final = "the scenario's setup runs, and its threads start"
"""Label of the step after a stepped boot."""


@dataclass(frozen=True)
class Event:
    """A step that no thread takes: `number` ticks, the end of I/O `number`, or thread `number`'s timeout.

    kind: tick, io, timeout; or setup, after a stepped boot.
    """

    kind: str
    number: int


Choice = int | Event | str
"""The next step: a thread, an event, or the run's outcome if there is no next step."""


def ticks_label(number: int) -> str:
    """Label of a step in which `number` ticks pass."""
    return "tick" if number == 1 else f"{number} ticks"


def timeout_label(name: str) -> str:
    """Label of the step in which thread `name`'s sleep times out."""
    return f"timeout of {name}"


def start_label(name: str) -> str:
    """Label of the step that starts thread `name` during a run."""
    return f"{name} starts"
