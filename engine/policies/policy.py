"""A replacement policy, and what it counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Counts:
    """What a policy did with a reference string.

    references: of the string.
    pages:      the distinct pages that they touch.
    hits:       references to a page that had a frame.
    misses:     references to one that had none; the first touch of each page is one of them.
    evictions:  how often a page lost its frame.
    writebacks: evictions of a page that was written since it got its frame.
    """

    references: int
    pages: int
    hits: int
    misses: int
    evictions: int
    writebacks: int


class Policy(ABC):
    """A policy with its frames, which are empty at first.

    frames:     how many pages can have a frame at once, at least 1.
    misses, evictions, writebacks: until now, as in Counts.
    written:    the pages that were written since they got their frame.
    """

    name: ClassVar[str]
    """What the command line calls it."""

    repeats: ClassVar[int] = 1
    """How many references in a row to one page can differ in effect; all further ones change nothing."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.misses = self.evictions = self.writebacks = 0
        self.written: set[int] = set()

    @abstractmethod
    def run(self, pages: Sequence[int], writes: Iterable[bool]) -> None:
        """Take some references.

        pages:  of each reference, as an index among the pages of the string.
        writes: whether each one writes; the part that is longer than `pages` is not used.
        """

    def evict(self, page: int) -> None:
        """Count that a page lost its frame."""
        self.evictions += 1
        if page in self.written:
            self.written.remove(page)
            self.writebacks += 1
