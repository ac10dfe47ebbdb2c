"""A run of a scenario whose kernel functions are watched: an independent count of what the figures count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from engine.constants import PAGE_SHIFT
from engine.kernel import alloc, sleep
from engine.kernel.process import fault, page_table
from engine.kernel.process.page_table import page_of_pte, pte_at
from engine.machine.machine import Machine
from engine.run.history import History
from engine.scenario.loader import load, load_text
from engine.script import process_verbs

MEMORY_CHANNELS = ("v_free_count", "vm_pageout_pages_needed")


@dataclass
class Watched:
    """A run to its end, and the counts by thread of what its kernel functions were seen to do.

    found: for each touch, and for each allocation, the page and the cpu.
    """

    history: History
    touches: Counter[int] = field(default_factory=Counter)
    hits: Counter[int] = field(default_factory=Counter)
    asleep: Counter[int] = field(default_factory=Counter)
    touched: list[tuple[int, int]] = field(default_factory=list)
    allocated: list[tuple[int, int]] = field(default_factory=list)
    faulted: set[int] = field(default_factory=set)
    slept_at: dict[int, int] = field(default_factory=dict)

    def far(self, pages: list[tuple[int, int]]) -> int:
        """How many of these pages are in another node than their cpu."""
        vm = self.history.vm
        nodes = ((vm.node_of(m), vm.topology.cpus[cpu].phys_id) for m, cpu in pages)
        return sum(node is not None and node.phys_id != socket for node, socket in nodes)


TWO_NODES: Final = """format = 1
title = "Two processes share pages of two nodes"
[machine]
memory = "8 MiB"
topology = "2x1x1"
[[object]]
name = "shared"
size = 8
[[process]]
name = "A"
pid = 10
maps = [{object = "shared", start = 0x10000, pages = 8}]
[[process]]
name = "B"
pid = 11
maps = [{object = "shared", start = 0x20000, pages = 8}]
[[thread]]
name = "first"
cpu = 0
process = "A"
script = \"\"\"
for i in range(12):
    write(0x10000 + i % 8 * PAGE_SIZE)
nothing = read(0x90000)
\"\"\"
[[thread]]
name = "second"
cpu = 1
process = "B"
script = \"\"\"
for i in range(16):
    touch(0x20000 + i % 8 * PAGE_SIZE)
\"\"\"
[[thread]]
name = "kernel"
cpu = 1
script = \"\"\"
pid = 10
x = read(0x11000, pid)
x = write(0x11000, pid)
\"\"\"
"""
"""Touches with and without a fault, one that ends in a signal, and two by a thread of no process."""


def watched(name: str, rules: str, patch: pytest.MonkeyPatch) -> Watched:
    """Run a scenario of the library, or `two nodes`, and count."""
    scenario = load_text(TWO_NODES, rules=rules) if name == "two nodes" else load(name, rules=rules)
    seen = Watched(scenario.start())
    patch.setattr(process_verbs, "translate", _watch_access(seen))
    patch.setattr(process_verbs, "vm_fault", _watch_fault(seen))
    patch.setattr(sleep, "fall_asleep", _watch_sleep(seen))
    patch.setattr(sleep, "setrunqueue", _watch_wakeup(seen))
    patch.setattr(alloc, "_prepare", _watch_allocation(seen))
    scenario.run(seen.history)
    patch.undo()
    for t, begin in seen.slept_at.items():
        seen.asleep[t] += seen.history.vm.glob.ticks[0] - begin
    return seen


def _watch_access(seen: Watched) -> Callable[..., bool]:
    def watch(vm: Machine, p: int, va: int, write: bool) -> bool:
        done = page_table.translate(vm, p, va, write)
        if done:
            seen.touches[vm.curthread] += 1
            seen.hits[vm.curthread] += vm.curthread not in seen.faulted
            seen.faulted.discard(vm.curthread)
            seen.touched.append((page_of_pte(vm, pte_at(vm, p, va >> PAGE_SHIFT)), vm.mycpu))
        return done

    return watch


def _watch_fault(seen: Watched) -> Callable[..., Any]:
    def watch(vm: Machine, *arguments: int) -> Any:
        seen.faulted.add(vm.curthread)
        return fault.vm_fault(vm, *arguments)

    return watch


def _watch_sleep(seen: Watched) -> Callable[..., None]:
    fall_asleep = sleep.fall_asleep

    def watch(vm: Machine, t: Any, chan: int, wmesg: str, timo: int) -> None:
        fall_asleep(vm, t, chan, wmesg, timo)
        if sleep.describe_channel(vm, chan)[0] in MEMORY_CHANNELS:
            seen.slept_at[t] = vm.glob.ticks[0]

    return watch


def _watch_wakeup(seen: Watched) -> Callable[..., None]:
    setrunqueue = sleep.setrunqueue

    def watch(vm: Machine, t: Any) -> None:
        setrunqueue(vm, t)
        if t in seen.slept_at:
            seen.asleep[t] += vm.glob.ticks[0] - seen.slept_at.pop(t)

    return watch


def _watch_allocation(seen: Watched) -> Callable[..., Any]:
    prepare = alloc._prepare

    def watch(vm: Machine, m: Any, page_req: int) -> Any:
        seen.allocated.append((m, vm.mycpu))
        return prepare(vm, m, page_req)

    return watch
