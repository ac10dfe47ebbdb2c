"""The speed of playback: the steps that are due, and how much of a frame they may take."""

from __future__ import annotations

from time import monotonic, process_time
from typing import Final

FRAMES: Final = 30
"""Frames per second during playback."""

SPEEDS: Final = (1, 2, 4, 8, 15, 30, 60, 150, 500, 2_000, 10_000, 50_000, 0)
"""Steps per second; 0 for as many as there is time for between two frames."""

AT_ONCE: Final = 1_000
"""Steps between two readings of the clock at unlimited speed."""

DETAILED: Final = 6
"""Of this many frames that each skip many steps, one updates all panels."""

BREATH: Final = 0.004
"""Seconds between two frames for reading keys and writing the first frame."""


class Player:
    """The speed of playback, the steps that are due, and the cost of a frame without them."""

    def __init__(self) -> None:
        self.rank = 2
        self.frames = 0
        self._since = 0.0
        self._begin = 0.0
        self._stepped = 0.0
        self._rest = {False: 0.01, True: 0.02}

    def __str__(self) -> str:
        speed = SPEEDS[self.rank]
        return f"{speed:,} steps/s" if speed else "at full speed"

    def start(self) -> None:
        """Start the clock of playback."""
        self._since = monotonic()
        self._stepped = process_time()

    @property
    def detailed(self) -> bool:
        """Whether this frame updates all panels, although they change too fast to read."""
        return self.frames % DETAILED == 0

    def begin_frame(self) -> None:
        """Start a frame; the time since the last frame's steps is the expected cost of showing this one."""
        rest = min(process_time() - self._stepped, 1 / FRAMES)
        self._rest[self.detailed] = max(rest, 0.8 * self._rest[self.detailed])
        self._begin = monotonic()
        self.frames += 1

    def end_steps(self) -> None:
        """Record the end of the frame's steps; showing them starts now."""
        self._stepped = process_time()

    def due(self) -> int:
        """Return the number of steps due since the last call, at most those of a tenth of a second."""
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
        """Change the speed."""
        self.rank = max(min(self.rank + by, len(SPEEDS) - 1), 0)
