"""The journal: every write to the memory, and where each step's writes end.

The speed of a recorded run is the speed of three stores a write and one a step, so the buffers are
memoryviews that double when an index runs past them. A step is packed into one number of 64 bits: where its
writes end, 12 bits for the thread, 16 for the number of its label. Only this module takes that number apart.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import Finding

EVENT: Final = 0xFFF
"""The thread number of a step that no thread took: a tick, a timeout, an I/O completion. All bits are set."""

END_SHIFT: Final = 28
"""Above this bit a packed step says where its writes end: for the one loop that has no time for `mark`."""

_THREAD_SHIFT: Final = 16
_LABEL_MASK: Final = 0xFFFF

Numbers = npt.NDArray[np.int64]
"""Steps, write numbers, threads or label numbers."""


def key(thread: int) -> int:
    """The part of a packed step that names its thread."""
    return thread << _THREAD_SHIFT


class JournalFullError(Finding):
    """The history has reached its limit; the step that reached it is complete and recorded."""


class Journal:
    """Every write (address, old, new) and, for each step, where its writes end, who took it and its label.

    20 bytes a write and 8 a step. Step n's writes are those between the ends of step n - 1 and step n. Writes
    are numbered from 0, steps from 1; step 0 is the moment before the first.

    limit:  bytes of history after which `mark` raises JournalFullError.
    labels: the number of each label; names: the label of each number.
    """

    __slots__ = ("address", "labels", "limit", "names", "new", "old", "packed", "steps", "writes")

    def __init__(self, limit: int = 1 << 30) -> None:
        self.limit = limit
        self.writes = 0
        self.steps = 0
        self.names: list[str] = []
        self.labels: dict[str, int] = {}
        self._reserve(1024, 1024)

    def _reserve(self, writes: int, steps: int) -> None:
        self.address = np.zeros(writes, np.uint32).data
        self.old = np.zeros(writes, np.int64).data
        self.new = np.zeros(writes, np.int64).data
        self.packed = np.zeros(steps, np.int64).data

    @property
    def bytes(self) -> int:
        """How much history there is, in bytes."""
        return 20 * self.writes + 8 * self.steps

    def grow(self) -> None:
        """Double the room for writes."""
        for name in ("address", "old", "new"):
            view = np.asarray(getattr(self, name))
            setattr(self, name, np.concatenate([view, np.zeros_like(view)]).data)

    def mark(self, thread: int, label: str) -> None:
        """End a step: the writes since the last one are its own.

        Errors: JournalFullError, after the step is recorded, when the limit is reached.
        """
        number = self.labels.get(label)
        if number is None:
            number = self.labels[label] = len(self.names)
            self.names.append(label)
        packed = self.writes << END_SHIFT | thread << _THREAD_SHIFT | number
        try:
            self.packed[self.steps] = packed
        except IndexError:
            self._grow_steps()
            self.packed[self.steps] = packed
        self.steps += 1
        if 20 * self.writes + 8 * self.steps > self.limit:
            raise JournalFullError(
                f"the history is full: {self.steps} steps in {self.bytes} bytes, of {self.limit} allowed"
            )

    def room(self, steps: int) -> int:
        """Up to how many writes the history certainly does not fill, within `steps` more steps.

        Room for that many steps is made.
        """
        while len(self.packed) < self.steps + steps:
            self._grow_steps()
        return (self.limit - 8 * (self.steps + steps)) // 20

    def _grow_steps(self) -> None:
        packed = self._packed
        self.packed = np.concatenate([packed, np.zeros_like(packed)]).data

    # --- one step -----------------------------------------------------------------------------------------

    def end(self, step: int) -> int:
        """Where the writes of step `step` (0 .. steps) end: the number of the first write after it."""
        return self.packed[step - 1] >> END_SHIFT if step else 0

    def step_of(self, write: int) -> int:
        """The step that made write number `write` (from 0)."""
        low, high = 1, self.steps
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.end(middle) > write else (middle + 1, high)
        return low

    def thread(self, step: int) -> int:
        """Which thread took step `step` (1 .. steps), or EVENT."""
        return self.packed[step - 1] >> _THREAD_SHIFT & EVENT

    def label(self, step: int) -> str:
        """What the action of step `step` (1 .. steps) was."""
        return self.names[self.packed[step - 1] & _LABEL_MASK]

    def writes_of(self, step: int) -> list[tuple[int, int, int]]:
        """The (address, old, new) of each write of step `step` (1 .. steps), in order."""
        span = range(self.end(step - 1), self.end(step))
        return [(self.address[n], self.old[n], self.new[n]) for n in span]

    # --- many steps ---------------------------------------------------------------------------------------

    @property
    def _packed(self) -> Numbers:
        return np.asarray(self.packed)

    def ends(self, steps: Numbers) -> Numbers:
        """Where the writes of each of `steps` (0 .. steps) end; int64, of the same shape."""
        return np.where(steps > 0, self._packed[steps - 1] >> END_SHIFT, 0)

    def threads(self, first: int, last: int) -> Numbers:
        """The thread, or EVENT, of each of the steps first + 1 .. last; int64, (last - first,)."""
        return self._packed[first:last] >> _THREAD_SHIFT & EVENT

    def threads_at(self, steps: Numbers) -> Numbers:
        """The thread, or EVENT, of each of `steps` (1 .. steps); int64, of the same shape."""
        return self._packed[steps - 1] >> _THREAD_SHIFT & EVENT

    def label_numbers(self, first: int, last: int) -> Numbers:
        """The number of the label of each of the steps first + 1 .. last; int64, (last - first,)."""
        return self._packed[first:last] & _LABEL_MASK

    def label_numbers_at(self, steps: Numbers) -> Numbers:
        """The number of the label of each of `steps` (1 .. steps); int64, of the same shape."""
        return self._packed[steps - 1] & _LABEL_MASK

    def addresses(self, first: int, last: int) -> npt.NDArray[np.uint32]:
        """The address of each write of the steps first + 1 .. last; not a copy.

        The first of them is that of write number `end(first)`.
        """
        return np.asarray(self.address)[self.end(first) : self.end(last)]

    def steps_of(self, writes: Numbers) -> Numbers:
        """The step that made each of the writes with these numbers; int64, of the same shape."""
        # Where a step's writes end is above everything else: no copy of a million ends is needed.
        return np.searchsorted(self._packed[: self.steps], (writes + 1) << END_SHIFT) + 1

    # --- going back and forking ---------------------------------------------------------------------------

    def cut(self, step: int) -> None:
        """Forget every step after `step`; the cells are the caller's business."""
        self.writes = self.end(step)
        self.steps = step

    def undo(self, cells: memoryview[int], step: int) -> None:
        """Take back in `cells` every write after step `step`, and forget it."""
        end = self.end(step)
        for n in range(self.writes - 1, end - 1, -1):
            cells[self.address[n]] = self.old[n]
        self.writes = end
        self.steps = step

    def fork(self, step: int) -> Journal:
        """A journal of its own with the same history up to step `step`."""
        other = Journal(self.limit)
        other.names, other.labels = list(self.names), dict(self.labels)
        end = self.end(step)
        for name, length in (("address", end), ("old", end), ("new", end), ("packed", step)):
            kept = np.asarray(getattr(self, name))[:length]
            setattr(other, name, np.concatenate([kept, np.zeros(max(length, 1024), kept.dtype)]).data)
        other.writes, other.steps = end, step
        return other
