"""The statistics: the global plus all cpus' pending adjustments equals the number of pages on the queues.

A page that joins or leaves a queue is counted in the same step; a first wiring or last unwiring is counted in
the step that changes `wire_count`. While a rollup moves an adjustment to the global, the adjustment is in
neither but in `gd_vmstats.taken` (kernel/stats.py). A cpu's view is a copy that may be stale; it is not
checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from engine.constants import (
    NULL,
    PQ_FREE,
    PQ_L2_SIZE,
    V_ACTIVE_COUNT,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_INACTIVE_COUNT,
    V_WIRE_COUNT,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
)
from engine.invariants.violation import Violation
from engine.machine.machine import Machine
from engine.machine.sysctl import counted_pages
from engine.words import plural

LARGEST_WIRE_COUNT: Final = (1 << 31) - 1
"""The kernel reads wire_count as signed: a page with a larger value was unwired too often."""


def counter_violations(vm: Machine) -> Iterator[Violation]:
    """Find every counter that disagrees with the pages it counts."""
    counted = counted_pages(vm)
    pages = _pages(vm)
    for counter, (number, what) in pages.items():
        if counted[counter] != number:
            found = f"{plural(number, 'page')} {'is' if number == 1 else 'are'} {what}"
            yield Violation("counters", NULL, _sum_in_words(vm, counter), found)


def _pages(vm: Machine) -> dict[int, tuple[int, str]]:
    lcnt = vm.memory.vector("queue.lcnt")[PQ_FREE:].reshape(-1, PQ_L2_SIZE).sum(axis=1).tolist()
    free, inactive, active, cache, hold = lcnt
    return {
        V_FREE_COUNT: (free, "on FREE"),
        V_INACTIVE_COUNT: (inactive, "on INACTIVE"),
        V_ACTIVE_COUNT: (active + hold, "on ACTIVE and HOLD"),
        V_CACHE_COUNT: (cache, "on CACHE"),
        V_WIRE_COUNT: (_wired(vm), "wired"),
    }


def _wired(vm: Machine) -> int:
    """Count the wired pages of the array, including the drivers' reserve as boot does; fake pages not."""
    wire_count = vm.memory.vector("page.wire_count")[: vm.page_entries]
    wired = np.count_nonzero(wire_count)
    if wired and int(wire_count.max()) > LARGEST_WIRE_COUNT:
        wired -= np.count_nonzero(wire_count > LARGEST_WIRE_COUNT)
    return int(wired)


def _sum_in_words(vm: Machine, counter: int) -> str:
    name = VMSTATS_FIELDS[counter]
    parts = [f"vmstats.{name} {vm.vmstats.count[counter]}"]
    for cpu in range(vm.ncpus):
        at = cpu * VMSTATS_SIZE + counter
        for title, column in (("adj", vm.gd_vmstats.adj), ("taken", vm.gd_vmstats.taken)):
            if column[at]:
                parts.append(f"cpu[{cpu}].{title}.{name} {column[at]}")
    return " and ".join(parts)
