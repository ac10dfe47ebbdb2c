"""What a suspended thread remembers, named so that every process and every order of search agree on it.

Everything that a thread has besides the cells is in the frames of its suspended calls: the place in each
function, the local variables, and values that the interpreter keeps for it, such as the iterator of a loop.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from types import CodeType, FunctionType, GeneratorType, MethodType
from typing import Any, Final, NewType

from engine.machine.machine import Machine
from engine.memory.access_log import Observed
from engine.run.program import Assign, Branch, Call, Pass
from engine.run.suspended import Live, calls_of

Frames = tuple[Any, ...]
"""The announcement of a thread, and a tuple for each of its frames; hashable, and equal by content."""

_PLAIN: Final = (int, str, bytes, float, type(None))
_SOURCES: Final[tuple[Iterable[Any], ...]] = (range(0), [], (), {}, {}.items(), {}.values(), set(), "", b"")
_ITERATORS: Final[tuple[Any, ...]] = (
    *(type(iter(one)) for one in _SOURCES),
    *(zip, enumerate, map, filter, reversed),
)


class UnknownContentError(TypeError):
    """A suspended call holds something that cannot be compared: a fault of this program."""


def frames_of(live: Live) -> Frames:
    """Return what a thread remembers between two of its steps.

    Errors: UnknownContentError.
    """
    return live.announcement, *(_frame(call) for call in calls_of(live.steps))


def _frame(call: GeneratorType[Any, Any, Any]) -> tuple[Any, ...]:
    frame, code = call.gi_frame, call.gi_code
    if frame is None:
        return ("ended", *_code(code))
    names = frame.f_locals
    own = tuple((name, named(names[name])) for name in sorted(names) if not _is_machine(names[name]))
    return *_code(code), frame.f_lasti, own, _hidden(call)


def _hidden(call: GeneratorType[Any, Any, Any]) -> tuple[Any, ...]:
    """What the interpreter keeps for a call: iterators of loops, operands of an unfinished expression."""
    return tuple(named(one) for one in gc.get_referents(call) if isinstance(one, (int, *_ITERATORS)))


def _code(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _is_machine(value: object) -> bool:
    return isinstance(value, Machine)


def named(value: Any) -> Any:
    """Return a value that stands for `value`: hashable, and equal for equal content.

    Errors: UnknownContentError.
    """
    if isinstance(value, _PLAIN):
        return value
    for kind, name in _NAMERS.items():
        if isinstance(value, kind):
            return name(value)
    if is_dataclass(value):
        return type(value).__name__, *(named(getattr(value, part.name)) for part in fields(value))
    raise UnknownContentError(f"a suspended call holds a {type(value).__qualname__}")


def _sequence(value: Any) -> tuple[Any, ...]:
    return tuple(map(named, value))


def _iterator(value: Any) -> tuple[Any, ...]:
    """An iterator by what is left in it."""
    made = value.__reduce__()
    return "iterator", type(value).__name__, *map(named, made[1:])


def _dict(value: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple((named(key), named(of)) for key, of in value.items())


_NAMERS: Final[dict[Any, Callable[[Any], Any]]] = {
    # Compiled parts of a script belong to the thread's position, which is a cell.
    (Assign, Branch, Call, Pass): lambda value: ("instruction", value.line),
    partial: lambda value: ("partial", value.func.__qualname__),
    (Observed, ctypes.Array): lambda value: ("column", value.base),
    (tuple, list): _sequence,
    (set, frozenset): lambda value: tuple(sorted(map(named, value))),
    dict: _dict,
    range: lambda value: ("range", value.start, value.stop, value.step),
    GeneratorType: _frame,
    _ITERATORS: _iterator,
    (FunctionType, MethodType, type): lambda value: ("function", value.__qualname__),
    NewType: lambda value: ("function", value.__name__),
    Exception: lambda value: ("error", str(value)),
}
