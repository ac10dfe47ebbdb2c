"""The distinct pages of a reference string that comes in chunks, numbered as they come.

A hash table in arrays, with linear probing: all pages of a chunk are looked up at once, in as many rounds as
the longest probe.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import BadInput

MOST_PAGES: Final = 1 << 24
"""Distinct pages of a string, at most."""

_EMPTY: Final = -1
_LEAST_SLOTS: Final = 1 << 12
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)

Pages = npt.NDArray[np.int64]
Indices = npt.NDArray[np.uint32]


class DistinctPages:
    """The distinct pages that have come so far; each has an index, from 0."""

    def __init__(self, name: str) -> None:
        """Start without pages; `name` is what messages call the string."""
        self._name = name
        self._pages = np.empty(_LEAST_SLOTS, np.int64)
        self._count = 0
        self._make_slots(_LEAST_SLOTS)

    def __len__(self) -> int:
        return self._count

    @property
    def pages(self) -> Pages:
        """The pages, by index."""
        return self._pages[: self._count]

    def indices(self, pages: Pages) -> Indices:
        """Return the index of each page; a page that is new gets the next one.

        Errors: BadInput if there are more than MOST_PAGES.
        """
        slots = self._slots_of(pages)
        new = np.unique(pages[self._keys[slots] == _EMPTY])
        if len(new):
            self._add(new)
            slots = self._slots_of(pages)
        return self._values[slots]

    def _make_slots(self, count: int) -> None:
        self._keys = np.full(count, _EMPTY, np.int64)
        self._values = np.zeros(count, np.uint32)
        self._shift = np.uint64(64 - (count.bit_length() - 1))

    def _slots_of(self, pages: Pages) -> npt.NDArray[np.int64]:
        """The slot of each page; for a new one, the empty slot at which its search ends."""
        slots = ((pages.view(np.uint64) * _FACTOR) >> self._shift).view(np.int64)
        keys = self._keys[slots]
        open_ = np.flatnonzero((keys != pages) & (keys != _EMPTY))
        while len(open_):
            further = (slots[open_] + 1) & (len(self._keys) - 1)
            slots[open_] = further
            keys = self._keys[further]
            open_ = open_[(keys != pages[open_]) & (keys != _EMPTY)]
        return slots

    def _add(self, new: Pages) -> None:
        count = self._count + len(new)
        if count > MOST_PAGES:
            problem = f"the string touches more than {MOST_PAGES:,} distinct pages"
            raise BadInput(f"{problem}; use larger pages (--page-size) or a shorter string", file=self._name)
        if count > len(self._pages):
            self._pages = np.concatenate((self._pages, np.empty(max(count, len(self._pages)), np.int64)))
        self._pages[self._count : count] = new
        first, self._count = self._count, count
        if 2 * count > len(self._keys):
            self._make_slots(1 << (4 * count).bit_length())
            first = 0
        self._place(np.arange(first, count, dtype=np.uint32))

    def _place(self, indices: Indices) -> None:
        """Give each of these pages the slot at which its search ends; of those at one slot, to one only."""
        while len(indices):
            pages = self._pages[indices]
            slots = self._slots_of(pages)
            self._keys[slots] = pages
            placed = self._keys[slots] == pages
            self._values[slots[placed]] = indices[placed]
            indices = indices[~placed]
