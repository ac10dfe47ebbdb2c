"""Per-cpu statistics: adding each cpu's adjustments to the global counters, and copying those back.

Between taking an adjustment and adding it to the global, neither holds the amount: another cpu that reads the
global then sees too few or too many pages. The cell `gd_vmstats.taken`, which no kernel function reads, holds
the amount meanwhile, so that every page is accounted for at each step. It is a sum, since two rollups of one
cpu may overlap.

Without the switch percpu_stats, every change goes to the global counter in the step that makes it, so
nothing is ever pending. A cpu's view remains a copy, refreshed by its own changes and by its clock.
Source: spec 08, Per-CPU statistics.
"""

from __future__ import annotations

from engine.constants import ROLLED_UP, VMSTATS_SIZE, Cpu
from engine.machine.machine import Machine, Steps


def count_pages(vm: Machine, counter: int, number: int) -> None:
    """Count `number` more pages in this cpu's pending adjustment, or in the global without percpu_stats.

    The caller's step changes what is counted. The kernel writes this out where it counts; its view is not
    concerned.
    """
    if vm.switches.percpu_stats:
        vm.gd_vmstats.adj[vm.mycpu * VMSTATS_SIZE + counter] += number
    else:
        vm.vmstats.count[counter] += number


def vmstats_rollup_cpu(vm: Machine, cpu: Cpu) -> Steps[None]:
    """Move the pending adjustments of `cpu` to the global counters.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_meter.c vmstats_rollup_cpu
    """
    yield "look at the cpu's pending adjustments"
    for counter in ROLLED_UP:
        if vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + counter] == 0:
            continue
        yield "take a pending adjustment"
        amount = vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + counter]
        vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + counter] = 0
        vm.gd_vmstats.taken[cpu * VMSTATS_SIZE + counter] += amount
        yield "add it to the global counter"
        vm.vmstats.count[counter] += amount
        vm.gd_vmstats.taken[cpu * VMSTATS_SIZE + counter] -= amount


def _copy_global(vm: Machine, cpu: Cpu) -> None:
    for field in range(VMSTATS_SIZE):
        vm.gd_vmstats.view[cpu * VMSTATS_SIZE + field] = vm.vmstats.count[field]


def vmstats_rollup(vm: Machine) -> Steps[None]:
    """Move every cpu's adjustments to the global counters, then refresh this cpu's view alone.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_meter.c vmstats_rollup
    """
    for cpu in vm.cpus:
        yield from vmstats_rollup_cpu(vm, cpu)
    yield "copy the global counters to this cpu's view"
    _copy_global(vm, vm.mycpu)


def hardclock(vm: Machine) -> Steps[None]:
    """Do the clock interrupt's part for this cpu's statistics: roll its own up, then refresh its view.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/kern/kern_clock.c hardclock, its vmstats part
    """
    yield from vmstats_rollup_cpu(vm, vm.mycpu)
    yield "copy the global counters to this cpu's view"
    _copy_global(vm, vm.mycpu)
