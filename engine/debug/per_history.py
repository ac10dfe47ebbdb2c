"""Caches of values derived from a history, kept as long as the history exists.

A search over a long run must not read the whole journal each time. A cached value covers the recorded branch,
independent of the cursor, and is extended by new steps. Steps dropped by `History.forget` are dropped here
too; a fork starts with what is known about the steps it shares with its parent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from engine.memory.cells import Array
from engine.run.history import History

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class PerHistory(Generic[T]):
    """A value of each history, computed at its first use.

    make: computes the value. The value must not refer to the history, or neither would ever be freed.
    """

    def __init__(self, make: Callable[[History], T]) -> None:
        self._make = make
        self._kept: WeakKeyDictionary[History, T] = WeakKeyDictionary()

    def of(self, history: History) -> T:
        """Return the value of a history."""
        try:
            return self._kept[history]
        except KeyError:
            value = self._kept[history] = self._make(history)
            return value


@dataclass
class _Branches(Generic[T]):
    """Branch -> its value and the last step that the value covers; cuts: the number of cuts applied."""

    values: dict[int, tuple[T, int]] = field(default_factory=dict)
    cuts: int = 0


class Growing(Generic[T]):
    """A value of each branch of each history, brought up to date at each use.

    make:   returns an empty value for a history.
    extend: takes (value, history, first, last); adds steps first + 1 .. last of the current branch.
    until:  takes (value, step); returns an independent value that covers only the steps up to `step`. Without
            it, a fork, and a branch that lost known steps, start with an empty value.
    """

    def __init__(
        self,
        make: Callable[[History], T],
        extend: Callable[[T, History, int, int], None],
        until: Callable[[T, int], T] | None = None,
    ) -> None:
        self._make = make
        self._extend = extend
        self._until = until
        self._kept: PerHistory[_Branches[T]] = PerHistory(lambda _: _Branches())

    def of(self, history: History) -> T:
        """Return the value of the current branch, up to its last recorded step."""
        kept, here, total = self._kept.of(history), history.current, history.total
        if kept.cuts < len(history.cuts):
            self._cut(kept, history.cuts)
        values = kept.values
        value, known = values[here] if here in values else self._initial(history, values)
        if known < total or here not in values:
            # An interrupted extension must not leave a partly extended value.
            values.pop(here, None)
            self._extend(value, history, known, total)
            values[here] = value, total
        return value

    def _cut(self, kept: _Branches[T], cuts: list[tuple[int, int]]) -> None:
        for number, step in cuts[kept.cuts :]:
            if number in kept.values and kept.values[number][1] > step:
                value, _ = kept.values.pop(number)
                if self._until is not None:
                    kept.values[number] = self._until(value, step), step
        kept.cuts = len(cuts)

    def _initial(self, history: History, values: dict[int, tuple[T, int]]) -> tuple[T, int]:
        branch = history.branch
        if self._until is None or branch.parent not in values:
            return self._make(history), 0
        value, known = values[branch.parent]
        known = min(known, branch.fork_step)
        return self._until(value, known), known


class Remembered(Generic[K, T]):
    """A cache of answers about a branch's recorded steps, by key.

    most: the maximum number of answers of a branch; when it is reached, all are dropped.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: Growing[dict[K, tuple[T, int]]] = Growing(lambda _: {}, _nothing_new, _known_at)

    def get(self, history: History, key: K, work_out: Callable[[], Mapping[K, T]]) -> T:
        """Return the answer to `key` in the current branch.

        work_out: computes this answer, and possibly others, if it is not cached.
        """
        known = self._known.of(history)
        if key not in known:
            more = work_out()
            if len(known) >= self._most:
                known.clear()
            known.update((other, (answer, history.total)) for other, answer in more.items())
        return known[key][0]


def _nothing_new(known: object, history: History, first: int, last: int) -> None:
    """Do nothing: new steps do not change answers about earlier ones."""


def _known_at(known: dict[K, tuple[T, int]], step: int) -> dict[K, tuple[T, int]]:
    """Return the answers that were computed when no step after `step` was recorded."""
    return {key: (answer, total) for key, (answer, total) in known.items() if total <= step}


class Rows:
    """A growable array of rows of numbers, ascending by their first number, a step.

    width: the number of numbers in a row; kind: their type, which is also that of the columns.
    """

    def __init__(self, width: int = 1, kind: npt.DTypeLike = np.int64) -> None:
        self._room: Array = np.zeros((width, 64), kind)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def columns(self) -> Array:
        """The rows so far; (width, rows), not a copy. The first column holds the steps."""
        return self._room[:, : self._used]

    def extend(self, *columns: npt.ArrayLike) -> None:
        """Append rows, given as their `width` columns."""
        used = self._used + np.size(columns[0])
        if used > self._room.shape[1]:
            room = np.zeros((len(self._room), max(used, 2 * self._room.shape[1])), self._room.dtype)
            room[:, : self._used] = self.columns
            self._room = room
        for column, more in zip(self._room, columns, strict=True):
            column[self._used : used] = more
        self._used = used

    def between(self, first: int, last: int) -> Array:
        """Return the rows of steps first + 1 .. last; (width, rows), not a copy."""
        steps = self._room[0, : self._used]
        low = int(steps.searchsorted(first, side="right")) if first else 0
        return self._room[:, low : int(steps.searchsorted(last, side="right"))]

    def until(self, step: int) -> Rows:
        """Return a copy with only the steps up to `step`."""
        other = Rows(len(self._room), self._room.dtype)
        other.extend(*self.between(0, step))
        return other
