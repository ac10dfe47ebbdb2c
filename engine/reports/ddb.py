"""Output of the kernel debugger: `show page` and `show pageq`, byte for byte.

Both read at one instant and without locks. They do not include totals or per-cpu numbers.
show_pageq_hold() adds the hold queues in a line that is marked as an addition.
Source: spec 10.
"""

from __future__ import annotations

from typing import Final

from engine.constants import PQ_ACTIVE, PQ_CACHE, PQ_FREE, PQ_HOLD, PQ_INACTIVE, VMSTATS_FIELDS
from engine.machine.machine import Machine

SHOWN_COUNTERS: Final = (
    "v_free_count",
    "v_cache_count",
    "v_inactive_count",
    "v_active_count",
    "v_wire_count",
    "v_free_reserved",
    "v_free_min",
    "v_free_target",
    "v_cache_min",
    "v_inactive_target",
)

SHOWN_QUEUES: Final = {
    "PQ_FREE": PQ_FREE,
    "PQ_CACHE": PQ_CACHE,
    "PQ_ACTIVE": PQ_ACTIVE,
    "PQ_INACTIVE": PQ_INACTIVE,
}


def show_page(vm: Machine) -> str:
    """Return the ten lines of `show page`: global counters and limits, without the cpus' pending changes.

    Source: sys/vm/vm_page.c DB_SHOW_COMMAND(page)
    """
    count = vm.vmstats.count
    return "".join(f"vmstats.{name}: {count[VMSTATS_FIELDS.index(name)]}\n" for name in SHOWN_COUNTERS)


def show_pageq(vm: Machine) -> str:
    """Return the four lines of `show pageq`: the queue lengths of each colour of the machine.

    Source: sys/vm/vm_page.c DB_SHOW_COMMAND(pageq)
    """
    return "".join(f"{label}:{_lengths(vm, base)}\n" for label, base in SHOWN_QUEUES.items())


def show_pageq_hold(vm: Machine) -> str:
    """Return a line for the hold queues, which `show pageq` leaves out; it is marked as an addition.

    Pages on a hold queue were freed while they were held; v_active_count counts them.
    """
    return f"PQ_HOLD (an addition, not part of DDB's output):{_lengths(vm, PQ_HOLD)}\n"


def _lengths(vm: Machine, base: int) -> str:
    lcnt = vm.memory.vector("queue.lcnt")[base : base + vm.colors]
    return "".join(f" {pages}" for pages in lcnt.tolist())
