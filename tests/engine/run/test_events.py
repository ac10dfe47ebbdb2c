"""Labels in the journal of steps that no thread takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.run.events import start_label, ticks_label, timeout_label
from tests.engine.run.thread_calls import nap, nop, threads_of


@pytest.mark.parametrize(("number", "words"), [(1, "tick"), (2, "2 ticks"), (100, "100 ticks")])
def test_the_label_of_one_tick_has_no_number(number: int, words: str) -> None:
    assert ticks_label(number) == words


def test_the_labels_of_a_timeout_and_a_start_name_the_thread() -> None:
    assert (timeout_label("app"), start_label("console")) == ("timeout of app", "console starts")


def test_the_events_of_a_run_have_these_labels(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nap, 5), (nap, 100), (nop,))
    history = play.start("a,tick")
    history.extend(2)
    assert history.record(2).action == ticks_label(1)
    history.extend(3)  # time jumps over the remaining 4 ticks of the sleep
    assert [threads_of(history)[at] for at in (1, 2)] == ["event", "event"]
    assert history.record(3).action == ticks_label(4)
    play = stage()
    play.thread("a", 0, (nap, 5))
    history = play.start("a,timeout:a")
    history.extend(2)
    assert history.record(2).action == timeout_label("a")
