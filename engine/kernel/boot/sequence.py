"""The boot sequence: from an empty machine to step 0, in the kernel's order (spec 02).

Boot comes before step 0: it is not stepped, and its functions are plain. Where the kernel goes page by page,
they process whole ranges, with the same result. The functions may also be called one by one on what
load_kernel() returns, as recorded traces do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.constants import (
    NULL,
    PAGE_SIZE,
    ROLLED_UP,
    VM_PAGE_FREE_HYSTERESIS,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
)
from engine.errors import BadInput
from engine.kernel.boot.numa import vm_numa_organize, vm_numa_organize_finalize
from engine.kernel.boot.startup import vm_page_startup, vm_set_page_size
from engine.kernel.boot.startup_finish import vm_page_startup_finish
from engine.kernel.pageout.setup import daemon_limits, vm_pageout_setup
from engine.kernel.pagers.swap_space import swap_device_configure
from engine.machine.machine import Machine, MachineConfig, Steps

__all__ = [
    "boot",
    "daemon_limits",
    "load_kernel",
    "settle",
    "vm_numa_organize",
    "vm_numa_organize_finalize",
    "vm_page_startup",
    "vm_page_startup_finish",
    "vm_set_page_size",
]


TUNABLES: Final = {
    "vm_page_free_hysteresis": VM_PAGE_FREE_HYSTERESIS,
    "vm_pageout_memuse_mode": 2,
    "vm_pageout_allow_active": 1,
    "vm_anonmem_decline": 1,
    "vm_filemem_decline": 2,
    "vm_emerg_launder": 100,
    "vm_swap_enabled": 1,
}
"""The variables that the kernel initialises to a value other than 0."""

EMERGENCY_ROVER: Final = 511
"""The colour at which the emergency pager's first cache scan starts."""


def boot(config: MachineConfig) -> Machine:
    """Boot a machine and settle it: step 0 of every run.

    The console messages of boot are left in `vm.effects`.
    Errors: BadInput when the page array does not fit into the configured memory.
    """
    vm = load_kernel(config)
    hardware = config.hardware
    vm_set_page_size(vm, PAGE_SIZE)
    vm_page_startup(vm)
    for entry in hardware.numa:
        vm_numa_organize(vm, entry.beg, entry.size, entry.physid)
    if hardware.finalize:
        vm_numa_organize_finalize(vm)
    vm_page_startup_finish(vm)
    settle(vm)
    swap_device_configure(vm)
    return vm


def load_kernel(config: MachineConfig) -> Machine:
    """Create a machine whose kernel is loaded but has not run yet: variables have their initial values."""
    vm = Machine(config)
    vm.glob.set_assoc_mask[0] = min(15, vm.color_mask)
    for tunable, value in TUNABLES.items():
        getattr(vm.glob, tunable)[0] = value
    vm.daemon.cache_rover[1] = EMERGENCY_ROVER
    vm.glob.ticks[0] = config.ticks
    vm.glob.cpu_topology_phys_ids[0] = vm.topology.phys_ids
    vm.glob.cpu_topology_core_ids[0] = vm.topology.core_ids
    vm.glob.cpu_topology_ht_ids[0] = vm.topology.ht_ids
    vm.glob.vm_dma_reserved[0] = config.hardware.dma_reserved
    for name in ("page.next", "page.prev", "queue.head", "queue.tail", "queue.lastq"):
        vm.memory.vector(name)[:] = NULL
    return vm


def settle(vm: Machine) -> None:
    """Settle a booted machine: each cpu has ticked once, and the pageout daemon has set its limits.

    The kernel leaves every cpu but the first with an empty view until its first clock tick, and all limits
    at 0 until the daemon starts; a run of the simulator starts after both.
    """
    count = vm.vmstats.count
    for cpu in range(vm.ncpus):
        for counter in ROLLED_UP:
            adjustment = cpu * VMSTATS_SIZE + counter
            count[counter] += vm.gd_vmstats.adj[adjustment]
            vm.gd_vmstats.adj[adjustment] = 0
    _run_to_the_end(vm_pageout_setup, vm)
    for name, pages in vm.config.thresholds:
        if name not in VMSTATS_FIELDS:
            raise BadInput(f"{name!r} is not a threshold; use one of {', '.join(VMSTATS_FIELDS)}")
        count[VMSTATS_FIELDS.index(name)] = pages
    views = vm.memory.vector("gd_vmstats.view").reshape(vm.ncpus, VMSTATS_SIZE)
    views[:] = vm.memory.vector("vmstats.count")


def _run_to_the_end(function: Callable[[Machine], Steps[None]], vm: Machine) -> None:
    """Run a function of atomic steps to its end, since no thread runs during boot."""
    for _ in function(vm):
        pass
