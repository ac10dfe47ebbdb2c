"""A place in the moments of a dump: the cursor in time, what it is compared with, the cursor over colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.errors import BadInput
from engine.inputs.dumps.moment import DumpMoment, changed_colors
from explorer.views.dump import DUMP_TYPES
from explorer.views.rows import Note

KEPT: Final = 64
"""The moments whose findings are kept."""


class DumpPlace:
    """Where a user is in the moments of a dump.

    at:   the number of the moment from 0. mark: the moment to compare with, or None for the one before.
    base, color: the cursor of the map.
    note: the message.
    """

    def __init__(self, moments: Sequence[DumpMoment]) -> None:
        self.moments = tuple(moments)
        self.at = 0
        self.mark: int | None = None
        self.base = DUMP_TYPES[0]
        self.color = 0
        self.note = Note("")
        self._odd: dict[int, tuple[str, ...]] = {}

    # --- in time ------------------------------------------------------------------------------------------

    @property
    def moment(self) -> DumpMoment:
        """The moment at the cursor."""
        return self.moments[self.at]

    @property
    def since(self) -> int | None:
        """The moment with which this one is compared: the marked one, else the one before, else None."""
        if self.mark is not None and self.mark != self.at:
            return self.mark
        return self.at - 1 if self.at else None

    @property
    def before(self) -> DumpMoment | None:
        """The moment with which this one is compared."""
        return None if self.since is None else self.moments[self.since]

    def go(self, at: int) -> None:
        """Go to a moment, or to the first or the last one if there is none with that number."""
        self.at = min(max(at, 0), len(self.moments) - 1)
        self._stay_on_the_map()

    def step(self, by: int) -> None:
        """Go some moments forwards or backwards; at an end, say so."""
        if self.at + by in range(len(self.moments)):
            self.go(self.at + by)
        else:
            self.say("this is the last moment" if by > 0 else "this is the first moment", "hint")

    def go_to_number(self, number: int) -> None:
        """Go to the moment with a number from 1.

        Errors: BadInput if there is none.
        """
        if not 1 <= number <= len(self.moments):
            raise BadInput(f"there is no moment {number:,}; use 1 to {len(self.moments):,}")
        self.go(number - 1)

    def toggle_mark(self) -> None:
        """Compare with this moment from now on, or with the one before again."""
        if self.mark == self.at:
            self.mark = None
            self.say("each moment is compared with the one before")
        else:
            self.mark = self.at
            self.say(f"moment {self.at + 1:,} is marked: the others are compared with it")

    def go_to_mark(self) -> None:
        """Go to the marked moment.

        Errors: BadInput if none is marked.
        """
        if self.mark is None:
            raise BadInput("no moment is marked; m marks this one")
        self.go(self.mark)

    # --- over the colours ---------------------------------------------------------------------------------

    def move(self, across: int, down: int) -> None:
        """Move the cursor over colours and types."""
        row = DUMP_TYPES.index(self.base) + down
        self.base = DUMP_TYPES[min(max(row, 0), len(DUMP_TYPES) - 1)]
        self.color += across
        self._stay_on_the_map()

    def select(self, base: str, color: int) -> None:
        """Put the cursor on a colour of a type.

        Errors: BadInput if there is no such colour.
        """
        colors = self.moment.colors or 1
        if not 0 <= color < colors:
            raise BadInput(f"there is no colour {color:,}; use 0 to {colors - 1:,}")
        self.base, self.color = base, color

    def _stay_on_the_map(self) -> None:
        """Keep the cursor on a colour that the moment has: moments may be of different machines."""
        self.color = min(max(self.color, 0), (self.moment.colors or 1) - 1)

    # --- messages and findings ----------------------------------------------------------------------------

    def say(self, text: str, kind: str = "say") -> None:
        """Set the message."""
        self.note = Note(text, kind)

    @property
    def known_findings(self) -> tuple[str, ...] | None:
        """The findings at this moment; None if they are not computed yet."""
        return self._odd.get(self.at)

    def compute_findings(self) -> None:
        """Compute the findings at this moment."""
        # Imported here because the first frame does not wait for them.
        from engine.reports.dump_findings import findings  # noqa: PLC0415

        if len(self._odd) >= KEPT:
            del self._odd[next(iter(self._odd))]
        self._odd[self.at] = findings(self.moments, self.at)


class Changes:
    """How many colours changed at each moment, for the timeline; computed in slices, as there may be many."""

    def __init__(self, moments: Sequence[DumpMoment]) -> None:
        self._moments = moments
        self._known = [0]

    @property
    def done(self) -> bool:
        """Whether every moment was looked at."""
        return len(self._known) >= len(self._moments)

    def look_on(self, count: int) -> None:
        """Look at up to `count` further moments."""
        start = len(self._known)
        for at in range(start, min(start + count, len(self._moments))):
            changed = changed_colors(self._moments[at - 1], self._moments[at])
            self._known.append(sum(map(len, changed.values())))

    def density(self, width: int) -> tuple[int, ...]:
        """The changed colours in each of `width` equal parts of the timeline, as far as they are known."""
        total = len(self._moments) - 1
        parts = [0] * max(width, 1)
        for at, count in enumerate(self._known):
            parts[min(at * (width - 1) // total, width - 1) if total else 0] += count
        return tuple(parts)
