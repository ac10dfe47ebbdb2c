"""First in, first out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from engine.policies.policy import Policy


class Fifo(Policy):
    """FIFO: the page that got its frame first loses it.

    Source: Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", chapter 22.
    """

    name = "fifo"

    def __init__(self, frames: int) -> None:
        """Start with empty frames."""
        super().__init__(frames)
        self._resident: set[int] = set()
        self._arrived: deque[int] = deque()

    def run(self, pages: Sequence[int], writes: Iterable[bool]) -> None:
        """Take some references."""
        resident, arrived, written = self._resident, self._arrived, self.written
        for page, write in zip(pages, writes, strict=False):
            if page not in resident:
                self.misses += 1
                if len(resident) == self.frames:
                    resident.remove(arrived[0])
                    self.evict(arrived.popleft())
                resident.add(page)
                arrived.append(page)
            if write:
                written.add(page)
