"""What an event does to the machine, and the label of its step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.machine.tables import READY, SLEEPING
from engine.run.event_actions import perform_event
from engine.run.events import Event, ticks_label, timeout_label
from tests.engine.run.thread_calls import nap, nop


def test_a_timeout_wakes_its_thread_and_names_it(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,))
    play.thread("b", 1, (nap, 50))
    history = play.start("b,a")
    vm = history.vm
    history.extend(1)
    assert vm.thread.state[1] == SLEEPING
    assert perform_event(vm, Event("timeout", 1), 2) == timeout_label("b")
    assert vm.thread.state[1] == READY


def test_ticks_pass_and_reach_the_deadlines_within_them(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nap, 50))
    history = play.start("a")
    vm, start = history.vm, history.vm.glob.ticks[0]
    history.extend(1)
    assert perform_event(vm, Event("tick", 49), 2) == ticks_label(49)
    assert (vm.glob.ticks[0], vm.thread.state[0]) == (start + 49, SLEEPING)
    perform_event(vm, Event("tick", 1), 3)
    assert vm.thread.state[0] == READY
