"""What is worked out about a history and kept as long as the history lives.

A look at every step of a long run must not read the whole journal each time. What is kept covers the recorded
branch, wherever the cursor stands, and is extended by the steps that are new. Steps that `History.forget`
dropped are dropped here too; a fork takes over what was known of the steps that it shares with its parent.
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
    """A value of each history, made when it is first asked for.

    make: takes the history. The value must not refer to it, or neither would ever be freed.
    """

    def __init__(self, make: Callable[[History], T]) -> None:
        self._make = make
        self._kept: WeakKeyDictionary[History, T] = WeakKeyDictionary()

    def of(self, history: History) -> T:
        """The value of a history."""
        try:
            return self._kept[history]
        except KeyError:
            value = self._kept[history] = self._make(history)
            return value


@dataclass
class _Branches(Generic[T]):
    """By branch its value, and up to which step that is worked out; cuts: how many of them it knows of."""

    values: dict[int, tuple[T, int]] = field(default_factory=dict)
    cuts: int = 0


class Growing(Generic[T]):
    """A value of each branch of each history, brought up to date when it is asked for.

    make:   an empty value for a history.
    extend: takes (value, history, first, last): work the steps first + 1 .. last of the current branch in.
    until:  takes (value, step): a value of its own that knows the steps up to `step` only. Without it a fork,
            and a branch of which known steps were dropped, begin anew.
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
        """The value of the current branch, up to its last recorded step."""
        kept, here, total = self._kept.of(history), history.current, history.total
        if kept.cuts < len(history.cuts):
            self._cut(kept, history.cuts)
        values = kept.values
        value, known = values[here] if here in values else self._begin(history, values)
        if known < total or here not in values:
            # An extension that is interrupted must not leave a value that is extended by halves.
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

    def _begin(self, history: History, values: dict[int, tuple[T, int]]) -> tuple[T, int]:
        branch = history.branch
        if self._until is None or branch.parent not in values:
            return self._make(history), 0
        value, known = values[branch.parent]
        known = min(known, branch.fork_step)
        return self._until(value, known), known


class Remembered(Generic[K, T]):
    """Answers about a branch's recorded steps, by key.

    most: answers of one branch that are kept; when there are as many, all are forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: Growing[dict[K, tuple[T, int]]] = Growing(lambda _: {}, _nothing_new, _told_by)

    def get(self, history: History, key: K, work_out: Callable[[], Mapping[K, T]]) -> T:
        """The answer to `key` in the current branch.

        work_out: gives this answer, and maybe others, when it is not known.
        """
        known = self._known.of(history)
        if key not in known:
            more = work_out()
            if len(known) >= self._most:
                known.clear()
            known.update((other, (answer, history.total)) for other, answer in more.items())
        return known[key][0]


def _nothing_new(known: object, history: History, first: int, last: int) -> None:
    """New steps change no answer about those before."""


def _told_by(known: dict[K, tuple[T, int]], step: int) -> dict[K, tuple[T, int]]:
    """The answers that were worked out when no step after `step` was recorded."""
    return {key: (answer, total) for key, (answer, total) in known.items() if total <= step}


class Rows:
    """Rows of numbers, each begun by its step; ascending, with room for more.

    width: how many numbers a row has.
    """

    def __init__(self, width: int = 1) -> None:
        self._room: Array = np.zeros((width, 64), np.int64)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def columns(self) -> Array:
        """The rows so far; int64, (width, rows), not a copy. The first column is the steps."""
        return self._room[:, : self._used]

    def extend(self, *columns: npt.ArrayLike) -> None:
        """Add rows at the end, given as their `width` columns."""
        used = self._used + np.size(columns[0])
        if used > self._room.shape[1]:
            room = np.zeros((len(self._room), max(used, 2 * self._room.shape[1])), np.int64)
            room[:, : self._used] = self.columns
            self._room = room
        for column, more in zip(self._room, columns, strict=True):
            column[self._used : used] = more
        self._used = used

    def between(self, first: int, last: int) -> Array:
        """The rows of the steps first + 1 .. last; int64, (width, rows), not a copy."""
        steps = self._room[0, : self._used]
        low = int(steps.searchsorted(first, side="right")) if first else 0
        return self._room[:, low : int(steps.searchsorted(last, side="right"))]

    def until(self, step: int) -> Rows:
        """Rows of its own with the steps up to `step`."""
        other = Rows(len(self._room))
        other.extend(*self.between(0, step))
        return other
