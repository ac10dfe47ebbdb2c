"""How many steps are due while a run is played: speed, without a clock of its own in the engine."""

from __future__ import annotations

from time import monotonic
from typing import Final

SPEEDS: Final = (1, 2, 4, 8, 15, 30, 60, 150, 500, 2000)
"""Steps a second."""


class Player:
    """The speed of playback, and the steps that it owes."""

    def __init__(self) -> None:
        self.rank = 2
        self._since = 0.0

    def __str__(self) -> str:
        return f"{SPEEDS[self.rank]:,} steps/s"

    def start(self) -> None:
        """Begin to count from now."""
        self._since = monotonic()

    def due(self) -> int:
        """The steps due since they were last asked for, at most a tenth of a second's worth."""
        now = monotonic()
        steps = int((now - self._since) * SPEEDS[self.rank])
        if steps:
            self._since = now
        return min(steps, max(SPEEDS[self.rank] // 10, 1))

    def change(self, by: int) -> None:
        """Another speed."""
        self.rank = max(min(self.rank + by, len(SPEEDS) - 1), 0)
