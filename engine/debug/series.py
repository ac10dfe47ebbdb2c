"""Quantities of a run over its steps, from the journal: counters, lengths of queues, faults, sleeps, ticks.

A quantity is a sum over some cells, so a write changes it by the difference of its new and old value. All
changes of a branch come from one vectorized search, which is extended by new steps only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.constants import PQ_L2_SIZE, QUEUE_BASES, VMSTATS_FIELDS
from engine.debug.journal_search import writes_between
from engine.debug.per_history import Growing, Rows
from engine.machine.machine import Machine
from engine.machine.tables import SLEEPING
from engine.memory.block import Numbers
from engine.memory.cells import Array
from engine.run.history import History

Change = Callable[[Numbers, Numbers, int], Numbers]
"""(old values, new values, bias of the column) -> how much each write changes the quantity."""


def _sum(old: Numbers, new: Numbers, _: int) -> Numbers:
    return new - old


def _asleep(old: Numbers, new: Numbers, bias: int) -> Numbers:
    found: Numbers = (new + bias == SLEEPING).astype(np.int64) - (old + bias == SLEEPING)
    return found


def _went_to_sleep(old: Numbers, new: Numbers, bias: int) -> Numbers:
    found: Numbers = ((new + bias == SLEEPING) & (old + bias != SLEEPING)).astype(np.int64)
    return found


@dataclass(frozen=True)
class Quantity:
    """A quantity.

    word, meaning: its name at the console, and what it counts.
    column:  the column of its cells: those from `first` on, `count` of them, or all that follow.
    change:  how a write changes it.
    limits:  the fields of struct vmstats that the kernel compares it with.
    counted: whether it counts what happens after step 0; else it is a value of the machine.
    """

    word: str
    meaning: str
    column: str
    first: int = 0
    count: int = 0
    change: Change = _sum
    limits: tuple[str, ...] = ()
    counted: bool = False

    def stretch(self, vm: Machine) -> tuple[int, int]:
        """Its cells as a half-open range of addresses."""
        low, beyond = vm.memory.places[self.column].stretch
        return low + self.first, low + self.first + self.count if self.count else beyond

    def now(self, vm: Machine) -> int:
        """Its value at the cursor; 0 for a quantity that is `counted`."""
        if self.counted:
            return 0
        low, beyond = self.stretch(vm)
        cells = vm.memory.array[low:beyond]
        if self.change is _asleep:
            return int((cells + vm.memory.places[self.column].spec.bias == SLEEPING).sum())
        return int(cells.sum())


_FREE: Final = ("v_free_reserved", "v_free_min", "v_free_severe", "v_free_target")
_LIMITS: Final = {"free": _FREE, "cache": ("v_cache_min",), "inactive": ("v_inactive_target",)}
_LATE: Final = ("v_free_count", "v_active_count", "v_inactive_count", "v_cache_count", "v_wire_count")
"""The counters that the processors bring up to date at clock ticks."""


def _quantities() -> dict[str, Quantity]:
    def counter(word: str, name: str) -> Quantity:
        meaning = f"the counter {name}"
        if name in _LATE:
            meaning += "; the pages are ahead of it until a clock tick"
        limits = _LIMITS.get(name.removeprefix("v_").removesuffix("_count"), ())
        return Quantity(word, meaning, "vmstats.count", VMSTATS_FIELDS.index(name), 1, limits=limits)

    def queue(word: str) -> Quantity:
        name, limits = word.upper(), _LIMITS.get(word.lower(), ())
        first = QUEUE_BASES[name]
        return Quantity(word, f"pages on the {name} queues", "queue.lcnt", first, PQ_L2_SIZE, limits=limits)

    queues = [name for name, base in QUEUE_BASES.items() if base]
    found = [
        *(queue(name.lower()) for name in queues),
        counter("wired", "v_wire_count"),
        Quantity("faults", "page faults so far", "cpu.v_vm_faults"),
        Quantity(
            "sleeps", "times that a thread went to sleep", "thread.state", change=_went_to_sleep, counted=True
        ),
        Quantity("asleep", "threads that sleep", "thread.state", change=_asleep),
        *(queue(name) for name in queues),
        Quantity("ticks", "clock ticks", "global.ticks"),
        *(counter(name, name) for name in VMSTATS_FIELDS),
    ]
    return {one.word: one for one in found}


QUANTITIES: Final[Mapping[str, Quantity]] = MappingProxyType(_quantities())
"""Every quantity by its word, the common ones first."""


@dataclass(frozen=True, eq=False)
class Curve:
    """The values of a quantity after the steps of a branch: a step function.

    steps, values: the steps that may have changed it, ascending, and its value after each, less `start`.
    start: its value at step 0.
    known: whether it has a value after each of `steps`; None if it always has. has_start: whether at step 0.
    """

    steps: Array
    values: Array
    start: int
    known: Array | None = None
    has_start: bool = True

    def at(self, step: int) -> int | None:
        """The value after a step; None if there is none."""
        n = int(self.steps.searchsorted(step, side="right")) - 1
        if n < 0:
            return self.start if self.has_start else None
        if self.known is not None and not self.known[n]:
            return None
        return self.start + int(self.values[n])

    def extreme(self, *, most: bool) -> tuple[int, int] | None:
        """The largest or smallest value, and the first step after which it has it; None without a value."""
        lows, highs = self.bounded()
        values = highs if most else lows
        n = int(values.argmax() if most else values.argmin())
        if lows[n] > highs[n]:
            return None
        return self.start + int(values[n]), int(self.steps[n - 1]) if n else 0

    def first_holding(self) -> int | None:
        """The first step after which the value is not 0; None if it never is."""
        if self.has_start and self.start:
            return 0
        holds = self.values != -self.start
        found = np.flatnonzero(holds if self.known is None else holds & (self.known != 0))[:1]
        return int(self.steps[found[0]]) if found.size else None

    def first_below(self, limit: int) -> int | None:
        """The first step after which the value is below a limit; None if it never is."""
        found = np.flatnonzero(self.bounded()[0] < limit - self.start)[:1]
        return None if not found.size else int(self.steps[found[0] - 1]) if found[0] else 0

    def bounded(self) -> tuple[Array, Array]:
        """The value at step 0 and after each of `steps`, less `start`, as lower and as upper bounds.

        Where there is no value, the lower bound is LARGEST and the upper one its negative.
        """
        values = np.concatenate(([0], self.values))
        if self.known is None and self.has_start:
            return values, values
        known = np.concatenate(
            ([self.has_start], np.ones(len(self.steps)) if self.known is None else self.known)
        )
        return np.where(known, values, LARGEST), np.where(known, values, -LARGEST)

    def ranges(self, begins: Array, ends: Array) -> tuple[Array, Array]:
        """The smallest and the largest value after the steps begins[n] .. ends[n], for each n; int64, (n,).

        The smallest is the larger one where there is no value. Every value counts, however short it held.
        """
        lows, highs = self.bounded()
        first, last = (
            self.steps.searchsorted(begins, side="right"),
            self.steps.searchsorted(ends, side="right"),
        )
        pairs = np.stack([first, last + 1], axis=1).ravel()
        room = np.array([LARGEST])
        low = np.minimum.reduceat(np.concatenate((lows, room)), pairs)[::2]
        high = np.maximum.reduceat(np.concatenate((highs, -room)), pairs)[::2]
        return low + self.start, high + self.start


LARGEST: Final = 1 << 62
"""In the place of a value that does not exist."""


def curve_of(history: History, word: str) -> Curve:
    """Return the curve of a quantity over the recorded steps of the current branch.

    word: one of QUANTITIES.
    """
    known = _KNOWN.of(history)
    if word not in known:
        rows = Rows(2)
        _add(rows, QUANTITIES[word], history, 0, history.total)
        known[word] = rows
    quantity, (steps, values) = QUANTITIES[word], known[word].columns
    n = int(steps.searchsorted(history.step, side="right"))
    changed = 0 if quantity.counted or not n else int(values[n - 1])
    return Curve(steps, values, quantity.now(history.vm) - changed)


def _add(rows: Rows, quantity: Quantity, history: History, first: int, last: int) -> None:
    """Append the values of steps first + 1 .. last that wrote a cell of the quantity."""
    journal = history.journal
    low, beyond = quantity.stretch(history.vm)
    if beyond - low == 1:
        writes = writes_between(history, (low,), first, last)
    else:
        writes = writes_between(history, (), first, last, [(low, beyond)])
    if not writes.size:
        return
    bias = history.vm.memory.places[quantity.column].spec.bias
    changes = quantity.change(journal.old.at(writes), journal.new.at(writes), bias)
    values = np.cumsum(changes) + (rows.columns[1, -1] if len(rows) else 0)
    steps = journal.steps_of(writes)
    newest = np.append(steps[1:] != steps[:-1], True)
    rows.extend(steps[newest], values[newest])


def _extend(known: dict[str, Rows], history: History, first: int, last: int) -> None:
    for word, rows in known.items():
        _add(rows, QUANTITIES[word], history, first, last)


def _until(known: dict[str, Rows], step: int) -> dict[str, Rows]:
    return {word: rows.until(step) for word, rows in known.items()}


_KNOWN: Final[Growing[dict[str, Rows]]] = Growing(lambda _: {}, _extend, _until)
