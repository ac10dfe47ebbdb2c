"""Belady's optimal policy, which knows the rest of the string."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappush, heapreplace
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.policies.policy import Policy

PAGE_BITS: Final = 24
"""Bits of a page in a key."""

_PART: Final = 1 << 18
"""References of which the next ones are looked up together."""


class Opt(Policy):
    """OPT: the page that comes again last loses its frame; of those that never do, the lowest.

    The heap has a key for each reference until now. A key expires when its page comes again, so the keys of
    pages that have frames come before all that expired: the first key is always that of a page with a frame.

    Source: Belady, "A Study of Replacement Algorithms for a Virtual-Storage Computer" (1966).
    """

    name = "opt"

    def __init__(self, frames: int) -> None:
        """Start with empty frames."""
        super().__init__(frames)
        self._resident: set[int] = set()
        self._heap: list[int] = []

    def run(self, pages: Sequence[int], writes: Iterable[bool], keys: Iterable[int] = ()) -> None:
        """Take some references; `keys` are those of `replacement_keys`."""
        resident, heap, written = self._resident, self._heap, self.written
        for page, write, key in zip(pages, writes, keys, strict=False):
            if page in resident:
                heappush(heap, key)
            else:
                self.misses += 1
                if len(resident) < self.frames:
                    heappush(heap, key)
                else:
                    victim = heapreplace(heap, key) & ((1 << PAGE_BITS) - 1)
                    resident.remove(victim)
                    self.evict(victim)
                resident.add(page)
            if write:
                written.add(page)

    def forget(self, left: int) -> None:
        """Remove the keys that have expired, with so many references left in the string."""
        least = (left + 1) << PAGE_BITS
        self._heap[:] = [key for key in self._heap if key < least]
        heapify(self._heap)


def next_uses(indices: npt.NDArray[np.uint32], pages: int) -> npt.NDArray[np.uint32]:
    """Return where each page comes next; the length of the string where it never does.

    indices: of the pages of the string, below `pages`; fewer than 2^32.
    """
    found = np.empty(len(indices), np.uint32)
    soonest = np.full(pages, len(indices), np.uint32)
    for start in reversed(range(0, len(indices), _PART)):
        part = indices[start : start + _PART]
        # Sorted by page and then by place: each place is followed by the next one of its page.
        order = np.argsort(part, kind="stable")
        ordered = part[order]
        last = np.append(ordered[1:] != ordered[:-1], True)
        first = np.roll(last, 1)
        after = np.roll(order, -1) + start
        after[last] = soonest[ordered[last]]
        found[start + order] = after
        soonest[ordered[first]] = order[first] + start
    return found


def replacement_keys(
    indices: npt.NDArray[np.uint32], following: npt.NDArray[np.uint32], length: int
) -> npt.NDArray[np.int64]:
    """Return a key for each reference: the smaller, the earlier OPT takes the frame of its page.

    following: where each page comes next, in a string of this length.
    """
    return ((length - following.astype(np.int64)) << PAGE_BITS) | indices
