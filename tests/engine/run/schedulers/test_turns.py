"""The default schedule: an empty text, or `rr`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.run.schedule import Written
from engine.run.schedulers.turns import Turns, read
from tests.engine.run.thread_calls import nop, threads_of


@pytest.mark.parametrize("text", ["", " \n", "# nothing\n", "rr", " rr,\n"])
def test_an_empty_text_and_rr_are_read(text: str) -> None:
    assert read(Written(text)) == Turns()


@pytest.mark.parametrize("text", ["rr,rr", "rr:2", "app", "random:1"])
def test_anything_more_is_left_to_other_schedulers(text: str) -> None:
    assert read(Written(text)) is None


def test_the_cpus_take_a_step_each_from_the_start(stage: Callable[..., Any]) -> None:
    play = stage()
    for name, cpu in (("a", 0), ("b", 1)):
        play.thread(name, cpu, (nop,), (nop,))
    history = play.start("rr")
    assert Turns().is_over(history.vm)
    history.extend(10)
    assert threads_of(history) == ["a", "b", "a", "b"]
