"""A part of a reference string that is read or made bit by bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

NONE: Final = 0
READ: Final = 1
WRITE: Final = 2
FETCH: Final = 3
"""The kinds of access: none, a read, a write (or a read and a write), the fetch of an instruction."""

UNKNOWN: Final = 255

MOST_BYTES: Final = 1 << 16
"""Bytes of one access, at most: more is not one access of a processor."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some references: the number of the page of each, and whether it writes."""

    pages: npt.NDArray[np.int64]
    writes: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.pages)


@dataclass(frozen=True, eq=False)
class Accesses:
    """What the lines of a block say, an element for each line.

    kinds:     of the access; NONE for a line without one.
    addresses: of the first byte.
    sizes:     in bytes, at least 1; address + size - 1 fits 64 bits.
    """

    kinds: npt.NDArray[np.uint8]
    addresses: npt.NDArray[np.uint64]
    sizes: npt.NDArray[np.uint64]

    def chunk(self, page_shift: int, *, code: bool) -> Chunk:
        """The references: one for each page of an access, in rising order.

        page_shift: log2 of the size of a page.
        code:       whether fetches of instructions are references.
        """
        there = self.kinds != NONE
        if not code:
            there &= self.kinds != FETCH
        addresses, shift = self.addresses[there], np.uint64(page_shift)
        pages = (addresses >> shift).astype(np.int64)
        last = ((addresses + (self.sizes[there] - np.uint64(1))) >> shift).astype(np.int64)
        writes = self.kinds[there] == WRITE
        if not np.array_equal(pages, last):
            more = last - pages + 1
            starts = np.cumsum(more) - more
            pages = np.arange(more.sum()) + np.repeat(pages - starts, more)
            writes = np.repeat(writes, more)
        return Chunk(pages, writes)
