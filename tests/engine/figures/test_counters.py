"""Sums of cells over a run: counters that wrap around, and writes that change a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.figures.counters import counted, writes_of
from engine.machine.machine import Machine, Steps
from engine.script.verbs import tick


def add(vm: Machine, p: int, faults: int) -> Steps[None]:
    """Count page faults of process `p`; for none, write what the cell holds."""
    yield "count"
    vm.process.minflt[p] += faults


def test_a_counter_that_wraps_around_has_grown(stage: Callable[..., Any]) -> None:
    play = stage()
    play.vm.process.minflt[1] = 0xFFFF_FFFE
    play.vm.glob.ticks[0] = 0x7FFF_FFFF
    play.thread("a", 0, (add, 0, 7), (add, 1, 5), (add, 1, 0), (tick, 3))
    history = play.start()
    history.extend(100)
    assert (counted(history, "process.minflt"), counted(history, "global.ticks")) == (12, 3)
    assert [counted(history, "process.minflt", p) for p in (0, 1)] == [7, 5]
    assert play.vm.process.minflt[1] == 3


def test_a_write_that_leaves_the_cell_as_it_was_does_not_count(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (add, 0, 7), (add, 1, 0))
    history = play.start()
    history.extend(100)
    assert writes_of(history, "process.minflt") == 1
