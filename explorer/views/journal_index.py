"""What is read off a branch's journal once, and then only for the steps that came since.

A look at every step of a long run must not read the whole journal each time. Such a value covers the whole
recorded branch, wherever the cursor stands; it is dropped when steps are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from engine.memory.cells import Array
from engine.run.history import History

T = TypeVar("T")


class Series:
    """Numbers in an array that has room for more."""

    def __init__(self) -> None:
        self._room: Array = np.zeros(64, np.int64)
        self._used = 0

    @property
    def values(self) -> Array:
        """The numbers so far; not a copy."""
        return self._room[: self._used]

    def extend(self, more: npt.ArrayLike) -> None:
        """Add numbers at the end."""
        added = np.asarray(more, np.int64)
        used = self._used + added.size
        if used > self._room.size:
            room = np.zeros(max(used, 2 * self._room.size), np.int64)
            room[: self._used] = self.values
            self._room = room
        self._room[self._used : used] = added
        self._used = used


@dataclass
class _Kept(Generic[T]):
    """The values of one history's branches, and up to which step each is worked out."""

    cuts: int
    values: dict[int, tuple[T, int]] = field(default_factory=dict)


class Growing(Generic[T]):
    """A value of each branch of each history, brought up to date when asked for.

    make:   an empty value for a history.
    extend: takes (value, history, first, last): work the steps first + 1 .. last of the current branch in.
    """

    def __init__(self, make: Callable[[History], T], extend: Callable[[T, History, int, int], None]) -> None:
        self._make = make
        self._extend = extend
        self._kept: WeakKeyDictionary[History, _Kept[T]] = WeakKeyDictionary()

    def of(self, history: History) -> T:
        """The value of the current branch, up to its last recorded step."""
        kept = self._kept.get(history)
        if kept is None or kept.cuts != history.cuts:
            kept = self._kept[history] = _Kept(history.cuts)
        value, known = kept.values.get(history.current) or (self._make(history), 0)
        if known < history.total:
            self._extend(value, history, known, history.total)
        kept.values[history.current] = value, history.total
        return value


class Remembered:
    """Answers about a history's recorded steps, by any key that names the branch and the step.

    most: answers kept; beyond, they are forgotten and worked out anew.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._kept: WeakKeyDictionary[History, tuple[int, dict[Any, Any]]] = WeakKeyDictionary()

    def get(self, history: History, key: Any, work_out: Callable[[], T]) -> T:
        """The answer to `key`, worked out unless it is known."""
        cuts, known = self._kept.get(history, (history.cuts, {}))
        if cuts != history.cuts or len(known) >= self._most:
            known = {}
        self._kept[history] = history.cuts, known
        if key not in known:
            known[key] = work_out()
        answer: T = known[key]
        return answer
