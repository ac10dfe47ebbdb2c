"""The time to check all invariants of a machine.

A million pages, with the queues that make the check's walk longest (one list) and shortest (1,024 lists), and
with a quarter of the pages in an object; and the small machine that tests check after every step.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from engine.constants import NULL, PQ_ACTIVE, PQ_FREE, V_ACTIVE_COUNT, V_FREE_COUNT
from engine.invariants import violations
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec

COLORS = 256
"""The number of colours, of 1,024, whose pages are in an object."""


def _machine(spec: str, colors: int) -> Machine:
    hardware = parse_spec(spec)
    assert hardware is not None
    return boot(MachineConfig(hardware, colors=colors))


def _fill_an_object(vm: Machine) -> None:
    """Put every free page of the first COLORS colours into object 0, active, as a long run would have."""
    vector = vm.memory.vector
    for name, empty in (("head", NULL), ("tail", NULL), ("lcnt", 0)):
        column = vector(f"queue.{name}")
        column[PQ_ACTIVE : PQ_ACTIVE + COLORS] = column[PQ_FREE : PQ_FREE + COLORS]
        column[PQ_FREE : PQ_FREE + COLORS] = empty
    queue = vector("page.queue")
    pages = np.flatnonzero((queue >= PQ_FREE) & (queue < PQ_FREE + COLORS))
    queue[pages] += PQ_ACTIVE - PQ_FREE
    vm.vmstats.count[V_FREE_COUNT] -= pages.size
    vm.vmstats.count[V_ACTIVE_COUNT] += pages.size
    vector("page.object")[pages] = -NULL
    vector("page.pindex")[pages] = pages
    for m in pages.tolist():
        vm.resident.page[vm.resident_slots.slot((0, m))] = m
    vm.object.resident_page_count[0] = vm.cpu.t_rm[0] = pages.size


def _median(vm: Machine, runs: int) -> float:
    """Seconds for all checks once."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        violations(vm)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def _row(name: str, seconds: float, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(seconds * 1e3, 4),
        "unit": "ms",
        "target": target,
        "ratio": round(seconds * 1e3 / target, 3),
    }


def measure() -> list[dict[str, Any]]:
    """Check healthy machines; return rows {name, median, unit, target, ratio}; up to 1 is on target."""
    rows = []
    for colors in (1024, 1):
        vm = _machine("4GiB:2x4x2", colors)
        assert violations(vm) == []
        rows.append(_row(f"check a million pages, {colors} colours", _median(vm, 9), 150))
        if colors == 1024:
            _fill_an_object(vm)
            assert violations(vm) == []
            rows.append(_row("check a million pages, a quarter in an object", _median(vm, 9), 150))
    small = _machine("4MiB:1x2x1", 1024)
    rows.append(_row("check a machine of 4 MiB", _median(small, 500), 0.5))
    return rows


if __name__ == "__main__":
    for row in measure():
        print(row)
