"""The journal: every write to the memory, and where each step's writes end.

The speed of a recorded run is the speed of three stores a write and one a step, so the buffers are
memoryviews that double when an index runs past them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.errors import Finding

EVENT: Final = 0xFFF
"""The thread number in a step's mark when no thread took the step: a tick, a timeout, an I/O completion."""


class JournalFullError(Finding):
    """The history has reached its limit; the step that reached it is complete and recorded."""


class Journal:
    """Every write (address, old, new) and, for each step, where its writes end, who took it and its label.

    20 bytes a write and 8 a step. Step n's writes are those between the ends of step n - 1 and step n.

    limit: bytes of history after which `mark` raises JournalFullError.
    """

    __slots__ = ("address", "labels", "limit", "marks", "names", "new", "old", "steps", "writes")

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
        self.marks = np.zeros(steps, np.int64).data

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
        """End a step: the writes since the last mark are its own.

        Errors: JournalFullError, after the mark is made, when the limit is reached.
        """
        number = self.labels.get(label)
        if number is None:
            number = self.labels[label] = len(self.names)
            self.names.append(label)
        try:
            self.marks[self.steps] = self.writes << 28 | thread << 16 | number
        except IndexError:
            self._grow_marks()
            self.marks[self.steps] = self.writes << 28 | thread << 16 | number
        self.steps += 1
        if 20 * self.writes + 8 * self.steps > self.limit:
            raise JournalFullError(
                f"the history is full: {self.steps} steps in {self.bytes} bytes, of {self.limit} allowed"
            )

    def room(self, steps: int) -> int:
        """Up to how many writes the history certainly does not fill, within `steps` more steps.

        Room for that many marks is made.
        """
        while len(self.marks) < self.steps + steps:
            self._grow_marks()
        return (self.limit - 8 * (self.steps + steps)) // 20

    def _grow_marks(self) -> None:
        marks = np.asarray(self.marks)
        self.marks = np.concatenate([marks, np.zeros_like(marks)]).data

    def end(self, step: int) -> int:
        """Where the writes of step `step` (1 .. steps; 0 = before the first) end."""
        return self.marks[step - 1] >> 28 if step else 0

    def step_of(self, write: int) -> int:
        """The step that made write number `write` (from 0)."""
        low, high = 1, self.steps
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.end(middle) > write else (middle + 1, high)
        return low

    def thread(self, step: int) -> int:
        """Which thread took step `step` (1 .. steps), or EVENT."""
        return self.marks[step - 1] >> 16 & 0xFFF

    def label(self, step: int) -> str:
        """What the action of step `step` (1 .. steps) was."""
        return self.names[self.marks[step - 1] & 0xFFFF]

    def cut(self, step: int) -> None:
        """Forget every step behind `step`; the cells are the caller's business."""
        self.writes = self.end(step)
        self.steps = step

    def undo(self, cells: memoryview[int], step: int) -> None:
        """Take back in `cells` every write after step `step`, and forget it."""
        end = self.end(step)
        for n in range(self.writes - 1, end - 1, -1):
            cells[self.address[n]] = self.old[n]
        self.writes = end
        self.steps = step

    def writes_of(self, step: int) -> list[tuple[int, int, int]]:
        """The (address, old, new) of each write of step `step` (1 .. steps), in order."""
        span = range(self.end(step - 1), self.end(step))
        return [(self.address[n], self.old[n], self.new[n]) for n in span]

    def fork(self, step: int) -> Journal:
        """A journal of its own with the same history up to step `step`."""
        other = Journal(self.limit)
        other.names, other.labels = list(self.names), dict(self.labels)
        end = self.end(step)
        for name, length in (("address", end), ("old", end), ("new", end), ("marks", step)):
            kept = np.asarray(getattr(self, name))[:length]
            setattr(other, name, np.concatenate([kept, np.zeros(max(length, 1024), kept.dtype)]).data)
        other.writes, other.steps = end, step
        return other
