"""The adaptive replacement cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from engine.policies.policy import Policy


class Arc(Policy):
    """ARC: pages that came once and pages that came again, in two lists whose sizes adapt.

    Source: Megiddo and Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache" (FAST 2003), figure 4. In
    its names, the pages of T1 and T2 have frames, B1 and B2 remember some that were evicted, and p is how
    large T1 should be.
    """

    name = "arc"
    repeats = 2  # the second reference in a row moves the page from T1 to T2

    def __init__(self, frames: int) -> None:
        """Start with empty lists."""
        super().__init__(frames)
        self._p = 0.0
        self._t1: OrderedDict[int, None] = OrderedDict()
        self._t2: OrderedDict[int, None] = OrderedDict()
        self._b1: OrderedDict[int, None] = OrderedDict()
        self._b2: OrderedDict[int, None] = OrderedDict()

    def run(self, pages: Sequence[int], writes: Iterable[bool]) -> None:
        """Take some references."""
        t1, t2, written = self._t1, self._t2, self.written
        for page, write in zip(pages, writes, strict=False):
            if page in t2:
                t2.move_to_end(page)
            elif page in t1:
                del t1[page]
                t2[page] = None
            else:
                self.misses += 1
                self._miss(page)
            if write:
                written.add(page)

    def _miss(self, page: int) -> None:
        t1, t2, b1, b2, c = self._t1, self._t2, self._b1, self._b2, self.frames
        if page in b1:
            self._p = min(c, self._p + max(len(b2) / len(b1), 1))
            self._replace(page)
            del b1[page]
            t2[page] = None
        elif page in b2:
            self._p = max(0, self._p - max(len(b1) / len(b2), 1))
            self._replace(page)
            del b2[page]
            t2[page] = None
        else:
            if len(t1) == c:
                self.evict(t1.popitem(last=False)[0])
            elif len(t1) + len(b1) == c:
                b1.popitem(last=False)
                self._replace(page)
            elif (total := len(t1) + len(t2) + len(b1) + len(b2)) >= c:
                if total == 2 * c:
                    b2.popitem(last=False)
                self._replace(page)
            t1[page] = None

    def _replace(self, page: int) -> None:
        """Take the frame of the least recent page of T1 or T2, and remember it in B1 or B2."""
        t1, t2 = self._t1, self._t2
        if t1 and (len(t1) > self._p or (page in self._b2 and len(t1) == self._p)):
            kept, remembered = t1, self._b1
        else:
            kept, remembered = t2, self._b2
        victim = kept.popitem(last=False)[0]
        self.evict(victim)
        remembered[victim] = None
