"""Notes about suspended calls: first steps, performed lines and variables, by generator."""

from __future__ import annotations

from collections.abc import Iterator
from types import GeneratorType
from typing import Any

from engine.debug.active_calls import ActiveCalls, integers
from engine.machine.machine import Steps
from engine.run.suspended import calls_of


def _inner(n: int) -> Steps[int]:
    yield "first"
    n += 1
    yield "second"
    return n


def _outer() -> Steps[None]:
    for turn in range(2):
        yield "begin"
        yield from _inner(turn)
    yield "end"


def _noted(values: bool = True) -> Iterator[list[tuple[str, int, int, set[int]]]]:
    """The frames before each step of `_outer`: function, line, first step, performed lines."""
    steps, notes = _outer(), ActiveCalls()
    first = {code.co_name: code.co_firstlineno for code in (_outer.__code__, _inner.__code__)}
    for step, _ in enumerate(steps, 1):
        stack = notes.note(calls_of(steps), step, values=values)
        yield [
            (
                frame.function,
                frame.line - first[frame.function],
                frame.entered,
                {line - first[frame.function] for line in frame.done},
            )
            for frame in stack
        ]


def test_a_call_has_its_first_step_and_the_lines_that_it_performed() -> None:
    assert list(_noted()) == [
        [("_outer", 2, 1, set())],
        [("_outer", 3, 1, {2}), ("_inner", 1, 2, set())],
        [("_outer", 3, 1, {2}), ("_inner", 3, 2, {1})],
        [("_outer", 2, 1, {2, 3})],
        [("_outer", 3, 1, {2, 3}), ("_inner", 1, 5, set())],
        [("_outer", 3, 1, {2, 3}), ("_inner", 3, 5, {1})],
        [("_outer", 4, 1, {2, 3})],
    ]


def test_an_action_that_is_repeated_at_the_same_line_is_performed() -> None:
    def endless() -> Steps[None]:
        while True:
            yield "again"

    steps, notes = endless(), ActiveCalls()
    next(steps)
    assert notes.note(calls_of(steps), 1)[0].done == frozenset()
    next(steps)
    (frame,) = notes.note(calls_of(steps), 2)
    assert frame.done == {frame.line}


def test_frames_alone_note_nothing() -> None:
    steps, notes = _outer(), ActiveCalls()
    next(steps)
    calls: list[GeneratorType[Any, Any, Any]] = calls_of(steps)
    assert notes.frames(calls, 1)[0].entered == 1
    assert not notes.knows(calls[0])
    notes.adopt(calls, notes.frames(calls, 1))
    assert notes.knows(calls[0])
    next(steps)
    assert [frame.entered for frame in notes.note(calls_of(steps), 9)] == [1, 9]


def test_variables_are_noted_if_asked_for() -> None:
    steps, notes = _outer(), ActiveCalls()
    next(steps)
    next(steps)
    assert [frame.values for frame in notes.note(calls_of(steps), 1, values=False)] == [None, None]
    assert [frame.values for frame in notes.note(calls_of(steps), 1)] == [{"turn": 0}, {"n": 0}]


def test_only_integers_are_variables() -> None:
    assert integers({"m": 5, "asked": True, "vm": object(), "text": "x"}) == {"m": 5, "asked": True}
