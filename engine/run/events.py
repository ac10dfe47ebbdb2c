"""Steps that no thread takes, and what the journal calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IO_COMPLETION: Final = "I/O completion"


@dataclass(frozen=True)
class Event:
    """A step that no thread takes: `number` ticks, the end of I/O `number`, or thread `number`'s timeout."""

    kind: str
    number: int


Choice = int | Event | str
"""The next step: a thread, an event, or the outcome when there is none."""


def ticks_label(number: int) -> str:
    """What the journal calls the passing of `number` ticks in one step."""
    return "tick" if number == 1 else f"{number} ticks"


def timeout_label(name: str) -> str:
    """What the journal calls the end of thread `name`'s sleep by its timeout."""
    return f"timeout of {name}"


def start_label(name: str) -> str:
    """What the journal calls the start of thread `name` within a run."""
    return f"{name} starts"
