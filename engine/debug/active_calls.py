"""Notes about suspended calls: where each was entered, what it has performed, and its variables.

A suspended call is a generator. Its line says what it does next, but not what it did before. So every step
of an operation notes its calls, in order, and a call is recognised by its generator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from types import GeneratorType
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from engine.run.suspended import Frame, is_kernel

Call: TypeAlias = "GeneratorType[Any, Any, Any]"

Stack = tuple[Frame, ...]


@dataclass(slots=True)
class _Noted:
    """A call's last frame, and the call that it delegated to; None if it took the step itself."""

    frame: Frame
    inner: Call | None


class ActiveCalls:
    """The calls of one thread, noted before each of its steps from the first step of an operation on."""

    def __init__(self) -> None:
        self._noted: WeakKeyDictionary[Call, _Noted] = WeakKeyDictionary()

    def note(self, calls: list[Call], step: int, *, values: bool = True) -> Stack:
        """Note the calls that are active before step `step`; return their frames, outermost first.

        values: whether to note the local variables too.
        """
        stack = self.frames(calls, step, values=values)
        self.adopt(calls, stack)
        return stack

    def frames(self, calls: list[Call], step: int, *, values: bool = True) -> Stack:
        """As `note`, but note nothing: the step may not be taken."""
        return tuple(
            self._frame(call, inner, step, values)
            for call, inner in zip_longest(calls, calls[1:])
            if call is not None
        )

    def adopt(self, calls: list[Call], stack: Stack) -> None:
        """Continue from the frames of these calls, which may have been noted elsewhere."""
        for call, inner, frame in zip_longest(calls, calls[1:], stack):
            if call is not None and frame is not None:
                self._noted[call] = _Noted(frame, inner)

    def knows(self, call: Call) -> bool:
        """Whether a call has been noted."""
        return call in self._noted

    def _frame(self, call: Call, inner: Call | None, step: int, values: bool) -> Frame:
        noted = self._noted.get(call)
        if noted is None:
            return _made(call, step, frozenset(), values)
        frame = noted.frame
        if inner is not None and noted.inner is inner:
            # While an inner call is active, this one stays as it is.
            return (
                frame
                if frame.values is not None or not values
                else _made(call, frame.entered, frame.done, values)
            )
        return _made(call, frame.entered, frame.done | {frame.line}, values)


def _made(call: Call, entered: int, done: frozenset[int], values: bool) -> Frame:
    suspended, code = call.gi_frame, call.gi_code
    assert suspended is not None
    return Frame(
        code.co_name,
        suspended.f_lineno,
        is_kernel(code),
        entered,
        code,
        done,
        integers(suspended.f_locals) if values else None,
    )


def integers(variables: Mapping[str, object]) -> dict[str, int]:
    """Return the variables that hold an integer: what a call keeps besides cells."""
    return {name: value for name, value in variables.items() if isinstance(value, int)}
