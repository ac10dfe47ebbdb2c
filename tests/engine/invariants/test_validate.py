"""All checks together: their messages, and that a correct machine has no violations."""

from __future__ import annotations

from typing import Final

import pytest

import engine.invariants
from engine.constants import PG_FICTITIOUS, PG_MARKER, PQ_FREE, PQ_INACTIVE, V_FREE_COUNT, Page
from engine.errors import InvariantViolation
from engine.invariants import CALLERS_RULES, CHECKS, Violation, validate_machine, violations
from engine.kernel.boot.sequence import boot
from engine.kernel.queues import _link_head
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.topology import Hardware, NumaRange, Topology, parse_spec
from engine.run.history import History
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text

pytestmark = pytest.mark.slow

MIB: Final = 1 << 20

MACHINES: Final = {
    "one cpu": parse_spec("4MiB:1x1x1"),
    "two cpus": parse_spec("16MiB:1x2x1"),
    "two sockets": parse_spec("16MiB:2x2x2"),
    "three sockets": parse_spec("24MiB:3x1x2"),
    "four sockets": parse_spec("64MiB:4x2x1"),
    "a hole in memory": Hardware(
        "holed", Topology.grid(1, 2, 1), ((MIB, 3 * MIB), (5 * MIB, 9 * MIB)), (), False
    ),
    "a socket without memory": Hardware(
        "lopsided", Topology.grid(2, 2, 1), ((0, 16 * MIB),), (NumaRange(0, 16 * MIB, 0),), True
    ),
}


EVERY_STEP: Final = 2_000
"""The steps of a run of which each is validated."""


def booted(machine: str, rules: str = "document", colors: int = 1024) -> Machine:
    hardware = MACHINES[machine]
    assert hardware is not None
    return boot(MachineConfig(hardware, Rules.named(rules), colors=colors))


def test_every_check_has_a_function_of_its_name() -> None:
    functions = {name for name in engine.invariants.__all__ if name.startswith("validate_")}
    assert functions == {f"validate_{name}" for name in CHECKS} | {"validate_machine"}
    assert set(CHECKS) > CALLERS_RULES


def test_a_violation_names_its_page() -> None:
    vm = booted("two cpus")
    m = vm.queue.head[PQ_FREE + 1]
    vm.page.act_count[m] = 3
    vm.page.pc[m] = 7
    breach = Violation("queue colours", m, f"page[{m:#x}].queue is queue[FREE,1]", "its pc is 7")
    assert violations(vm) == [breach]
    assert str(breach) == f"queue colours: page[{m:#x}].queue is queue[FREE,1], but its pc is 7"
    assert violations(vm, skip=frozenset({"queues"})) == []


def test_a_lot_of_damage_gives_a_short_message() -> None:
    vm = booted("two cpus")
    vm.memory.vector("page.pc")[:] = 0
    with pytest.raises(InvariantViolation, match=r"^queue colours: page\[.*but its pc is 0 \(and 7 more\)$"):
        validate_machine(vm)


def test_a_scan_marker_is_on_a_list_and_not_counted() -> None:
    vm = booted("two cpus")
    marker = vm.fake_base
    vm.page.flags[marker] = PG_FICTITIOUS | PG_MARKER
    vm.page.queue[marker] = PQ_INACTIVE
    vm.page.pc[marker] = 5
    vm.page.wire_count[marker] = 1
    _link_head(vm, PQ_INACTIVE, Page(marker))
    assert violations(vm) == []


@pytest.mark.parametrize("colors", [1, 16, 1024])
@pytest.mark.parametrize("rules", ["document", "source"])
@pytest.mark.parametrize("machine", MACHINES)
def test_a_booted_machine_is_consistent(machine: str, rules: str, colors: int) -> None:
    vm = booted(machine, rules, colors)
    assert vm.vmstats.count[V_FREE_COUNT] > 500
    assert violations(vm) == []


