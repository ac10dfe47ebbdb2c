"""The steps that were announced in certain words, looked for once: asking again costs what is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from engine.debug.journal_search import Steps
from engine.run.history import History

_NONE: Steps = np.zeros(0, np.int64)


@dataclass
class _Known:
    """What was found in the steps 1 .. known of one branch; wanted: which of its labels count."""

    known: int = 0
    found: Steps = field(default_factory=lambda: _NONE)
    wanted: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


class Labelled:
    """The steps whose announcement satisfies `wanted`, for any number of histories.

    A fork takes over what its parent's steps up to the fork gave; a history that dropped steps is searched
    anew.
    """

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._kept: WeakKeyDictionary[History, tuple[int, dict[int, _Known]]] = WeakKeyDictionary()

    def steps(self, history: History, last: int) -> Steps:
        """Those among the steps 1 .. last of the current branch, ascending."""
        known = self._of(history)
        if known.known < history.total:
            self._extend(history, known)
        return known.found[: int(np.searchsorted(known.found, last, side="right"))]

    def _of(self, history: History) -> _Known:
        cuts, branches = self._kept.get(history, (history.cuts, {}))
        if cuts != history.cuts:
            branches = {}
        self._kept[history] = history.cuts, branches
        if history.current not in branches:
            branches[history.current] = self._inherited(history, branches)
        return branches[history.current]

    def _inherited(self, history: History, branches: dict[int, _Known]) -> _Known:
        branch = history.branch
        parent = None if branch.parent is None else branches.get(branch.parent)
        if parent is None:
            return _Known()
        known = min(parent.known, branch.fork_step)
        return _Known(known, parent.found[: int(np.searchsorted(parent.found, known, side="right"))])

    def _extend(self, history: History, known: _Known) -> None:
        names = history.journal.names
        if len(known.wanted) < len(names):
            more = [self._wanted(name) for name in names[len(known.wanted) :]]
            known.wanted = np.concatenate([known.wanted, np.array(more, np.bool_)])
        labels = history.journal.label_numbers(known.known, history.total)
        hits = np.flatnonzero(known.wanted[labels])
        if hits.size:
            known.found = np.concatenate([known.found, hits + known.known + 1])
        known.known = history.total
