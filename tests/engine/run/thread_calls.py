"""Calls for the threads of these tests, and a list of who took which step."""

from __future__ import annotations

from typing import Any

from engine.kernel.sleep import CHAN_FREE_COUNT, tsleep, wakeup


def nop(vm: Any) -> Any:
    """Do nothing for one step."""
    yield "do nothing"


def nap(vm: Any, timo: int) -> Any:
    """Sleep on the memory channel."""
    return (yield from tsleep(vm, CHAN_FREE_COUNT, False, "nap", timo))


def ring(vm: Any) -> Any:
    """Wake the memory channel."""
    yield from wakeup(vm, CHAN_FREE_COUNT)


def threads_of(history: Any, count: int | None = None) -> list[str]:
    """The threads that took the first steps."""
    steps = range(1, min(count or history.total, history.total) + 1)
    numbers = [history.record(step).thread for step in steps]
    return ["event" if t is None else history.programs[t].name for t in numbers]
