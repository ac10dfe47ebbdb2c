"""A breakpoint on an atomic action of a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.debug.call_stack import frames
from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import Action, Call, Entry, action_at, source_of_function
from engine.debug.journal_search import Steps, steps_labelled
from engine.debug.stops import Kind
from engine.errors import BadInput
from engine.run.history import History
from engine.words import plural


@dataclass(frozen=True)
class OnAction(Kind):
    """Before action `number` of `function` is performed."""

    function: str
    number: int
    stride: ClassVar[int] = 4096

    @property
    def announcement(self) -> str:
        """What the action announces."""
        return _actions(self.function)[self.number - 1].text

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind."""
        texts = _actions(self.function)[self.number - 1].texts
        first, last = first + 1, min(last + 1, history.total)
        if texts is None:
            return np.arange(first, last, dtype=np.int64)
        return steps_labelled(history, texts, first, last) - 1

    def confirms(self, history: History, position: int) -> bool:
        """See Kind; other functions may announce the same."""
        stack = frames(history, position + 1)
        code = kernel_functions()[self.function].__code__
        if not stack or stack[-1].code is not code:
            return False
        action = action_at(code, stack[-1].line)
        return action is not None and action.number == self.number


def action_breakpoint(function: str, number: str) -> OnAction:
    """Return the breakpoint on action `number`, as text, of a kernel function or a helper of the kernel's.

    Errors: BadInput if the function does not have the action, or its source is not available.
    """
    actions = _actions(function)
    if number.isascii() and number.isdecimal() and len(number) < 9 and 1 <= int(number) <= len(actions):
        return OnAction(function, int(number))
    if actions:
        has = f"{function} has {plural(len(actions), 'action')}"
        last = f" to #{len(actions)}" if len(actions) > 1 else ""
        raise BadInput(f"{number[:20]!r} is not the number of an action: {has}; write {function}#1{last}")
    called = [entry.item.function for entry in _outline(function) if isinstance(entry.item, Call)]
    instead = ", ".join(dict.fromkeys(called)) or "another function"
    raise BadInput(f"{function} has no action of its own; use one of {instead}")


def _actions(function: str) -> tuple[Action, ...]:
    return tuple(entry.item for entry in _outline(function) if isinstance(entry.item, Action))


def _outline(function: str) -> tuple[Entry, ...]:
    source = source_of_function(kernel_functions()[function])
    return () if source is None else source.outline
