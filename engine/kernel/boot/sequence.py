"""The boot sequence: from an empty machine to a booted one, in the kernel's order (spec 02).

Boot is a list of calls. By default it comes before step 0: boot() runs them to their ends. In a stepped boot
the thread `boot` of the run makes the same calls (`engine.run.opening`). Where the kernel goes page by page,
a step processes a range of pages, with the same result. The functions may also be called one by one on what
load_kernel() returns, as recorded traces do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from engine.constants import (
    NULL,
    PAGE_SIZE,
    PAT_WRITE_BACK,
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
from engine.kernel.stats import vmstats_rollup
from engine.machine.machine import Machine, MachineConfig, Steps
from engine.machine.topology import Hardware

__all__ = [
    "BootCall",
    "boot",
    "boot_calls",
    "build_cpu_topology",
    "daemon_limits",
    "load_kernel",
    "power_on",
    "run_to_the_end",
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


T = TypeVar("T")


@dataclass(frozen=True)
class BootCall:
    """A call of boot: a generator of atomic steps, and its arguments after the machine.

    text: the call as a line of a script.
    """

    text: str
    function: Callable[..., Steps[Any]]
    arguments: tuple[int, ...] = ()


def boot(config: MachineConfig) -> Machine:
    """Boot a machine: power on, and every call of boot to its end.

    The console messages of boot are left in `vm.effects`.
    Errors: BadInput when the page array does not fit into the configured memory.
    """
    vm = power_on(config)
    for call in boot_calls(config.hardware):
        run_to_the_end(call.function, vm, *call.arguments)
    return vm


def boot_calls(hardware: Hardware) -> list[BootCall]:
    """The calls that boot a machine with this hardware, in order."""
    return [
        BootCall(f"vm_set_page_size({PAGE_SIZE})", vm_set_page_size, (PAGE_SIZE,)),
        BootCall("vm_page_startup()", vm_page_startup),
        BootCall("build_cpu_topology()", build_cpu_topology),
        *(
            BootCall(
                f"vm_numa_organize({entry.beg:#x}, {entry.size:#x}, {entry.physid})",
                vm_numa_organize,
                (entry.beg, entry.size, entry.physid),
            )
            for entry in hardware.numa
        ),
        *([BootCall("vm_numa_organize_finalize()", vm_numa_organize_finalize)] if hardware.finalize else []),
        BootCall("vm_page_startup_finish()", vm_page_startup_finish),
        BootCall("vmstats_rollup()", vmstats_rollup),
        BootCall("vm_pageout_setup()", vm_pageout_setup),
        BootCall("settle_views()", settle_views),
        BootCall("swaponvp()", swaponvp),
    ]


def run_to_the_end(function: Callable[..., Steps[T]], vm: Machine, *arguments: int) -> T:
    """Take every atomic step of `function(vm, *arguments)`, where no thread runs; return its result."""
    steps = function(vm, *arguments)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        result: T = end.value
        return result


def load_kernel(config: MachineConfig) -> Machine:
    """Create a machine whose kernel is loaded and knows its processors, as recorded traces begin."""
    vm = power_on(config)
    run_to_the_end(build_cpu_topology, vm)
    return vm


def power_on(config: MachineConfig) -> Machine:
    """Create a machine whose kernel is loaded but has not run yet: variables have their initial values."""
    vm = Machine(config)
    vm.glob.set_assoc_mask[0] = min(15, vm.color_mask)
    for tunable, value in TUNABLES.items():
        getattr(vm.glob, tunable)[0] = value
    vm.daemon.cache_rover[1] = EMERGENCY_ROVER
    vm.glob.ticks[0] = config.ticks
    vm.glob.vm_dma_reserved[0] = config.hardware.dma_reserved
    for name in ("page.next", "page.prev", "queue.head", "queue.tail", "queue.lastq"):
        vm.memory.vector(name)[:] = NULL
    if config.stepped_boot:
        vm.memory.vector("page.pat_mode")[: vm.page_entries] = -PAT_WRITE_BACK
    return vm


def build_cpu_topology(vm: Machine) -> Steps[None]:
    """Count the sockets, the cores of a socket and the threads of a core.

    Locks:   none; boot, one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/kern/subr_cpu_topology.c build_cpu_topology
    Differs: the tree of nodes is not modelled.
    """
    yield "count sockets, cores and threads"
    vm.glob.cpu_topology_phys_ids[0] = vm.topology.phys_ids
    vm.glob.cpu_topology_core_ids[0] = vm.topology.core_ids
    vm.glob.cpu_topology_ht_ids[0] = vm.topology.ht_ids


def settle_views(vm: Machine) -> Steps[None]:
    """Let every cpu see the counters and limits, as after its first clock tick.

    The kernel leaves every cpu but the first with an empty view until then; a run of the simulator starts
    later. The limits that the configuration gives replace those that the pageout daemon has set.

    Locks:   none; boot, one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  BadInput when the configuration names a limit that does not exist.
    Source:  sys/kern/kern_clock.c hardclock, its vmstats part
    """
    yield "set the limits that the scenario gives"
    for name, pages in vm.config.thresholds:
        if name not in VMSTATS_FIELDS:
            raise BadInput(f"{name!r} is not a threshold; use one of {', '.join(VMSTATS_FIELDS)}")
        vm.vmstats.count[VMSTATS_FIELDS.index(name)] = pages
    yield "copy the counters and limits to every cpu's view"
    with vm.memory.writing("gd_vmstats.view") as view:
        view.reshape(vm.ncpus, VMSTATS_SIZE)[:] = vm.memory.vector("vmstats.count")


def swaponvp(vm: Machine) -> Steps[None]:
    """Configure the machine's swap device, if it has one.

    Locks:   none; boot, one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_swap.c swaponvp
    """
    yield "configure the swap device"
    swap_device_configure(vm)
