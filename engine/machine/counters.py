"""The queue lengths with which a machine begins a run, instead of those that boot leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

UNKNOWN: Final = -1
"""A length that is not known."""

Lengths = tuple[int, ...]
"""The length of the queue of each colour, in pages."""


@dataclass(frozen=True)
class Counters:
    """How many pages of each colour are on each type of queue at the start.

    free:   pages of a colour beyond these and those of the other queues are wired, as the kernel's own memory
            is; UNKNOWN: they stay free.
    source: where the lengths are from, for messages; a run does not depend on it.
    """

    free: Lengths
    cache: Lengths
    active: Lengths
    inactive: Lengths
    hold: Lengths
    source: str = field(compare=False)

    @property
    def colors(self) -> int:
        """The number of colours."""
        return len(self.free)

    @property
    def placed(self) -> int:
        """How many pages are in an object: all but the free, the held and the wired ones."""
        return sum(map(sum, (self.cache, self.active, self.inactive)))

    @property
    def moved(self) -> Lengths:
        """For each colour, how many pages leave its free queue for another queue."""
        return tuple(map(sum, zip(self.cache, self.active, self.inactive, self.hold, strict=True)))

    @property
    def needed(self) -> Lengths:
        """For each colour, how many pages the machine has to have."""
        return tuple(moved + max(free, 0) for moved, free in zip(self.moved, self.free, strict=True))
