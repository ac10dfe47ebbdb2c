"""The remarks of a branch: what its steps printed, zeroed and compared, by step."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

from engine.kernel.remarks import KPRINTF, REMARKS

Effect = tuple[Any, ...]
"""An effect of a step; the first element is its kind."""


class Remarks:
    """Effects of the kinds that a run keeps, each with its step, in order; step 0 is boot and setup.

    Equal effects are one object: a thread that compares the same numbers at each step takes 16 bytes a step.
    """

    def __init__(self, kept: Iterable[tuple[int, Effect]] = ()) -> None:
        self._steps = array("q")
        self._effects: list[Effect] = []
        self._known: dict[Effect, Effect] = {}
        self._printed = array("q")
        """The places of the console's messages in `_effects`, which has many more comparisons."""
        for step, effect in kept:
            self._add(step, effect)

    def _add(self, step: int, effect: Effect) -> None:
        if effect[0] == KPRINTF:
            self._printed.append(len(self._effects))
        self._steps.append(step)
        self._effects.append(self._known.setdefault(effect, effect))

    @property
    def kept(self) -> list[tuple[int, Effect]]:
        """The remarks, each with its step."""
        return list(zip(self._steps, self._effects, strict=True))

    def keep(self, step: int, effects: Iterable[Effect]) -> None:
        """Keep the remarks among the effects of `step`, the last step so far."""
        for effect in effects:
            if effect[0] in REMARKS:
                self._add(step, effect)

    def between(self, first: int, last: int) -> list[tuple[int, Effect]]:
        """Return the remarks of steps first .. last."""
        span = slice(bisect_left(self._steps, first), bisect_right(self._steps, last))
        return list(zip(self._steps[span], self._effects[span], strict=True))

    def of(self, step: int) -> list[Effect]:
        """Return the remarks of one step."""
        return [effect for _, effect in self.between(step, step)]

    def printed(self) -> list[Effect]:
        """Return the messages on the console so far."""
        return [self._effects[at] for at in self._printed]

    def messages(self, first: int, last: int) -> list[tuple[int, Effect]]:
        """Return the messages that steps first .. last printed on the console, each with its step."""
        low, high = bisect_left(self._steps, first), bisect_right(self._steps, last)
        own = self._printed[bisect_left(self._printed, low) : bisect_left(self._printed, high)]
        return [(self._steps[at], self._effects[at]) for at in own]

    def until(self, step: int) -> Remarks:
        """Return a copy without the remarks after `step`, for a branch that forks there."""
        return Remarks(self.between(0, step))

    def cut(self, step: int) -> None:
        """Drop the remarks after `step`."""
        end = bisect_right(self._steps, step)
        del self._steps[end:], self._effects[end:], self._printed[bisect_left(self._printed, end) :]
