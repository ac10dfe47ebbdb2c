"""A block of history: up to 16,384 consecutive steps, and their writes.

A step is packed into one 64-bit number: the end of its writes within the block, 12 bits of thread number
and 16 bits of label number. Only this module and the journal unpack that number; the one loop that cannot
afford a call (`Runner._turns`) packs it.

A full block is sealed: its buffers are cut to what they hold, its net change is computed (each address
once, with its value before and after), and it never changes again. So any number of branches can share it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

BLOCK: Final = 16384
"""The number of steps of a full block."""

EVENT: Final = 0xFFF
"""Thread number of a step that no thread took: a tick, a timeout, an I/O completion. All bits are set."""

END_SHIFT: Final = 28
"""From this bit up, a packed step holds the end of its writes."""

THREAD_SHIFT: Final = 16
LABEL_MASK: Final = 0xFFFF

WRITE_BYTES: Final = 20
STEP_BYTES: Final = 8

_FIRST_ROOM: Final = 1024
_MORE_ROOM: Final = 4096

Numbers = npt.NDArray[np.int64]
"""Steps, write numbers, threads, label numbers, or values of cells."""

NetChange = tuple[npt.NDArray[np.intp], Numbers, Numbers]
"""The addresses written in a block, their values before it and their values after it."""


def key(thread: int) -> int:
    """Return the bits of a packed step that hold its thread number."""
    return thread << THREAD_SHIFT


class Block:
    """The writes (address, old, new) of consecutive steps, and the packed steps.

    room: for how many writes there is memory before the buffers have to grow.
    net:  the net change of a sealed block; None while steps are added.
    sealed_bytes: the size of a sealed block, its net change included; 0 while steps are added.
    """

    __slots__ = ("address", "net", "new", "old", "packed", "sealed_bytes")

    def __init__(self, room: int = _FIRST_ROOM) -> None:
        self.address = np.zeros(room, np.uint32).data
        self.old = np.zeros(room, np.int64).data
        self.new = np.zeros(room, np.int64).data
        # The operating system commits these 128 KiB only as they are written.
        self.packed = np.zeros(BLOCK, np.int64).data
        self.net: NetChange | None = None
        self.sealed_bytes = 0

    def grow(self) -> None:
        """Double the buffers for writes."""
        for name in ("address", "old", "new"):
            view = np.asarray(getattr(self, name))
            setattr(self, name, np.concatenate([view, np.zeros_like(view)]).data)

    def end(self, steps: int) -> int:
        """The number of writes of the first `steps` steps of the block."""
        return self.packed[steps - 1] >> END_SHIFT if steps else 0

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The writes of the block's steps first + 1 .. last, counted from 1: begin .. end - 1."""
        packed = self.packed
        return packed[first - 1] >> END_SHIFT if first else 0, packed[last - 1] >> END_SHIFT if last else 0

    def copy(self, steps: int) -> Block:
        """Return an open block with the first `steps` steps of this one."""
        writes = self.end(steps)
        other = Block(writes + _MORE_ROOM)
        other.packed[:steps] = self.packed[:steps]
        for name in ("address", "old", "new"):
            getattr(other, name)[:writes] = getattr(self, name)[:writes]
        return other

    def seal(self) -> None:
        """Give back the memory that a full block does not use, and compute its net change."""
        writes = self.end(BLOCK)
        self.address = np.asarray(self.address)[:writes].copy().data
        self.old = np.asarray(self.old)[:writes].copy().data
        self.new = np.asarray(self.new)[:writes].copy().data
        addresses = np.asarray(self.address)
        order = np.argsort(addresses, kind="stable")
        ascending = addresses[order]
        begin = np.flatnonzero(np.diff(ascending, prepend=-1))
        old, new = np.asarray(self.old), np.asarray(self.new)
        last = np.append(begin[1:], writes)[: len(begin)] - 1
        self.net = ascending[begin].astype(np.intp), old[order[begin]], new[order[last]]
        self.sealed_bytes = WRITE_BYTES * writes + STEP_BYTES * BLOCK + sum(part.nbytes for part in self.net)

    def may_have_written(self, address: int) -> bool:
        """Whether a step of the block may have written a cell; true for a block that is not sealed."""
        if self.net is None:
            return True
        addresses = self.net[0]
        at = int(addresses.searchsorted(address))
        return at < len(addresses) and int(addresses[at]) == address
