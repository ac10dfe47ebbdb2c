"""The position of a run: what has to be the same, besides the cells, for the run to repeat itself.

These are the suspended calls of the threads, and some distances. Some cells may differ, since nothing depends
on how much: the clock, the times of sleeps and stamps (their distance from the clock counts, up to what the
kernel asks for), counters that only people read, and numbers that the kernel compares with a small one. A
cell that a script names is compared in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.constants import HZ, MAXSCAN_DIVIDER, PQ_ACTIVE, PQ_HOLD, PQ_INACTIVE
from engine.kernel.pageout.daemon import GIVE_UP_LEVEL
from engine.kernel.pageout.inactive import HIGHEST_LEVEL
from engine.machine.machine import Machine
from engine.machine.tables import BUF_UNUSED, SLEEPING, CpuTable
from engine.memory.block import Numbers
from engine.memory.cells import Array
from engine.run.suspended import calls_of

STAMPS: Final = ("vm_pagedaemon_time", "vmdaemon_lastrun", "lastkillticks", "swap_fail_ticks")
_STAMP_READERS: Final = ("pagedaemon", "emergpager", "vm_pageout", "vm_req_vmdaemon")
"""How the names of all functions of scripts begin that read a stamp."""

LONG_AGO: Final = 2 * HZ + 1
"""Ticks since a stamp from which on the kernel no longer asks how many."""

_LIMITED: Final = {"vm_pages_waiting": 1, "vm_pages_needed": 2}
"""Numbers that the kernel compares only with smaller ones: name -> the number from which on all are alike."""

_ASIDE: Final = (
    *("global.ticks", "global.schedule_tick", "thread.slept_at", "thread.op_start", "buf.started"),
    *(f"global.{name}" for name in STAMPS),
    *(f"global.{name}" for name in _LIMITED),
    *("global.vm_pageout_deficit", "daemon.passes", "daemon.q3"),
    *("process.minflt", "process.majflt", "queue.adds", "object.generation"),
    *(f"cpu.{name}" for name in CpuTable.specs() if name.startswith("v_")),
)
"""The columns whose cells are compared in another way, or not at all."""

_BY_VALUE: Final = (int, str, float, bytes, range, FunctionType, MethodType, type, Machine, type(None))
"""The types of local variables that are compared by value, or are the same object in every call."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Position:
    """What has to be the same besides the cells, and the cells that are compared in another way.

    calls:   the frames of each thread's suspended calls: code, position and local variables.
    numbers: the distances of sleeps, I/O and stamps from the clock; numbers that matter only up to a limit;
             the steps since the last tick.
    deficit: the page deficit; the daemon reads it, and then clears it.
    """

    calls: tuple[object, ...]
    numbers: tuple[int, ...]
    deficit: int

    def repeats(self, earlier: Position, cleared: bool) -> bool:
        """Whether this is the same as earlier; cleared: whether the page deficit was lowered in between."""
        unread = earlier.deficit > 0 and not cleared
        same = (self.calls, self.numbers) == (earlier.calls, earlier.numbers)
        return same and (unread or self.deficit == earlier.deficit)


def position(
    vm: Machine,
    suspended: Iterable[object],
    stamps: Sequence[str] = STAMPS,
    step: int = 0,
    moved: bool = True,
) -> Position:
    """Return the position of a run after step `step`.

    suspended: the generator of each thread, or None; stamps: those that a thread may read; moved: whether
    pages join or leave the queues that the daemons scan, in the steps that are compared.
    """
    calls = tuple(frames(steps, _last_level(vm, moved)) for steps in suspended)
    found = numbers_of(vm, moved, present(vm), stamps, np.array([step]))
    numbers = tuple(int(number[0]) for number in found)
    return Position(calls, numbers, vm.glob.vm_pageout_deficit[0])


def present(vm: Machine) -> Read:
    """Read a cell of the machine as it is now."""
    return lambda column, row: vm.memory.vector(column)[row : row + 1]


def _last_level(vm: Machine, moved: bool) -> int:
    """The level of a daemon's passes from which on nothing depends on it.

    The high levels matter only for pages on an inactive or active queue.
    """
    return HIGHEST_LEVEL if moved or _any_page(vm, PQ_INACTIVE, PQ_ACTIVE) else GIVE_UP_LEVEL


def _any_page(vm: Machine, *bases: int) -> bool:
    lengths = vm.memory.vector("queue.lcnt")
    return any(lengths[base : base + vm.colors].any() for base in bases)


