"""Choosing the next step: by the schedule, by the clock, or by the cpus in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.run.events import Event
from engine.run.schedule import parse_schedule
from engine.scenario.loader import load_text
from tests.engine.run.thread_calls import nop

TWO = """format = 1
title = "Two"
[machine]
memory = "4 MiB"
topology = "1x2x1"
steps_per_tick = 3
[[thread]]
name = "a"
script = "x = 1"
"""


SLEEP_THEN_RUN = (
    TWO.replace('"x = 1"', "'''vm_wait(5)\nwhile TRUE:\n    x = 1'''")
    + """
[setup]
script = '''
while cpu[0].view.v_free_count > 20:
    m = vm_page_alloc(NULL, 0, VM_ALLOC_INTERRUPT)
'''
"""
)


@pytest.fixture
def history(stage: Callable[..., Any]) -> Any:
    """A run of a thread on each of two cpus, on the schedule `b,b`."""
    play = stage()
    for name, cpu in (("a", 0), ("b", 1)):
        play.thread(name, cpu, *[(nop,)] * 4)
    return play.start("b,b")


def test_the_schedule_comes_first_and_then_the_cpus_take_turns(history: Any) -> None:
    dispatcher = history.runner.dispatcher
    assert (dispatcher.choose(0, 1), dispatcher.choose(1, 1), dispatcher.choose(2, 1)) == (1, 1, 0)


def test_a_tick_comes_after_every_steps_per_tick_steps() -> None:
    dispatcher = load_text(TWO).start().runner.dispatcher
    ticks = [step for step in range(12) if dispatcher.choose(step, 1) == Event("tick", 1)]
    assert ticks == [3, 7, 11]
    assert [dispatcher.steps_to_tick(step) for step in range(5)] == [3, 2, 1, 0, 3]


def test_the_steps_to_a_tick_count_from_a_jump_in_time_wherever_the_cursor_is() -> None:
    """The only thread sleeps for 5 ticks, then it runs: the first tick is 3 steps after the jump."""
    history = load_text(SLEEP_THEN_RUN).start()
    history.extend(40)
    jump = next(step for step in range(1, 41) if "ticks" in history.record(step).action)
    ticks = [step for step in range(jump + 1, 41) if history.record(step).action == "tick"]
    assert (jump % 4 > 0, ticks[:2]) == (True, [jump + 4, jump + 8])
    history.seek(jump)
    history.fork()
    history.extend(8)
    assert [history.record(jump + n).action for n in (4, 8)] == ["tick", "tick"]


def test_without_steps_per_tick_no_number_of_steps_makes_a_tick_due(history: Any) -> None:
    dispatcher = history.runner.dispatcher
    assert {dispatcher.steps_to_tick(step) for step in range(3000)} == {None}


def test_a_restarted_schedule_starts_with_the_next_step(history: Any) -> None:
    dispatcher, glob = history.runner.dispatcher, history.vm.glob
    glob.schedule_item[0], glob.schedule_left[0] = 2, 5
    dispatcher.follow(parse_schedule("random:9"), restart=True)
    assert (glob.schedule_item[0], dispatcher.by_default) == (2, False)
    dispatcher.begin_if_due()
    cells = glob.schedule_item[0], glob.schedule_left[0], glob.schedule_random[0]
    assert (cells, dispatcher.restart) == ((0, 0, 9), False)


def test_a_restart_is_recorded_in_cells_before_the_cpus_take_turns(history: Any) -> None:
    dispatcher = history.runner.dispatcher
    dispatcher.follow(parse_schedule("rr"), restart=True)
    assert not dispatcher.by_default
    dispatcher.begin_if_due()
    assert dispatcher.by_default


def test_a_schedule_that_continues_keeps_its_progress(history: Any) -> None:
    dispatcher, glob = history.runner.dispatcher, history.vm.glob
    glob.schedule_item[0] = 1
    dispatcher.follow(parse_schedule("b,a"), restart=False)
    assert (dispatcher.choose(0, 1), glob.schedule_item[0]) == (0, 2)


def test_a_thread_takes_its_turn_by_default_only_when_the_schedule_is_over(history: Any) -> None:
    dispatcher = history.runner.dispatcher
    assert not dispatcher.would_take(1, 0, 1)
    history.extend(2)
    assert dispatcher.by_default
    assert [dispatcher.would_take(t, 2, 1) for t in (0, 1)] == [True, False]
    assert [dispatcher.would_take(t, 3, 0) for t in (0, 1)] == [False, True]


@pytest.mark.parametrize(
    ("schedule", "ticks"),
    [
        ("app:9", [4, 8, 12]),
        ("tick:0, app:9", [12]),
        ("tick:0, app:2, tick, app:2, tick:2, app:2", [3, 6, 7, 11]),
        ("app:5, tick:0, app:4", [4, 12]),
    ],
)
def test_after_tick_0_only_the_ticks_of_the_items_come_until_the_last_item(
    schedule: str, ticks: list[int]
) -> None:
    text = TWO.replace('name = "a"', 'name = "app"').replace('"x = 1"', '"""while True:\n    x = 1"""')
    history = load_text(text, "ticking.toml", schedule=schedule).start()
    history.extend(13)
    labels = [history.journal.label(step) for step in range(1, history.total + 1)]
    assert [step for step, label in enumerate(labels, 1) if label == "tick"] == ticks
    history.seek(2)
    history.fork()
    history.extend(11)
    assert [history.journal.label(step) for step in range(1, history.total + 1)] == labels
