"""Least recently used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from engine.policies.policy import Policy

_SLACK: Final = 1 << 18
"""References in the queue, besides two for each frame, from which the queue is made shorter."""


class Lru(Policy):
    """LRU: the page whose last reference is longest ago loses its frame.

    References wait in a queue, and each page knows how many of them are its own. A reference that leaves the
    queue as the last one of its page is the least recent of all last references. This is the order of a list
    in which each hit moves its page to the end, in less than half of the time.

    Source: Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", chapter 22.
    """

    name = "lru"

    def __init__(self, frames: int) -> None:
        """Start with empty frames."""
        super().__init__(frames)
        self._queue: deque[int] = deque()
        self._queued: list[int] = []
        self._resident = 0

    def run(self, pages: Sequence[int], writes: Iterable[bool]) -> None:
        """Take some references."""
        self._make_room(pages)
        queued, refer, written = self._queued, self._queue.append, self.written
        for page, write in zip(pages, writes, strict=False):
            count = queued[page]
            if not count:
                self.misses += 1
                if self._resident == self.frames:
                    self.evict(self._least_recent())
                else:
                    self._resident += 1
            queued[page] = count + 1
            refer(page)
            if write:
                written.add(page)

    def _least_recent(self) -> int:
        leave, queued = self._queue.popleft, self._queued
        while True:
            page = leave()
            queued[page] = count = queued[page] - 1
            if not count:
                return page

    def _make_room(self, pages: Sequence[int]) -> None:
        """Make the list as long as these pages need, and leave only last references in a long queue."""
        self._queued += [0] * (max(pages, default=-1) + 1 - len(self._queued))
        if len(self._queue) > 2 * self._resident + _SLACK:
            self._queue = deque(reversed(dict.fromkeys(reversed(self._queue))))
            for page in self._queue:
                self._queued[page] = 1
