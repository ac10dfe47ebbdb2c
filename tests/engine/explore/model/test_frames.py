"""What a suspended call holds has a name that is equal for equal content."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from engine.constants import NULL
from engine.explore.model.frames import UnknownContentError, frames_of, named
from engine.run.suspended import Live
from tests.engine.explore.side_by_side import QUICK, WALKED, SideBySide, scenario_named
from tests.tiers import only_fast


def advanced(values: Iterator[int], steps: int) -> Iterator[int]:
    for _ in range(steps):
        next(values)
    return values


@dataclass
class Pair:
    first: int
    second: Any


def double(number: int) -> int:
    return 2 * number


SAME = [
    (3, 3),
    ("a", "a"),
    (None, None),
    ([1, [2]], [1, [2]]),
    ({2, 1}, {1, 2}),
    ({"a": [1]}, {"a": [1]}),
    (range(1, 5), range(1, 5)),
    (advanced(iter([1, 2, 3]), 1), advanced(iter([1, 2, 3]), 1)),
    (advanced(iter(range(9)), 2), advanced(iter(range(9)), 2)),
    (Pair(1, [2]), Pair(1, [2])),
    (partial(double, 3), partial(double, 3)),
    (double, double),
    (KeyError("a"), KeyError("a")),
]

OTHER = [
    (3, 4),
    ("3", 3),
    ([1, 2], [2, 1]),
    ({1}, {1, 2}),
    ({"a": 1}, {"a": 2}),
    (range(1, 5), range(1, 6)),
    (iter([1, 2, 3]), advanced(iter([1, 2, 3]), 1)),
    (iter(range(9)), advanced(iter(range(9)), 1)),
    (Pair(1, 2), Pair(1, 3)),
    (double, len),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=range(len(SAME)))
def test_equal_content_has_an_equal_name_that_can_be_hashed(one: object, other: object) -> None:
    assert named(one) == named(other)
    assert hash(named(one)) == hash(named(other))


@pytest.mark.parametrize(("one", "other"), OTHER[:-1], ids=range(len(OTHER) - 1))
def test_other_content_has_another_name(one: object, other: object) -> None:
    assert named(one) != named(other)


@pytest.mark.parametrize("what", [object(), 1j, memoryview(b"")], ids=["object", "complex", "view"])
def test_what_cannot_be_compared_is_refused(what: object) -> None:
    with pytest.raises(UnknownContentError, match="a suspended call holds a "):
        named(what)


def counting(limit: int) -> Generator[str, None, None]:
    total = 0
    for number in range(limit):
        total += number
        yield "count"
    yield from counting(1)


def live_at(limit: int, steps: int) -> Live:
    live = Live(0, 0)
    live.prime(counting(limit))
    for _ in range(steps):
        live.announcement = live.advance(None)
    return live


def test_frames_differ_by_place_locals_and_what_is_left_of_a_loop() -> None:
    frames = [frames_of(live_at(3, steps)) for steps in range(4)]
    assert len(set(frames)) == 4
    assert frames_of(live_at(3, 2)) == frames[2]
    assert frames_of(live_at(4, 2)) != frames[2]
    assert len(frames[3]) == len(frames[2]) + 1, "the call within the call is a frame of its own"


def repeating() -> Generator[str, None, None]:
    for _ in (1, 1, 1):
        yield "again"


def test_frames_differ_by_what_is_left_of_a_loop_alone() -> None:
    live, frames = Live(0, 0), []
    live.prime(repeating())
    for _ in range(2):
        live.announcement = live.advance(None)
        frames.append(frames_of(live))
    assert frames[0] != frames[1]
    assert frames[0][1][:-1] == frames[1][1][:-1]


@pytest.mark.parametrize("name", only_fast(WALKED, *QUICK))
def test_the_frames_of_a_run_and_of_a_model_agree(name: str) -> None:
    both = SideBySide(scenario_named(name))
    compared = 0
    for _ in both.walk(2, 60):
        for t, live in enumerate(both.history.runner.live):
            if both.model.vm.thread.state[t] != NULL and both.history.branch.finding is None:
                assert frames_of(live) == both.model.states[t].frames[both.model.local[t]]
                compared += 1
    assert compared > 3
