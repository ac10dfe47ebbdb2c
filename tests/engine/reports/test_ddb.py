"""The debugger's output, byte for byte."""

from __future__ import annotations

from engine.constants import PQ_ACTIVE, PQ_CACHE, PQ_FREE, PQ_HOLD, PQ_INACTIVE, VMSTATS_FIELDS
from engine.kernel.boot.sequence import load_kernel, run_to_the_end, vm_page_startup
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import Hardware, Topology
from engine.reports.ddb import show_page, show_pageq, show_pageq_hold


def machine(*ranges: tuple[int, int], colors: int = 1024) -> Machine:
    return load_kernel(MachineConfig(Hardware("shown", Topology.grid(1, 1, 1), ranges), colors=colors))


def test_show_page_prints_ten_counters_in_the_kernels_order() -> None:
    vm = machine((0x10000, 0x9F000), (0x100000, 0x40000000))
    run_to_the_end(vm_page_startup, vm)
    for name, value in {"v_cache_count": 7, "v_active_count": -3, "v_inactive_target": 47109}.items():
        vm.vmstats.count[VMSTATS_FIELDS.index(name)] = value
    assert show_page(vm) == (
        "vmstats.v_free_count: 188436\n"
        "vmstats.v_cache_count: 7\n"
        "vmstats.v_inactive_count: 0\n"
        "vmstats.v_active_count: -3\n"
        "vmstats.v_wire_count: 65395\n"
        "vmstats.v_free_reserved: 0\n"
        "vmstats.v_free_min: 0\n"
        "vmstats.v_free_target: 0\n"
        "vmstats.v_cache_min: 0\n"
        "vmstats.v_inactive_target: 47109\n"
    )


def test_show_page_leaves_out_a_cpus_pending_changes() -> None:
    vm = machine((0, 1 << 20))
    before = show_page(vm)
    vm.gd_vmstats.adj[VMSTATS_FIELDS.index("v_free_count")] = 5
    assert show_page(vm) == before


def test_show_pageq_prints_four_queues_and_never_hold() -> None:
    vm = machine((0, 1 << 20), colors=4)
    for base, value in ((PQ_FREE, 12), (PQ_CACHE, 1), (PQ_ACTIVE, 20), (PQ_INACTIVE, 3), (PQ_HOLD, 99)):
        vm.queue.lcnt[base] = value
        vm.queue.lcnt[base + 3] = value + 1
    assert show_pageq(vm) == (
        "PQ_FREE: 12 0 0 13\nPQ_CACHE: 1 0 0 2\nPQ_ACTIVE: 20 0 0 21\nPQ_INACTIVE: 3 0 0 4\n"
    )


def test_the_hold_queues_are_a_separate_line_marked_as_an_addition() -> None:
    vm = machine((0, 1 << 20), colors=4)
    vm.queue.lcnt[PQ_HOLD + 2] = 7
    assert show_pageq_hold(vm) == "PQ_HOLD (an addition, not part of DDB's output): 0 0 7 0\n"


def test_show_pageq_has_a_number_for_each_color() -> None:
    lines = show_pageq(machine((0, 1 << 20))).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["PQ_FREE:", "PQ_CACHE:", "PQ_ACTIVE:", "PQ_INACTIVE:"]
    assert [len(line.split(" ")) for line in lines] == [1025] * 4
