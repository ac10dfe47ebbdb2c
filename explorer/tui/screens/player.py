"""How fast a run is played: the steps that are due, and how much of a frame they may take."""

from __future__ import annotations

from time import monotonic, process_time
from typing import Final

FRAMES: Final = 30
"""Frames a second while a run is played."""

SPEEDS: Final = (1, 2, 4, 8, 15, 30, 60, 150, 500, 2_000, 10_000, 50_000, 0)
"""Steps a second; 0 for as many as there is time for between two frames."""

AT_ONCE: Final = 1_000
"""Steps between two looks at the clock, when there is no other limit."""

DETAILED: Final = 6
"""Of so many frames that each skip many steps, one shows all panels."""

BREATH: Final = 0.004
"""Seconds between two frames in which keys are read and the first one is written."""


class Player:
    """The speed of playback, the steps that it owes, and what a frame costs besides them."""

    def __init__(self) -> None:
        self.rank = 2
        self.frames = 0
        self._since = 0.0
        self._begin = 0.0
        self._stepped = 0.0
        self._rest = {False: 0.01, True: 0.02}

    def __str__(self) -> str:
        speed = SPEEDS[self.rank]
        return f"{speed:,} steps/s" if speed else "as fast as it can"

    def start(self) -> None:
        """Begin to count from now."""
        self._since = monotonic()
        self._stepped = process_time()

    @property
    def detailed(self) -> bool:
        """Whether this frame shows all panels though nobody can read them so fast."""
        return self.frames % DETAILED == 0

    def begin_frame(self) -> None:
        """A frame begins with its steps; what was done since the last one's will be done again."""
        rest = min(process_time() - self._stepped, 1 / FRAMES)
        self._rest[self.detailed] = max(rest, 0.8 * self._rest[self.detailed])
        self._begin = monotonic()
        self.frames += 1

    def end_steps(self) -> None:
        """The frame's steps are taken; now they are shown."""
        self._stepped = process_time()

    def due(self) -> int:
        """The steps due since they were last asked for, at most a tenth of a second's worth."""
        now, speed = monotonic(), SPEEDS[self.rank]
        if not speed:
            return AT_ONCE
        steps = int((now - self._since) * speed)
        if steps:
            self._since = now
        return min(steps, max(speed // 10, 1))

    def more(self) -> bool:
        """Whether this frame has time for more steps than were due."""
        return (
            not SPEEDS[self.rank]
            and monotonic() - self._begin + self._rest[self.detailed] + BREATH < 1 / FRAMES
        )

    def change(self, by: int) -> None:
        """Another speed."""
        self.rank = max(min(self.rank + by, len(SPEEDS) - 1), 0)
