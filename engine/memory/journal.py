"""The journal: every write to the memory, and where each step's writes end.

A recorded run costs three stores per write and one per step, so the buffers are memoryviews that double when
an index runs past their end. A step is packed into one 64-bit number: the end of its writes, 12 bits of
thread number and 16 bits of label number. Only this module unpacks that number.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import Finding

EVENT: Final = 0xFFF
"""Thread number of a step that no thread took: a tick, a timeout, an I/O completion. All bits are set."""

END_SHIFT: Final = 28
"""From this bit up, a packed step holds the end of its writes; for the one loop that cannot afford `mark`."""

_THREAD_SHIFT: Final = 16
_LABEL_MASK: Final = 0xFFFF

Numbers = npt.NDArray[np.int64]
"""Steps, write numbers, threads or label numbers."""


def key(thread: int) -> int:
    """Return the bits of a packed step that hold its thread number."""
    return thread << _THREAD_SHIFT


class JournalFullError(Finding):
    """The history has reached its limit; the step that reached it is complete and recorded."""


class Journal:
    """Every write (address, old, new) and, for each step, the end of its writes, its thread and its label.

    A write takes 20 bytes, a step 8. The writes of step n are those between the ends of step n - 1 and step
    n. Writes are numbered from 0, steps from 1; step 0 is the state before the first step.

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
        """Size of the history in bytes."""
        return 20 * self.writes + 8 * self.steps

    def grow(self) -> None:
        """Double the buffers for writes."""
        for name in ("address", "old", "new"):
            view = np.asarray(getattr(self, name))
            setattr(self, name, np.concatenate([view, np.zeros_like(view)]).data)

    def mark(self, thread: int, label: str) -> None:
        """End a step: it owns the writes since the end of the previous step.

        Errors: JournalFullError if the limit is reached; the step is recorded first.
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
        """Return how many writes fit in the history in any case if `steps` more steps are recorded.

        Also makes the buffer large enough for those steps.
        """
        while len(self.packed) < self.steps + steps:
            self._grow_steps()
        return (self.limit - 8 * (self.steps + steps)) // 20

    def _grow_steps(self) -> None:
        packed = self._packed
        self.packed = np.concatenate([packed, np.zeros_like(packed)]).data

    # --- one step -----------------------------------------------------------------------------------------

    def end(self, step: int) -> int:
        """End of the writes of step `step` (0 .. steps): the number of the first write after it."""
        return self.packed[step - 1] >> END_SHIFT if step else 0

    def step_of(self, write: int) -> int:
        """The step that made write number `write` (from 0)."""
        low, high = 1, self.steps
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.end(middle) > write else (middle + 1, high)
        return low

    def thread(self, step: int) -> int:
        """The thread that took step `step` (1 .. steps), or EVENT."""
        return self.packed[step - 1] >> _THREAD_SHIFT & EVENT

    def label(self, step: int) -> str:
        """The label of step `step` (1 .. steps): a description of its action."""
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
        """End of the writes of each of `steps` (0 .. steps); int64, same shape."""
        return np.where(steps > 0, self._packed[steps - 1] >> END_SHIFT, 0)

    def threads(self, first: int, last: int) -> Numbers:
        """The thread, or EVENT, of each step first + 1 .. last; int64, (last - first,)."""
        return self._packed[first:last] >> _THREAD_SHIFT & EVENT

    def threads_at(self, steps: Numbers) -> Numbers:
        """The thread, or EVENT, of each of `steps` (1 .. steps); int64, same shape."""
        return self._packed[steps - 1] >> _THREAD_SHIFT & EVENT

    def label_numbers(self, first: int, last: int) -> Numbers:
        """The label number of each step first + 1 .. last; int64, (last - first,)."""
        return self._packed[first:last] & _LABEL_MASK

    def label_numbers_at(self, steps: Numbers) -> Numbers:
        """The label number of each of `steps` (1 .. steps); int64, same shape."""
        return self._packed[steps - 1] & _LABEL_MASK

    def addresses(self, first: int, last: int) -> npt.NDArray[np.uint32]:
        """The address of each write of steps first + 1 .. last; a view, not a copy.

        The first element belongs to write number `end(first)`.
        """
        return np.asarray(self.address)[self.end(first) : self.end(last)]

    def writes_to(self, first: int, beyond: int) -> Numbers:
        """The numbers of all writes to the cells first .. beyond - 1, ascending; int64, (n,)."""
        addresses = np.asarray(self.address)[: self.writes]
        # An unsigned address below `first` wraps around to a large number: one comparison checks both bounds.
        return np.flatnonzero(addresses - np.uint32(first) < beyond - first)

    def written(self, first: int, last: int) -> tuple[npt.NDArray[np.uint32], Numbers, Numbers]:
        """The address, old and new value of each write of steps first + 1 .. last; views, not copies."""
        span = slice(self.end(first), self.end(last))
        return np.asarray(self.address)[span], np.asarray(self.old)[span], np.asarray(self.new)[span]

    def steps_of(self, writes: Numbers) -> Numbers:
        """The step that made each of the writes with these numbers; int64, same shape."""
        # The end of the writes is in the top bits of a packed step, so the packed steps are sorted by
        # it and no copy of the ends is necessary.
        return np.searchsorted(self._packed[: self.steps], (writes + 1) << END_SHIFT) + 1

    # --- going back and forking ---------------------------------------------------------------------------

    def cut(self, step: int) -> None:
        """Drop every step after `step`; the caller restores the cells."""
        self.writes = self.end(step)
        self.steps = step

    def undo(self, cells: memoryview[int], step: int) -> None:
        """Undo in `cells` every write made after step `step`, and drop those steps."""
        end = self.end(step)
        for n in range(self.writes - 1, end - 1, -1):
            cells[self.address[n]] = self.old[n]
        self.writes = end
        self.steps = step

    def fork(self, step: int) -> Journal:
        """Return an independent journal with the same history up to step `step`."""
        other = Journal(self.limit)
        other.names, other.labels = list(self.names), dict(self.labels)
        end = self.end(step)
        for name, length in (("address", end), ("old", end), ("new", end), ("packed", step)):
            kept = np.asarray(getattr(self, name))[:length]
            setattr(other, name, np.concatenate([kept, np.zeros(max(length, 1024), kept.dtype)]).data)
        other.writes, other.steps = end, step
        return other
