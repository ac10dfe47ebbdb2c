"""Clock ticks: the deadlines that they reach, and each cpu's clock interrupt (DESIGN, decision 6).

An event may be a jump of up to 2^31 ticks. Nothing happens between two moments at which a sleep or an I/O
ends, so time goes from one such moment to the next: the cost of a jump does not depend on its length.
"""

from __future__ import annotations

from itertools import pairwise

from engine.constants import VMSTATS_SIZE, Cpu
from engine.kernel.pagers.bio import complete_due, ticks_to_io
from engine.kernel.sleep import due, expire, ticks_to_deadline
from engine.kernel.stats import vmstats_rollup_cpu
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
    """Ticks until a sleep or an I/O ends, but not more than `most`; at least 1."""
    if most == 1:
        return 1
    waits = (ticks_to_deadline(vm), ticks_to_io(vm))
    return min(most, *(most if wait is None else wait for wait in waits))


def _hardclock_of_each_cpu(vm: Machine) -> None:
    """Do what hardclock does on each cpu, in order; most cpus of a large machine have nothing to roll up."""
    pending = _cells(vm, "gd_vmstats.adj").nonzero()[0].tolist()
    cpus = sorted({0, *(n // VMSTATS_SIZE for n in pending)})
    for cpu, beyond in pairwise([*cpus, vm.ncpus]):
        for _ in vmstats_rollup_cpu(vm, Cpu(cpu)):
            pass
        _refresh_views(vm, cpu, beyond)
    vm.mycpu = vm.cpus[-1]


def _refresh_views(vm: Machine, first: int, beyond: int) -> None:
    """Copy the global counters to the views of the cpus first .. beyond - 1, where they differ."""
    views = _cells(vm, "gd_vmstats.view").reshape(-1, VMSTATS_SIZE)
    differs = views[first:beyond] != _cells(vm, "vmstats.count")
    for n in differs.ravel().nonzero()[0].tolist():
        vm.gd_vmstats.view[first * VMSTATS_SIZE + n] = vm.vmstats.count[n % VMSTATS_SIZE]


def _cells(vm: Machine, column: str) -> Array:
    """The cells of a column; int64, a view."""
    return vm.memory.vector(column)
