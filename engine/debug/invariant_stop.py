"""Stopping where the machine no longer agrees with itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.debug.journal_search import Steps
from engine.debug.stops import Kind
from engine.run.history import History


@dataclass(frozen=True)
class OnBreach(Kind):
    """Where an invariant is broken that held a step before; each step is looked at."""

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
    # Loaded for whoever sets such a stop: the screen opens sooner without.
    from engine.invariants import violations  # noqa: PLC0415

    return bool(violations(history.vm))
