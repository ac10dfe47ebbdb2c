"""A breakpoint where an invariant of the machine is violated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.debug.journal_search import Steps
from engine.debug.stops import Kind
from engine.run.history import History


@dataclass(frozen=True)
class OnBreach(Kind):
    """A step after which an invariant is violated that held before it; each step is checked."""

    stride: ClassVar[int] = 64

    def positions(self, history: History, first: int, last: int) -> Steps:  # noqa: ARG002  # it is every step
        """See Kind."""
        return np.arange(max(first, 0) + 1, last + 1)

    def confirms(self, history: History, position: int) -> bool:
        """See Kind."""
        cursor = history.step
        try:
            history.seek(position)
            if not _broken(history):
                return False
            history.seek(position - 1)
            return not _broken(history)
        finally:
            history.seek(cursor)


def _broken(history: History) -> bool:
    # Imported here so that the TUI starts faster without such a breakpoint.
    from engine.invariants import violations  # noqa: PLC0415

    return bool(violations(history.vm))
