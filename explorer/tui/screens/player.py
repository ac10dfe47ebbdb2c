"""The speed of playback, in steps or in page moves a second: what is due, and the part of a frame for it."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic, process_time
from typing import Final

from engine.errors import BadInput
from engine.run.program import Program
from engine.words import plural

FRAMES: Final = 30
"""Frames per second during playback."""

SPEEDS: Final = {
    "steps": (1, 2, 4, 8, 15, 30, 60, 150, 500, 2_000, 10_000, 50_000, 0),
    "moves": (1, 2, 4, 8, 15, FRAMES, 0),
}
"""Per unit, the speeds a second; 0 for as many as there is time for between two frames."""

USAGE: Final = "use 4 moves, 30 steps, moves, steps or full"

AT_ONCE: Final = 1_000
"""Steps between two readings of the clock at unlimited speed."""

ONWARDS: Final = 250
"""The same on the way to the next move."""

DETAILED: Final = 6
"""Of this many frames that each skip many steps, one updates all panels."""

BREATH: Final = 0.004
"""Seconds between two frames for reading keys and writing the first frame."""

SPARE: Final = 0.1
"""The part of a frame's time that is left over, so that a frame which took too long is caught up with."""

LATEST: Final = 3
"""The number of frames that are caught up with."""


class Player:
    """The speed of playback, what is due, and the cost of a frame without its steps.

    unit:  what is played so many times a second: steps, each one, or moves, a page's to another queue type.
    rates: the speed in each unit; 0 is full speed.
    """

    def __init__(self) -> None:
        self.unit = "steps"
        self.rates = {"steps": 4, "moves": 4}
        self.frames = 0
        self._chosen = False
        self._since = 0.0
        self._begin = 0.0
        self._stepped = 0.0
        self._rest = {False: 0.01, True: 0.02}

    def __str__(self) -> str:
        return f"{plural(self.rate, self.unit[:-1])}/s" if self.rate else "at full speed"

    @property
    def rate(self) -> int:
        """The speed in the current unit."""
        return self.rates[self.unit]

    @property
    def by_moves(self) -> bool:
        """Whether it plays to the next move, shows that for its time, and so on."""
        return self.unit == "moves" and self.rate > 0

    # --- what the user chooses ----------------------------------------------------------------------------

    def suit(self, programs: Iterable[Program]) -> None:
        """Play by moves if a pageout daemon runs, else by steps, unless the user has chosen the unit.

        A daemon takes thousands of steps; a run without one is short, and is learned step by step.
        """
        if not self._chosen:
            self.unit = "moves" if any(program.daemon for program in programs) else "steps"

    def turn_unit(self) -> None:
        """Switch between steps and moves."""
        self.unit, self._chosen = "steps" if self.unit == "moves" else "moves", True

    def change(self, by: int) -> None:
        """Choose the speed `by` places faster in the current unit, or slower if it is negative."""
        faster = [speed or float("inf") for speed in SPEEDS[self.unit]]
        rate = self.rate or float("inf")
        at = sum(speed < rate for speed in faster)
        # A speed between two of the list is half a place above the lower one.
        at += by - (by > 0 and rate not in faster)
        self.rates[self.unit] = SPEEDS[self.unit][max(min(at, len(faster) - 1), 0)]

    def set(self, text: str) -> None:
        """Set the unit, the speed or both: `4 moves`, `30 steps`, `30`, `moves` or `full`.

        Errors: BadInput for another text, or a speed that the unit does not have.
        """
        unit, rate = _read_speed(text, self.unit)
        self.unit, self._chosen = unit, True
        if rate is not None:
            self.rates[unit] = rate

    # --- while it plays -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the clock of playback."""
        self._since = monotonic() - (1 / self.rate if self.by_moves else 0)
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

    def end_steps(self, *, moved: bool = False) -> None:
        """Record the end of the frame's steps, and whether they came to a move; showing them starts now."""
        self._stepped = process_time()
        if moved:
            # A move that is shown less than a frame late does not delay the one after it.
            self._since = max(self._since + 1 / self.rate, monotonic() - 1 / FRAMES)

    def due(self) -> int:
        """Return the number of steps due since the last call, at most those of a tenth of a second.

        On the way to a move, a number that takes a part of a frame; 0 while the last move is to be seen.
        """
        now = monotonic()
        if self.by_moves:
            return ONWARDS if now - self._since >= 1 / self.rate else 0
        if not self.rate:
            return AT_ONCE
        steps = int((now - self._since) * self.rate)
        if steps:
            self._since = now
        return min(steps, max(self.rate // 10, 1))

    def more(self) -> bool:
        """Whether this frame has time for more steps than were due."""
        fast = bool(self.due()) if self.by_moves else not self.rate
        return fast and monotonic() - self._begin + self._rest[self.detailed] + BREATH < (1 - SPARE) / FRAMES


def _read_speed(text: str, unit: str) -> tuple[str, int | None]:
    words = text.split()
    if words == ["full"]:
        return unit, 0
    number = words.pop(0) if words and words[0][:1].isdigit() else ""
    named = [name for name in SPEEDS if words and name.startswith(words[0])]
    if len(words) > 1 or (words and len(named) != 1):
        raise BadInput(f"{text[:40]!r} is not a speed; {USAGE}")
    unit = named[0] if named else unit
    return unit, _read_rate(number, unit) if number else None


def _read_rate(number: str, unit: str) -> int:
    fastest = max(SPEEDS[unit])
    digits = number.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 9 or not 1 <= int(digits) <= fastest:
        raise BadInput(f"{number[:20]} {unit}/s is not possible; use 1 to {fastest:,} {unit}, or full")
    return int(digits)