def steps_in_order(history: History, limit: int = 100_000) -> int:
    """Take up to `limit` steps until a panic, and validate; return the number of steps.

    After EVERY_STEP steps only each seventh is checked: what the long runs repeat differs little.
    """
    validate_machine(history.vm, 0)
    while history.runner.step < limit and history.runner.take() and history.runner.outcome != "panic":
        if history.runner.step < EVERY_STEP or history.runner.step % 7 == 0:
            validate_machine(history.vm, history.runner.step)
    validate_machine(history.vm, history.runner.step)
    return history.runner.step


@pytest.mark.parametrize("name", OWN.names)
def test_every_step_of_a_scenario_is_consistent(name: str) -> None:
    history = load(name).start()
    assert steps_in_order(history) > 1


BUSTLE: Final = '''
format = 1
title = "Threads that take pages from one another"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = {colors}
[machine.thresholds]
v_free_min = 100
v_free_reserved = 50
[limits]
steps = 1_000_000
[[object]]
name = "heap"
[[object]]
name = "file"
type = "vnode"

[[thread]]
name = "app"
cpu = 0
script = """
k = 0
while True:
    m = vm_page_grab(heap, k % 3, VM_ALLOC_NORMAL | VM_ALLOC_RETRY)
    vm_page_wire(m)
    vm_page_activate(m)
    vm_page_wakeup(m)
    m = vm_page_lookup_busy_wait(heap, k % 3, 1)
    if m != NULL:
        if m.wire_count > 0:
            vm_page_unwire(m, k % 2)
        vm_page_try_to_cache(m)
    k += 1
"""

[[thread]]
name = "thief"
cpu = 1
script = """
k = 0
while True:
    m, error = vm_page_lookup_busy_try(heap, k % 3, 1)
    if m != NULL:
        if error == 0:
            vm_page_hold(m)
            if m.wire_count == 0:
                vm_page_free(m)
                vm_page_unhold(m)
            else:
                vm_page_unhold(m)
                vm_page_deactivate(m)
                vm_page_wakeup(m)
    vmstats_rollup()
    k += 1
"""

[[thread]]
name = "driver"
cpu = 1
script = """
k = 0
while True:
    d = vm_page_alloc_contig(0, 0, 0, 0, PAGE_SIZE * (1 + k % 3), 6)
    tick(1)
    vm_object_hold(heap)
    m = vm_page_lookup_busy_wait(heap, k % 3, 1)
    if m != NULL:
        vm_page_rename(m, file, k)
        vm_page_wakeup(m)
    vm_object_drop(heap)
    if d != NULL:
        vm_page_free_contig(d, PAGE_SIZE * (1 + k % 3))
    vmstats_rollup()
    vm_pageout_scan_hold(k)
    k += 1
"""

[[thread]]
name = "cleaner"
cpu = 0
script = """
k = 0
while True:
    m = vm_page_lookup_busy_wait(file, k, 1)
    if m != NULL:
        vm_page_undirty(m)
        vm_page_cache(m)
        m = vm_page_lookup_sbusy_try(file, k, 0, PAGE_SIZE)
        if m != NULL:
            vm_page_sbusy_drop(m)
        k += 1
    else:
        vmstats_rollup()
"""
'''
"""Allocation, freeing while held, renaming, the reserve, clock ticks and overlapping rollups, all at once."""


def bustle(colors: int, schedule: str) -> Scenario:
    return load_text(BUSTLE.replace("{colors}", str(colors)), "bustle", schedule=schedule)


@pytest.mark.parametrize(("colors", "schedule"), [(1024, "rr"), (4, "random:2"), (1, "random:3")])
def test_every_step_of_interleaved_threads_is_consistent(colors: int, schedule: str) -> None:
    history = bustle(colors, schedule).start()
    assert steps_in_order(history, 1500) == 1500


def test_the_interleaving_reaches_each_state_between_two_steps() -> None:
    history = bustle(1024, "random:1").start()
    history.extend(3000)
    addresses = set(history.journal.addresses(0, history.total).tolist())
    written = {history.vm.memory.place_of(address)[0] for address in addresses}
    columns = {f"{place.table}.{place.name}" for place in written}
    assert columns >= {
        *("gd_vmstats.taken", "thread.tokens_released", "thread.page_spin", "thread.queue_spin"),
        *("thread.contig_spin", "thread.chan", "cpu.runq_head", "alist.free"),
    }
