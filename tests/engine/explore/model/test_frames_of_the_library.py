"""What suspended calls remember: of every scenario of the library, only what can be compared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Generator
from itertools import count
from typing import Any, Final

import pytest

from engine.explore.model.frames import Frames, UnknownContentError, frames_of, named
from engine.run.suspended import Live
from engine.scenario.library import OWN
from engine.scenario.loader import load
from tests.tiers import only_fast

STEPS: Final = 3_000
"""The most steps of a scenario's run that are looked at."""

LIBRARY: Final = OWN.names


def all_frames(name: str, schedule: str, steps: int) -> list[list[Frames]]:
    """What each thread remembers after each of the first steps of a run."""
    history = load(name, schedule=schedule).start()
    found = [[frames_of(live) for live in history.runner.live]]
    while len(found) <= steps and history.extend(1):
        found.append([frames_of(live) for live in history.runner.live])
    return found


@pytest.mark.parametrize("name", only_fast(LIBRARY, "lost-wakeup", "trylock-skips", "swap-in-race"))
def test_the_calls_of_a_library_scenario_hold_what_can_be_compared(name: str) -> None:
    for schedule in ("rr", "random:1"):
        found = all_frames(name, schedule, STEPS)
        assert len(found) > 1
        assert all(hash(frames) is not None for step in found for frames in step)


def test_two_runs_remember_the_same() -> None:
    assert all_frames("swap-in-race", "random:3", 200) == all_frames("swap-in-race", "random:3", 200)


@pytest.mark.slow
def test_what_is_remembered_has_one_text_in_every_process() -> None:
    program = (
        "from tests.engine.explore.model.test_frames_of_the_library import all_frames\n"
        "print(all_frames('lost-wakeup', 'random:3', 60))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {f"{all_frames('lost-wakeup', 'random:3', 60)}\n"}


# --- one call -------------------------------------------------------------------------------------------


def _walk(items: Any) -> Generator[str, None, None]:
    total = 0
    for item in items:
        yield "take an item"
        total += item


def _before_and_inside(value: int) -> Generator[str, None, None]:
    yield "the same"
    del value
    yield "the same"


def suspended(call: Generator[str, None, None], steps: int) -> Frames:
    """What is remembered of a call after some of its steps."""
    live = Live(0, 0)
    live.prime(call)
    for _ in range(steps):
        live.advance(None)
    return frames_of(live)


@pytest.mark.parametrize(
    "items", [(3, 3, 3), [3, 3, 3], {3: 0, 4: 0, 5: 0}, range(3, 6)], ids=lambda items: type(items).__name__
)
def test_the_place_of_a_loop_is_remembered(items: Any) -> None:
    calls = [suspended(_walk(items), steps) for steps in (0, 1, 2)]
    assert len(set(calls)) == 3
    assert suspended(_walk(items), 1) == calls[1]


def test_equal_items_leave_a_loop_at_different_places() -> None:
    assert suspended(_walk([0, 0, 0]), 1) != suspended(_walk([0, 0, 0]), 2)


def test_a_deleted_variable_is_not_remembered() -> None:
    one, other = (suspended(_before_and_inside(value), 1) for value in (1, 2))
    assert one == other
    assert suspended(_before_and_inside(1), 0) != suspended(_before_and_inside(2), 0)


@pytest.mark.parametrize(
    "value", [object(), count(), memoryview(b"")], ids=lambda value: type(value).__name__
)
def test_what_cannot_be_compared_is_refused(value: Any) -> None:
    with pytest.raises(UnknownContentError, match=type(value).__name__):
        named(value)


def test_functions_are_compared_by_name() -> None:
    kernel: Callable[..., Any] = _walk
    assert named(kernel) == named(_walk) != named(_before_and_inside)