def moves(vm: Machine, address: npt.NDArray[Any]) -> Mask:
    """Whether the write of each cell is that of a page joining or leaving a queue that the daemons scan."""
    firsts = [vm.memory.address("queue.lcnt", base) for base in (PQ_INACTIVE, PQ_ACTIVE, PQ_HOLD)]
    rows = np.array([address.astype(np.int64) - first for first in firsts])
    moved: Mask = np.logical_or.reduce((rows >= 0) & (rows < vm.colors))
    return moved


def frames(steps: object, level: int) -> tuple[object, ...]:
    """The frames of a suspended generator's calls; a local that cannot be compared by value equals nothing.

    level: the level from which on a daemon's scans no longer depend on it.
    """
    return tuple(
        (call.gi_code, call.gi_frame.f_lasti, _locals(call.gi_frame.f_locals, level))
        for call in calls_of(steps)
        if call.gi_frame is not None
    )


def places(steps: object) -> list[int]:
    """The position in the code of each of a suspended generator's calls; a part of `frames` that is cheap."""
    return [call.gi_frame.f_lasti for call in calls_of(steps) if call.gi_frame is not None]


def _locals(found: Mapping[str, Any], level: int) -> tuple[object, ...]:
    names = tuple(found)
    return names, *(
        min(found[name], level) if name == "pass_" else _comparable(found[name]) for name in names
    )


def _comparable(value: Any) -> object:
    if isinstance(value, (tuple, list)):
        return tuple(map(_comparable, value))
    frozen = getattr(getattr(type(value), "__dataclass_params__", None), "frozen", False)
    return value if frozen or isinstance(value, _BY_VALUE) else object()


Read = Callable[[str, int], Numbers]
"""Reads a cell, by column and row, at one or several moments; int64, (moments,)."""


def numbers_of(vm: Machine, moved: bool, read: Read, stamps: Sequence[str], steps: Numbers) -> list[Numbers]:
    """The numbers of `Position` at the moments of `read`, after `steps`; all have the same cells."""
    level, holds = _last_level(vm, moved), moved or _any_page(vm, PQ_HOLD)
    now, thread, buf = read("global.ticks", 0), vm.thread, vm.buf
    found = [np.minimum(now - read(f"global.{name}", 0) & 0xFFFFFFFF, LONG_AGO) for name in stamps]
    asleep = np.flatnonzero(vm.memory.vector("thread.chan")).tolist()
    sleepers = [t for t in asleep if thread.state[t] == SLEEPING and thread.timo[t]]
    found += [now - read("thread.slept_at", t) for t in sleepers]
    started = [row for row in range(buf.length) if buf.kind[row] != BUF_UNUSED]
    found += [np.minimum(now - read("buf.started", row), vm.config.io_delay) for row in started]
    found += [np.minimum(read(f"global.{name}", 0), most) for name, most in _LIMITED.items()]
    for d in range(vm.daemon.length):
        found += [np.minimum(read("daemon.passes", d), MAXSCAN_DIVIDER * level)]
        found += [read("daemon.q3", d) % vm.colors] if holds else []  # empty queues are all alike
    if vm.config.steps_per_tick:
        found += [steps - read("global.schedule_tick", 0)]
    return found


class Aside:
    """The cells that are not compared one by one."""

    def __init__(
        self, vm: Machine, words: Collection[str] = _STAMP_READERS, counters: Iterable[int] = ()
    ) -> None:
        """words: those of the scripts; a script can read a column that it names, so that one is compared.

        counters: the slots of variables on which nothing depends.
        """
        self.stamps = STAMPS if any(word.startswith(_STAMP_READERS) for word in words) else ()
        names = (name for name in _ASIDE if name.partition(".")[2] not in words)
        cells = (vm.memory.address("variable.value", slot) for slot in counters)
        whole = [vm.memory.places[name].stretch for name in names]
        stretches = sorted([*whole, *((cell, cell + 1) for cell in cells)])
        self._bounds = np.array(stretches, np.int64).ravel()

    def without(self, cells: Array) -> Array:
        """Return a copy of the memory in which these cells are 0."""
        copy = cells.copy()
        for begin, end in self._bounds.reshape(-1, 2).tolist():
            copy[begin:end] = 0
        return copy

    def keep(self, addresses: npt.NDArray[Any]) -> Mask:
        """Whether each cell is compared."""
        # The bounds alternate between first and beyond, so an even rank is outside every stretch.
        kept: Mask = np.searchsorted(self._bounds, addresses, side="right") % 2 == 0
        return kept
