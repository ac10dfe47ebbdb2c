"""Least recently used."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from engine.policies.policy import Policy


class Lru(Policy):
    """LRU: the page whose last reference is longest ago loses its frame.

    Source: Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", chapter 22.
    """

    name = "lru"

    def __init__(self, frames: int) -> None:
        """Start with empty frames."""
        super().__init__(frames)
        self._resident: OrderedDict[int, None] = OrderedDict()

    def run(self, pages: Iterable[int], writes: Iterable[bool]) -> None:
        """Take some references."""
        resident, written = self._resident, self.written
        for page, write in zip(pages, writes, strict=False):
            if page in resident:
                resident.move_to_end(page)
            else:
                self.misses += 1
                if len(resident) == self.frames:
                    self.evict(resident.popitem(last=False)[0])
                resident[page] = None
            if write:
                written.add(page)
