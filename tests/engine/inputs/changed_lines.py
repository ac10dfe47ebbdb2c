"""Lines of a trace with one value changed, and what a replay has to say about them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from engine.inputs.kernel_trace import replay_trace
from engine.inputs.traces.report import Tally
from tests.engine.inputs.recorded_traces import Line

Path = tuple[Any, ...]
"""Where in a line a value is: keys and indices."""

INPUTS = ("op", "boot", "args", "thread", "cpu", "note")


def compared_values(line: Line) -> Iterator[Path]:
    """Where a line's compared leaves are: numbers, texts and nulls."""
    for key, value in line.items():
        if key not in INPUTS and "header" not in line:
            yield from leaves(value, (key,))


def leaves(value: Any, path: Path) -> Iterator[Path]:
    if path[-2:] == ("blocked", "wmesg") or (path[0] == "panic" and not compared_in_panics(path)):
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))
    else:
        yield path


def compared_in_panics(path: Path) -> bool:
    return path[1:] in ((), ("kind",), ("msg",))


def changed(line: Line, path: Path) -> Line:
    other = copy.deepcopy(line)
    part: Any = other
    for key in path[:-1]:
        part = part[key]
    value = part[path[-1]]
    part[path[-1]] = 7 if value is None else value + (1 if isinstance(value, int) else "x")
    return other


def reported(path: str) -> set[tuple[int, str]]:
    return {(found.line, found.key) for found in replay_trace(path, Tally())}


def value_at(line: Any, path: Path) -> Any:
    """The value at a place of a line."""
    for key in path:
        line = line[key]
    return line
