"""Sysctls: values that a running kernel shows, and the few that can be set (spec 10).

A sysctl is a name for a cell, or for a value computed from several cells. Writing a sysctl writes its cell
and nothing else: a limit is set in the global, and a cpu uses its old copy until it copies the global again.

The kernel shows the global counters of pages, which are at most one tick old. Here no tick may pass for a
long time, after the setup above all; so a counter of pages shows what it is after the next tick. DDB's `show
page` prints the global as it is.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.constants import (
    PAGE_SIZE,
    ROLLED_UP,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
)
from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.memory.cells import Array

READ: Final = "read"
READ_WRITE: Final = "read and write"
BOOT: Final = "at boot"
"""The kinds of access to a sysctl; BOOT is a boot tunable, which can be neither read nor written later."""

RANGES: Final = {
    "int": (-(1 << 31), (1 << 31) - 1),
    "uint": (0, (1 << 32) - 1),
    "ulong": (0, (1 << 64) - 1),
}
"""Smallest and largest value of each C type of a sysctl."""

OPAQUE: Final = "struct"
"""The type of a sysctl that is a whole structure."""

Value = int | str | dict[str, int]
"""A number, a text, or the fields of a structure."""

COUNTERS: Final = "pageq.counters"
"""A line that no kernel has: what the run began with, if not with the queues that boot left."""


@dataclass(frozen=True)
class Sysctl:
    """One sysctl.

    ctype:   `int`, `uint`, `ulong`, or `struct` for a whole structure.
    unit:    what it counts.
    access:  READ, READ_WRITE or BOOT.
    cell:    the column and index of its cell; None if there is none.
    compute: returns the value if it is not just that of the cell.
    """

    name: str
    ctype: str
    unit: str
    access: str
    meaning: str
    cell: tuple[str, int] | None = None
    compute: Callable[[Machine], Value] | None = None

    def read(self, vm: Machine) -> Value:
        """Return the value on this machine, wrapped to the C type."""
        if self.compute is not None:
            value = self.compute(vm)
        else:
            assert self.cell is not None
            table, column = self.cell[0].split(".")
            value = getattr(vm.memory.tables[table], column)[self.cell[1]]
        return value & RANGES["ulong"][1] if self.ctype == "ulong" and isinstance(value, int) else value

    def write(self, vm: Machine, value: int) -> None:
        """Store the value in its cell."""
        assert self.cell is not None
        table, column = self.cell[0].split(".")
        signed = value - (1 << 64) if value >= 1 << 63 else value
        getattr(vm.memory.tables[table], column)[self.cell[1]] = signed


# --- the sysctls ------------------------------------------------------------------------------------------

_LIMITS: Final = {
    "v_free_min": "memory is low when free and cached pages together are below it",
    "v_free_target": "threads may wait for memory while free and cached pages together are below it",
    "v_free_reserved": "free pages that a normal allocation does not use",
    "v_inactive_target": "how many inactive pages there should be",
    "v_cache_min": "the margin that the pageout daemon adds to the other limits",
    "v_cache_max": "maximum number of cached pages that the idle statistics scan looks at",
    "v_pageout_free_min": "the pageout daemon itself waits while free and cached pages together are below it",
    "v_free_severe": "page faults wait while free and cached pages together are below it",
}
"""The limits that can be set."""

_SHOWN: Final = {
    "v_page_count": "pages that boot added",
    **{name: meaning for name, meaning in _LIMITS.items() if name != "v_free_severe"},
    "v_interrupt_free_min": "free pages that an allocation by a system thread does not use",
    "v_free_count": "pages on the free queues",
    "v_wire_count": "wired pages",
    "v_active_count": "pages on the active queues, and on the hold queues",
    "v_inactive_count": "pages on the inactive queues",
    "v_cache_count": "pages on the cache queues",
}
"""The fields of vmstats that have a sysctl each."""

EVENTS: Final = {
    "v_reactivated": "cached pages that were reactivated",
    "v_pdwakeups": "wakeups of the pageout daemon",
    "v_ppwakeups": "wakeups of threads that wait for memory",
    "v_pdpages": "pages that the pageout daemon scanned",
    "v_dfree": "pages that the pageout daemon freed",
    "v_tfree": "pages that were freed",
    "v_pfree": "pages that were freed when their process ended",
    "v_intrans": "faults on a page that was being read from swap",
    "v_vm_faults": "page faults",
    "v_cow_faults": "page faults that copied a page",
    "v_zfod": "pages that a fault filled with zeros",
    "v_swapin": "reads from swap",
    "v_swapout": "writes to swap",
    "v_swappgsin": "pages that were read from swap",
    "v_swappgsout": "pages that were written to swap",
    "v_vnodein": "reads from files",
    "v_vnodepgsin": "pages that were read from files",
}
"""The event counters of each cpu; a sysctl shows their sum."""

_LEVELS: Final = {"phys": "sockets", "core": "cores of a socket", "ht": "threads of a core"}


def _event_sum(event: str) -> Callable[[Machine], int]:
    def total(vm: Machine) -> int:
        counted: int = sum(getattr(vm.cpu, event)[cpu] for cpu in range(vm.ncpus))
        return counted & RANGES["uint"][1]

    return total


def counted_pages(vm: Machine) -> list[int]:
    """Return each vmstats field with the changes that the cpus have not reported to the global yet."""
    total: Array = vm.memory.vector("vmstats.count").copy()
    for column in ("adj", "taken"):
        total += vm.memory.vector(f"gd_vmstats.{column}").reshape(vm.ncpus, VMSTATS_SIZE).sum(axis=0)
    counted: list[int] = total.tolist()
    return counted


def _counted(field: int) -> Callable[[Machine], Value]:
    return lambda vm: counted_pages(vm)[field]


def _vmstats(vm: Machine) -> Value:
    return dict(zip(VMSTATS_FIELDS, counted_pages(vm), strict=True))


def _vmmeter(vm: Machine) -> Value:
    return {event: _event_sum(event)(vm) for event in EVENTS}


def _vmmeter_of(cpu: int) -> Callable[[Machine], Value]:
    return lambda vm: {event: getattr(vm.cpu, event)[cpu] for event in EVENTS}


def _vmtotal(vm: Machine) -> Value:
    resident = sum(vm.cpu.t_rm[cpu] for cpu in range(vm.ncpus))
    counted = counted_pages(vm)
    return {"t_rm": resident, "t_free": counted[V_FREE_COUNT] + counted[V_CACHE_COUNT]}


def _limit(name: str, prefix: str, access: str, meaning: str) -> Sysctl:
    field = VMSTATS_FIELDS.index(name)
    compute = _counted(field) if field in ROLLED_UP else None
    return Sysctl(prefix + name, "ulong", "pages", access, meaning, ("vmstats.count", field), compute)


def _variable(name: str, ctype: str, unit: str, access: str, meaning: str, column: str) -> Sysctl:
    return Sysctl(name, ctype, unit, access, meaning, (f"global.{column}", 0))


def _everything() -> Iterator[Sysctl]:
    yield _variable("vm.dma_reserved", "ulong", "bytes", READ, "memory kept for drivers", "vm_dma_reserved")
    yield _variable(
        "vm.dma_free_pages", "uint", "pages", READ, "free pages in the drivers' reserve", "bl_free"
    )
    for name, unit, meaning in (
        ("page_hash_vnode_only", "0 or 1", "whether only pages of files go into the page hash"),
        ("page_free_hysteresis", "pages", "how far above v_free_min waiting threads are woken"),
    ):
        yield _variable(f"vm.{name}", "int", unit, READ_WRITE, meaning, f"vm_{name}")
    # Spec 23, W1.
    swap = "whether other threads than the daemons write to swap asynchronously"
    yield _variable("vm.swap_user_async", "int", "0 or 1", READ_WRITE, swap, "swap_user_async")
    for name, meaning in _LIMITS.items():
        yield _limit(name, "vm.", READ_WRITE, meaning)
    for name, meaning in _SHOWN.items():
        yield _limit(name, "vm.stats.vm.", READ, meaning)
    yield Sysctl(
        "vm.stats.vm.v_page_size", "uint", "bytes", READ, "size of a page", compute=lambda _: PAGE_SIZE
    )
    for event, meaning in EVENTS.items():
        yield Sysctl(f"vm.stats.vm.{event}", "uint", "events", READ, meaning, compute=_event_sum(event))
    for name, compute, meaning in (
        ("vm.vmstats", _vmstats, "the counters and limits"),
        ("vm.vmmeter", _vmmeter, "the event counters, summed over all cpus"),
        ("vm.vmtotal", _vmtotal, "resident pages (t_rm), and free or cached pages (t_free)"),
    ):
        yield Sysctl(name, OPAQUE, "", READ, meaning, compute=compute)
    yield Sysctl("vm.cpuN.vmmeter", OPAQUE, "", READ, "the event counters of cpu N")
    for level, meaning in _LEVELS.items():
        name = f"cpu_topology_{level}_ids"
        yield _variable(f"hw.{name}", "int", "number", READ_WRITE, f"{meaning}, for colours", name)
    yield Sysctl("vm.contig_verbose", "int", "0 or 1", BOOT, "whether contiguous allocations are logged")


SYSCTLS: Final = {entry.name: entry for entry in _everything()}
"""Every sysctl by name; `vm.cpuN.vmmeter` represents one sysctl per cpu."""

_OF_EACH_CPU: Final = SYSCTLS["vm.cpuN.vmmeter"]


def sysctls(vm: Machine) -> dict[str, Sysctl]:
    """Return the sysctls of this machine by name, in table order."""
    found: dict[str, Sysctl] = {}
    for name, entry in SYSCTLS.items():
        if entry is not _OF_EACH_CPU:
            found[name] = entry
            continue
        for cpu in range(vm.ncpus):
            own = f"vm.cpu{cpu}.vmmeter"
            found[own] = Sysctl(
                own, OPAQUE, "", READ, f"the event counters of cpu {cpu}", compute=_vmmeter_of(cpu)
            )
    if (counters := vm.config.counters) is not None:
        says = f"the run began with {counters.source}; not a sysctl of the kernel"
        found[COUNTERS] = Sysctl(COUNTERS, "string", "", READ, "where the run began", compute=lambda _: says)
    return found


# --- reading and writing ----------------------------------------------------------------------------------


def read_sysctl(vm: Machine, name: str) -> Value:
    """Return the value of a sysctl: a number, or a structure's fields by name.

    Errors: BadInput for an unknown name, with the names nearest to it, and for a boot tunable.
    """
    entry = _called(name, sysctls(vm))
    if entry.access == BOOT:
        raise BadInput(f"{name} is set at boot and cannot be read; all other sysctls can")
    return entry.read(vm)


def write_sysctl(vm: Machine, name: str, value: int) -> None:
    """Set a sysctl; a cpu uses a changed limit after its next copy of the global.

    Errors: BadInput for an unknown name, for one that cannot be set, or for a value outside its C type.
    """
    entry = settable(name)
    check_value(entry, value)
    entry.write(vm, value)


def settable(name: str) -> Sysctl:
    """Return the sysctl called `name`, which can be set.

    Errors: BadInput if there is no such sysctl, or it cannot be set.
    """
    entry = _called(name, SYSCTLS)
    if entry.access == BOOT:
        raise BadInput(f"{name} is a boot tunable; it cannot be set in a running kernel")
    if entry.access == READ:
        twin = f"vm.{name.rpartition('.')[2]}"
        hint = f"set {twin}" if twin in WRITABLE else f"these can be set: {', '.join(WRITABLE)}"
        raise BadInput(f"{name} is read-only; {hint}")
    return entry


def check_value(entry: Sysctl, value: int) -> None:
    """Check that the sysctl's C type can hold a value.

    Errors: BadInput with the range of the type.
    """
    least, greatest = RANGES[entry.ctype]
    if not least <= value <= greatest:
        article = "an" if entry.ctype == "int" else "a"
        words = f"{article} {entry.ctype} is from {least} to {greatest}"
        raise BadInput(f"{entry.name} = {value} is not possible; {words}")


WRITABLE: Final = tuple(name for name, entry in SYSCTLS.items() if entry.access == READ_WRITE)
"""The names of the sysctls that can be set."""


def _called(name: str, among: dict[str, Sysctl]) -> Sysctl:
    entry = among.get(name)
    if entry is None:
        near = difflib.get_close_matches(name[:60], among, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`pageq show sysctl` lists them all"
        raise BadInput(f"there is no sysctl {name[:60]!r}; {hint}")
    return entry


# --- as text ----------------------------------------------------------------------------------------------


def show_sysctl(vm: Machine, name: str = "") -> str:
    """Return a line `name: value` for the sysctl called `name` or for each one below it; "" means all.

    A structure is a line with its name and an indented line for each field.
    Errors: as read_sysctl.
    """
    there = sysctls(vm)
    chosen = [entry for key, entry in there.items() if not name or key.startswith(f"{name}.")]
    if not chosen:
        read_sysctl(vm, name)
        chosen = [there[name]]
    return "".join(_text(entry.name, entry.read(vm)) for entry in chosen if entry.access != BOOT)


def _text(name: str, value: Value) -> str:
    if not isinstance(value, dict):
        return f"{name}: {value}\n"
    return f"{name}:\n" + "".join(f"    {field}: {number}\n" for field, number in value.items())
