"""2Q, the full version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from engine.policies.policy import Policy


class TwoQueues(Policy):
    """2Q: a page waits in a queue first; one that comes again after it left the queue is kept by LRU.

    Kin is 25 % of the frames and Kout 50 %, rounded down.

    Source: Johnson and Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement Algorithm"
    (VLDB 1994), the full version.
    """

    name = "2q"

    def __init__(self, frames: int) -> None:
        """Start with empty queues."""
        super().__init__(frames)
        self._kin, self._kout = frames // 4, frames // 2
        self._a1in: OrderedDict[int, None] = OrderedDict()
        self._a1out: OrderedDict[int, None] = OrderedDict()
        self._am: OrderedDict[int, None] = OrderedDict()

    def run(self, pages: Sequence[int], writes: Iterable[bool]) -> None:
        """Take some references."""
        a1in, a1out, am, written = self._a1in, self._a1out, self._am, self.written
        for page, write in zip(pages, writes, strict=False):
            if page in am:
                am.move_to_end(page)
            elif page not in a1in:
                self.misses += 1
                queue = am if page in a1out else a1in
                self._reclaim()
                a1out.pop(page, None)
                queue[page] = None
            if write:
                written.add(page)

    def _reclaim(self) -> None:
        """Make a frame free, if none is."""
        if len(self._a1in) + len(self._am) < self.frames:
            return
        if len(self._a1in) <= self._kin:
            self.evict(self._am.popitem(last=False)[0])
            return
        page = self._a1in.popitem(last=False)[0]
        self.evict(page)
        self._a1out[page] = None
        if len(self._a1out) > self._kout:
            self._a1out.popitem(last=False)
