"""Pages allocated and freed per second, with the atomic steps of each pair, compared with the real kernel.

The real vm_page.c, compiled in user space and without contention, does 14 to 21 million pairs per second. The
steps are counted because fewer steps would be faster: merging two atomic actions must not improve a figure.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from engine.constants import NULL, VM_ALLOC_NORMAL, Obj, Thread
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.free import vm_page_free
from engine.kernel.objects import vm_object_hold
from engine.machine.machine import Announcement, Machine, MachineConfig, Steps
from engine.machine.topology import parse_spec
from engine.memory.journal import Journal
from engine.run.call import call

PAIRS = 20_000
KERNEL = 14e6, 21e6
TARGETS = {"unrecorded": 80_000, "recorded": 20_000}
STEPS_MEANT = {"without an object": 21, "with an object": 30}


def machine() -> Machine:
    """16,384 pages on two cpus."""
    hardware = parse_spec("64MiB:1x2x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware))
    vm.object.ref_count[0] = 1
    return vm


def _pair(vm: Machine, obj: int, pindex: int) -> Steps[None]:
    m = yield from vm_page_alloc(vm, Obj(obj), pindex, VM_ALLOC_NORMAL)
    yield from vm_page_free(vm, m)


def _steps_of_a_pair(obj: int) -> int:
    vm = machine()
    if obj != NULL:
        call(vm, vm_object_hold, obj)
    _pair_once = list[Announcement]()
    vm.curthread = Thread(0)
    _pair_once.extend(_pair(vm, obj, 5))
    return len(_pair_once)


def _unrecorded(vm: Machine, obj: int) -> None:
    for pindex in range(PAIRS):
        call(vm, vm_page_free, call(vm, vm_page_alloc, obj, pindex, VM_ALLOC_NORMAL))


def _recorded(vm: Machine, obj: int) -> None:
    """As `_unrecorded`, with every write recorded and every step marked."""
    journal = Journal()
    vm.memory.record(journal)
    vm.curthread = Thread(0)
    for pindex in range(PAIRS):
        for action in _pair(vm, obj, pindex):
            journal.mark(0, action if isinstance(action, str) else action[0])


def _rate(work: Callable[[Machine, int], None], obj: int) -> float:
    rates = []
    for _ in range(5):
        vm = machine()
        if obj != NULL:
            call(vm, vm_object_hold, obj)
        begin = time.perf_counter()
        work(vm, obj)
        rates.append(PAIRS / (time.perf_counter() - begin))
    return statistics.median(rates)


def _row(name: str, median: float, unit: str, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(median, 1),
        "unit": unit,
        "target": target,
        "ratio": round(target / median, 3),
    }


def measure() -> list[dict[str, Any]]:
    """Return rows {name, median, unit, target, ratio = target / median}; up to 1 reaches the target."""
    rows = []
    for how, obj in (("without an object", NULL), ("with an object", 0)):
        steps = _steps_of_a_pair(obj)
        rows.append(_row(f"atomic steps of an alloc and a free {how}", steps, "steps", STEPS_MEANT[how]))
        for kind, work in (("unrecorded", _unrecorded), ("recorded", _recorded)):
            rate = _rate(work, obj)
            rows.append(_row(f"alloc+free pairs {how}, {kind}", rate, "pairs/s", TARGETS[kind]))
            slower = f"{KERNEL[0] / rate:.0f} to {KERNEL[1] / rate:.0f}"
            rows.append(_row(f"  the real kernel is {slower} times as fast", sum(KERNEL) / 2 / rate, "x", 1))
    return rows
