"""What makes two states of a run the same for a search of all schedules, written from its description.

It is independent of the search that it checks: it reads the cells that the journal has, the frames of the
suspended calls, and the journal itself for what only the past knows. Two prefixes that lead to equal keys
have the same futures.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

import numpy as np

from engine.constants import HZ, PBUSY_LOCKED, PBUSY_MASK
from engine.kernel.locks import holds_spinlock
from engine.kernel.sleep import sleepers
from engine.machine.machine import Machine
from engine.machine.tables import BUF_UNUSED, READY, SLEEPING
from engine.run.endings import Run
from engine.run.history import History
from engine.run.program import Assign, Branch, Pass
from engine.run.suspended import Live, calls_of

LEFT_OUT: Final = (
    *("thread.op_start", "thread.run_next", "thread.sleep_next", "thread.sleep_prev", "thread.slept_at"),
    *("cpu.current", "cpu.runq_head", "cpu.runq_tail", "global.sleepq_head", "global.sleepq_tail"),
    *("global.schedule_item", "global.schedule_left", "global.schedule_random", "global.schedule_tick"),
    *("global.ticks", "buf.started"),
)
"""The columns that are not compared cell by cell, unless a script names them."""

STAMPS: Final = ("vm_pagedaemon_time", "vmdaemon_lastrun", "lastkillticks", "swap_fail_ticks")
"""The global variables that hold a time."""

STAMP_READERS: Final = ("pagedaemon", "emergpager", "vm_pageout", "vm_req_vmdaemon")

_LISTED: Final[tuple[Iterable[Any], ...]] = (
    range(0),
    [],
    (),
    {},
    {}.items(),
    {}.values(),
    set(),
    range(1 << 70),
)

ITERATORS: Final = (
    *(type(iter(one)) for one in _LISTED),
    *(type(zip()), type(enumerate([])), type(reversed([]))),
)

Key = tuple[Any, ...]

AMOUNTS: Final[tuple[tuple[str, Callable[[int], int]], ...]] = (
    ("page.busy_count", lambda value: int(bool(value & PBUSY_LOCKED))),
    ("page.busy_count", lambda value: value & PBUSY_MASK),
    ("page.hold_count", int),
)
"""What a page is given back by: its column, and the amount in a value of that column."""


class UnknownValueError(Exception):
    """A suspended call has a local variable that cannot be compared."""


class Keys:
    """Makes the keys of the states of one run.

    ordered: the cpus whose run queue is part of the key.
    whole:   whether every cell is, except those that only record how the schedule got here.
    """

    def __init__(self, history: History, ordered: frozenset[int] = frozenset(), whole: bool = False) -> None:
        self.history = history
        self.ordered = ordered
        vm = self.vm = history.vm
        words = _words(history)
        self.reads_stamps = any(word.startswith(STAMP_READERS) for word in words)
        columns = [*LEFT_OUT, *(f"global.{name}" for name in STAMPS)]
        if whole:
            columns = ["thread.op_start"]
        self.whole = whole
        kept = [name for name in columns if name.partition(".")[2] not in words or whole]
        self.left_out = [vm.memory.places[name].stretch for name in kept]
        self.first = vm.memory.array.copy()
        self.cpus = [program.cpu for program in history.programs]
        self.given = [(column, amount, m) for column, amount in AMOUNTS for m in self._given(column, amount)]

    def _given(self, column: str, amount: Callable[[int], int]) -> list[int]:
        """The pages of which the setup left an amount."""
        return [m for m, value in enumerate(self.vm.memory.vector(column).tolist()) if amount(value)]

    def key(self) -> Key:
        """The key of the state that the run is in; the run is live there."""
        calls = tuple(map(frames_of, self.history.runner.live))
        return (self._cells(), calls, self._who(), self._times(), self._past())

    def failed(self, key: Key, t: int, message: str) -> Key:
        """The key of the end that a failing script leads to, from the state with `key`: `t` is lost."""
        cells, calls, *more = key
        return (cells, (*calls[:t], ("failed", message), *calls[t + 1 :]), *more)

    # --- cells ----------------------------------------------------------------------------------------------

    def _cells(self) -> tuple[tuple[int, int], ...]:
        """Each cell that has another value than at step 0, with its value."""
        history, cells = self.history, self.vm.memory.array
        written = np.unique(history.journal.written(0, history.step)[0]).astype(np.int64)
        for begin, beyond in self.left_out:
            written = written[(written < begin) | (written >= beyond)]
        changed = written[cells[written] != self.first[written]]
        return tuple(zip(changed.tolist(), cells[changed].tolist(), strict=True))

    # --- whose turn it may be -------------------------------------------------------------------------------

    def may_pin(self, t: int) -> bool:
        """Whether thread `t`, as the current one of its cpu, may keep it from the others."""
        lock = self.history.runner.live[t].lock
        ready = self.vm.thread.state[t] == READY
        return bool(ready and (holds_spinlock(self.vm, t) or (lock is not None and lock >= 0)))  # type: ignore[arg-type]

    def shared(self) -> Iterator[tuple[int, list[int]]]:
        """The cpus that several threads use, with these."""
        for cpu in sorted(set(self.cpus)):
            threads = [t for t, own in enumerate(self.cpus) if own == cpu]
            if len(threads) > 1:
                yield cpu, threads

    def wants_order(self) -> frozenset[int]:
        """The cpus of three or more threads, one of which may pin it and waits on its run queue.

        The interrupt thread counts only while it waits on the run queue with another one.
        """
        return frozenset(cpu for cpu, threads in self.shared() if self._order_matters(cpu, threads))

    def _order_matters(self, cpu: int, threads: list[int]) -> bool:
        programs = self.history.programs
        queue = self.history.runner.threads.run_queue(cpu)
        many = sum(not programs[t].interrupt for t in threads) > 2
        waits = any(programs[t].interrupt for t in queue) and len(queue) > 1
        return (many or waits) and any(map(self.may_pin, queue))

    def _who(self) -> Key:
        found: list[Any] = []
        for cpu, threads in self.shared():
            current = self.vm.cpu.current[cpu]
            if cpu in self.ordered:
                queue = self.history.runner.threads.run_queue(cpu)
                asleep = tuple(t for t in sleepers(self.vm) if self.cpus[t] == cpu)
                found.append((current, tuple(queue), asleep))
            else:
                found.append(current if any(map(self.may_pin, threads)) else None)
        return tuple(found)

    # --- time -----------------------------------------------------------------------------------------------

    def _times(self) -> Key:
        vm, now = self.vm, self.vm.glob.ticks[0]
        if self.whole:
            return ()
        asleep = [t for t in range(len(self.cpus)) if vm.thread.state[t] == SLEEPING and vm.thread.timo[t]]
        ios = [row for row in range(vm.buf.length) if vm.buf.kind[row] != BUF_UNUSED]
        stamps = STAMPS if self.reads_stamps else ()
        return (
            *((now - vm.thread.slept_at[t]) & 0xFFFFFFFF for t in asleep),
            *(min(now - vm.buf.started[row], vm.config.io_delay) for row in ios),
            *(min((now - getattr(vm.glob, name)[0]) & 0xFFFFFFFF, 2 * HZ + 1) for name in stamps),
        )

    # --- what only the past knows ---------------------------------------------------------------------------

    def _past(self) -> Key:
        """Whether a script has released out of order; what is left of what the setup gave to pages."""
        history = self.history
        run = Run(self.vm, history.journal, history.programs)
        return (bool(run.early()), *(self._lowest(*given) for given in self.given))

    def _lowest(self, column: str, amount: Callable[[int], int], m: int) -> int:
        address, journal = self.vm.memory.address(column, m), self.history.journal
        writes = journal.writes_to(address, address + 1).tolist()
        return min([amount(int(self.first[address])), *(amount(journal.new[write]) for write in writes)])


def _words(history: History) -> set[str]:
    text = "\n".join(line for program in history.programs for line in program.lines)
    return set(re.findall(r"\w+", text))


# --- the suspended calls ----------------------------------------------------------------------------------


def frames_of(live: Live) -> Key:
    """The suspended calls of a thread: code, place, local variables, and the iterators of its `for` loops."""
    return tuple(map(_frame, calls_of(live.steps)))


def _frame(call: Any) -> Key:
    return (
        (call.gi_code.co_filename, call.gi_code.co_firstlineno, call.gi_code.co_name),
        call.gi_frame.f_lasti,
        tuple((name, frozen(value)) for name, value in sorted(call.gi_frame.f_locals.items())),
        tuple(frozen(one) for one in gc.get_referents(call) if isinstance(one, ITERATORS)),
    )


def frozen(value: Any) -> Any:
    """The value of a local variable, in a form that can be compared.

    Errors: UnknownValueError for a kind of value that suspended calls do not have.
    """
    if value is None or isinstance(value, (int, str, range, FunctionType, MethodType, CodeType)):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(map(frozen, value))
    if isinstance(value, ITERATORS):
        return (type(value).__name__, _frozen_all(value.__reduce__()[1:]))
    if isinstance(value, (Assign, Branch, Pass)):
        return (value.line, value.text)  # of the position that the thread is at
    if isinstance(value, Machine):
        return "machine"
    if isinstance(value, partial):
        return (value.func.__qualname__, frozen(value.args))
    if is_dataclass(value):
        return (type(value).__name__, *(frozen(getattr(value, part.name)) for part in fields(value)))
    if hasattr(value, "__getitem__") and type(value).__module__ == "engine.memory.column_modes":
        return "column"
    raise UnknownValueError(f"{type(value).__module__}.{type(value).__qualname__}: {value!r}"[:200])


def _frozen_all(values: Iterable[Any]) -> Any:
    return tuple(frozen(value) if not isinstance(value, set) else tuple(sorted(value)) for value in values)
