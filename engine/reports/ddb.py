"""What the kernel debugger prints: `show page` and `show pageq`, byte for byte (spec 10).

Both read without locks and at one instant. What a person would like to see besides - totals, per-cpu
numbers - is not in them and belongs elsewhere; of the held pages show_pageq_hold() tells, which says of
itself that no debugger prints it.
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
    """The ten lines of `show page`: global counters and limits, without what the cpus have pending.

    Source: sys/vm/vm_page.c DB_SHOW_COMMAND(page)
    """
    count = vm.vmstats.count
    return "".join(f"vmstats.{name}: {count[VMSTATS_FIELDS.index(name)]}\n" for name in SHOWN_COUNTERS)


def show_pageq(vm: Machine) -> str:
    """The four lines of `show pageq`: the length of each colour's list, for as many colours as there are.

    Source: sys/vm/vm_page.c DB_SHOW_COMMAND(pageq)
    """
    return "".join(f"{label}:{_lengths(vm, base)}\n" for label, base in SHOWN_QUEUES.items())


def show_pageq_hold(vm: Machine) -> str:
    """One line for the queue type that `show pageq` leaves out; it names itself an addition.

    The pages on it were freed while somebody held them; v_active_count counts them.
    """
    return f"PQ_HOLD (an addition, not part of DDB's output):{_lengths(vm, PQ_HOLD)}\n"


def _lengths(vm: Machine, base: int) -> str:
    lcnt = vm.memory.vector("queue.lcnt")[base : base + vm.colors]
    return "".join(f" {pages}" for pages in lcnt.tolist())
