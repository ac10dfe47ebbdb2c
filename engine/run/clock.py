"""Clock ticks: the deadlines that they reach, and each cpu's clock interrupt (DESIGN, decision 6).

An event may be a jump of up to 2^31 ticks. Nothing happens between two moments at which a sleep or an I/O
ends, so time goes from one such moment to the next: the cost of a jump does not depend on its length.
"""

from __future__ import annotations

import numpy as np

from engine.constants import VMSTATS_SIZE, Cpu
from engine.kernel.pagers.bio import complete_due, ticks_to_io
from engine.kernel.sleep import due, expire, ticks_to_deadline
from engine.kernel.stats import hardclock
from engine.machine.machine import Machine
from engine.memory.cells import Array


def tick(vm: Machine, number: int) -> None:
    """Let `number` clock ticks pass as one event: expire due sleeps, then run each cpu's hardclock once.

    The clock is written once, and once more for each earlier moment at which a sleep or an I/O ends.
    """
    left = number
    while left > 0:
        passed = _ticks_to_next(vm, left)
        left -= passed
        vm.glob.ticks[0] += passed
        for t in due(vm):
            expire(vm, t)
        complete_due(vm)
    _hardclock_of_each_cpu(vm)


def _ticks_to_next(vm: Machine, most: int) -> int:
    """Ticks until a sleep or an I/O ends, but not more than `most`."""
    waits = (ticks_to_deadline(vm), ticks_to_io(vm))
    return min(most, *(most if wait is None else wait for wait in waits))


def _hardclock_of_each_cpu(vm: Machine) -> None:
    """Run hardclock on each cpu, in order; most cpus of a large machine have little to copy."""
    pending = np.flatnonzero(_by_cpu(vm, "gd_vmstats.adj").any(axis=1)).tolist()
    for first, cpu in zip([0, *(cpu + 1 for cpu in pending)], [*pending, vm.ncpus], strict=True):
        if first < cpu:
            _refresh_views(vm, first, cpu)
        vm.mycpu = Cpu(min(cpu, vm.ncpus - 1))
        if cpu < vm.ncpus:
            for _ in hardclock(vm):
                pass


def _refresh_views(vm: Machine, first: int, beyond: int) -> None:
    """Copy the global counters to the views of cpus without adjustments, where they differ."""
    total, view = _by_cpu(vm, "vmstats.count"), _by_cpu(vm, "gd_vmstats.view")
    for cpu, field in np.argwhere(view[first:beyond] != total).tolist():
        vm.gd_vmstats.view[(first + cpu) * VMSTATS_SIZE + field] = vm.vmstats.count[field]


def _by_cpu(vm: Machine, column: str) -> Array:
    """The cells of a column of vmstats fields; int64, (cpus, VMSTATS_SIZE), a view."""
    begin, end = vm.memory.places[column].stretch
    return vm.memory.array[begin:end].reshape(-1, VMSTATS_SIZE)
