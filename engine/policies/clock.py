"""Second chance, as the hand of a clock gives it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.policies.policy import Policy


class Clock(Policy):
    """CLOCK: a hand goes around the frames, clears the use bits that are set, and takes the first clear one.

    Each reference sets the use bit of its page, also the one for which the page gets its frame.

    Source: Corbato, "A Paging Experiment with the Multics System" (1968); Tanenbaum, "Modern Operating
    Systems", the clock page replacement algorithm.
    """

    name = "clock"

    def __init__(self, frames: int) -> None:
        """Start with empty frames and the hand at the first one."""
        super().__init__(frames)
        self._used: dict[int, bool] = {}
        self._ring: list[int] = []
        self._hand = 0

    def run(self, pages: Sequence[int], writes: Iterable[bool]) -> None:
        """Take some references."""
        used, ring, written = self._used, self._ring, self.written
        for page, write in zip(pages, writes, strict=False):
            if page not in used:
                self.misses += 1
                if len(ring) < self.frames:
                    ring.append(page)
                else:
                    self._replace(page)
            used[page] = True
            if write:
                written.add(page)

    def _replace(self, page: int) -> None:
        used, ring, hand = self._used, self._ring, self._hand
        while used[ring[hand]]:
            used[ring[hand]] = False
            hand = (hand + 1) % self.frames
        del used[ring[hand]]
        self.evict(ring[hand])
        ring[hand] = page
        self._hand = (hand + 1) % self.frames
