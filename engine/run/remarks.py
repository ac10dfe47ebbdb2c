"""The remarks of a branch: what its steps printed, zeroed and compared, by step."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final

from engine.kernel.remarks import KPRINTF, REMARKS

Effect = tuple[Any, ...]
"""An effect of a step; the first element is its kind."""

_STEP: Final = itemgetter(0)


class Remarks:
    """Effects of the kinds that a run keeps, each with its step, in order; step 0 is boot and setup."""

    def __init__(self, kept: Iterable[tuple[int, Effect]] = ()) -> None:
        self.kept = list(kept)

    def keep(self, step: int, effects: Iterable[Effect]) -> None:
        """Keep the remarks among the effects of `step`, the last step so far."""
        self.kept += [(step, effect) for effect in effects if effect[0] in REMARKS]

    def between(self, first: int, last: int) -> list[tuple[int, Effect]]:
        """Return the remarks of steps first .. last."""
        return self.kept[bisect_left(self.kept, first, key=_STEP) : bisect_right(self.kept, last, key=_STEP)]

    def of(self, step: int) -> list[Effect]:
        """Return the remarks of one step."""
        return [effect for _, effect in self.between(step, step)]

    def printed(self) -> list[Effect]:
        """Return the messages on the console so far."""
        return [effect for _, effect in self.kept if effect[0] == KPRINTF]

    def until(self, step: int) -> Remarks:
        """Return a copy without the remarks after `step`, for a branch that forks there."""
        return Remarks(self.between(0, step))

    def cut(self, step: int) -> None:
        """Drop the remarks after `step`."""
        self.kept[:] = self.between(0, step)
