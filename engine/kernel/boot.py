"""A machine from nothing to step 0: the kernel's boot in its order, then a moment of rest (spec 02).

Boot comes before step 0: it is not stepped, and its functions are plain. What the kernel does page by page is
done in whole stretches, with the same outcome. The pieces may be called one by one, as recorded traces do,
on what load_kernel() returns.
"""

from __future__ import annotations

from engine.constants import (
    NULL,
    PAGE_SIZE,
    ROLLED_UP,
    V_CACHE_MAX,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    V_INACTIVE_TARGET,
    V_INTERRUPT_FREE_MIN,
    V_PAGE_COUNT,
    V_PAGEOUT_FREE_MIN,
    VM_PAGE_FREE_HYSTERESIS,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
)
from engine.errors import BadInput
from engine.kernel.organize import vm_numa_organize, vm_numa_organize_finalize
from engine.kernel.startup import vm_page_startup, vm_set_page_size
from engine.kernel.startup_finish import vm_page_startup_finish
from engine.kernel.swap_space import swap_device_configure
from engine.machine import Machine, MachineConfig

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


def boot(config: MachineConfig) -> Machine:
    """Boot a machine and let it settle: step 0 of every run.

    The console messages of boot are left in `vm.effects`.
    Errors: BadInput when the page array does not fit into the memory described.
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
    """A machine whose kernel is loaded and has not run yet: variables hold what they are initialised with."""
    vm = Machine(config)
    vm.glob.set_assoc_mask[0] = min(15, vm.color_mask)
    vm.glob.vm_page_free_hysteresis[0] = VM_PAGE_FREE_HYSTERESIS
    vm.glob.ticks[0] = config.ticks
    vm.glob.vm_dma_reserved[0] = config.hardware.dma_reserved
    for name in ("page.next", "page.prev", "queue.head", "queue.tail", "queue.lastq"):
        vm.memory.vector(name)[:] = NULL
    return vm


def settle(vm: Machine) -> None:
    """Bring a booted machine to rest: each cpu has ticked once, and the pageout daemon has set its limits.

    The kernel leaves every cpu but the first with an empty view until its first clock tick, and all limits
    at 0 until the daemon starts; a person's run begins after both.
    """
    count = vm.vmstats.count
    for cpu in range(vm.ncpus):
        for counter in ROLLED_UP:
            adjustment = cpu * VMSTATS_SIZE + counter
            count[counter] += vm.gd_vmstats.adj[adjustment]
            vm.gd_vmstats.adj[adjustment] = 0
    for limit, pages in daemon_limits(count[V_PAGE_COUNT], count[V_FREE_COUNT]).items():
        count[limit] = pages
    for name, pages in vm.config.thresholds:
        if name not in VMSTATS_FIELDS:
            raise BadInput(f"no threshold is called {name!r}; there are {', '.join(VMSTATS_FIELDS)}")
        count[VMSTATS_FIELDS.index(name)] = pages
    views = vm.memory.vector("gd_vmstats.view").reshape(vm.ncpus, VMSTATS_SIZE)
    views[:] = vm.memory.vector("vmstats.count")


def daemon_limits(page_count: int, free_count: int) -> dict[int, int]:
    """The limits that the pageout daemon sets once when it starts, by number of the vmstats field.

    page_count, free_count: pages, as v_page_count and v_free_count stand at that moment.
    Source: sys/vm/vm_pageout.c vm_pageout_thread; spec 20 section 1
    """
    free_min = 64 + page_count // 200
    reserved = free_min * 4 // 8 + 7
    target = 4 * free_min + reserved
    cache_min = target if free_count > 2048 else 0
    return {
        V_FREE_MIN: free_min,
        V_FREE_RESERVED: reserved,
        V_FREE_SEVERE: free_min * 4 // 8,
        V_PAGEOUT_FREE_MIN: free_min * 2 // 8 + 7,
        V_INTERRUPT_FREE_MIN: free_min // 8 + 7,
        V_FREE_TARGET: target,
        V_CACHE_MIN: cache_min,
        V_CACHE_MAX: 2 * cache_min,
        V_INACTIVE_TARGET: free_count // 4,
    }
