"""Damage to the statistics."""

from __future__ import annotations

from typing import Any

from engine.constants import (
    PQ_FREE,
    V_ACTIVE_COUNT,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_INACTIVE_COUNT,
    V_WIRE_COUNT,
    VMSTATS_SIZE,
)


def test_a_global_counter_too_high(town: Any, finds: Any) -> None:
    town.vm.vmstats.count[V_FREE_COUNT] += 1
    finds("counters", _counter(town, "v_free_count", V_FREE_COUNT, PQ_FREE, "pages are on FREE"))


def test_an_adjustment_of_another_cpu(town: Any, finds: Any) -> None:
    town.vm.gd_vmstats.adj[VMSTATS_SIZE + V_INACTIVE_COUNT] -= 2
    adj = "cpu[0].adj.v_inactive_count 3 and cpu[1].adj.v_inactive_count -2"
    finds("counters", f"counters: vmstats.v_inactive_count 0 and {adj}, but 3 pages are on INACTIVE")


def test_an_amount_that_a_rollup_lost(town: Any, finds: Any) -> None:
    town.vm.gd_vmstats.taken[V_CACHE_COUNT] = 1
    parts = "vmstats.v_cache_count 0 and cpu[0].adj.v_cache_count 1 and cpu[0].taken.v_cache_count 1"
    finds("counters", f"counters: {parts}, but 1 page is on CACHE")


def test_a_held_page_that_active_does_not_count(town: Any, finds: Any) -> None:
    town.vm.gd_vmstats.adj[V_ACTIVE_COUNT] = 2
    says = "vmstats.v_active_count 0 and cpu[0].adj.v_active_count 2"
    finds("counters", f"counters: {says}, but 3 pages are on ACTIVE and HOLD")


def test_a_wiring_that_is_not_counted(town: Any, finds: Any) -> None:
    vm = town.vm
    vm.page.wire_count[town.first] = 1
    wired = int((vm.memory.vector("page.wire_count") > 0).sum())
    says = f"vmstats.v_wire_count {vm.vmstats.count[V_WIRE_COUNT]} and cpu[0].adj.v_wire_count 1"
    finds("counters", f"counters: {says}, but {wired} pages are wired")


def _counter(town: Any, name: str, counter: int, queue: int, what: str) -> str:
    vm = town.vm
    says = f"vmstats.{name} {vm.vmstats.count[counter]} and cpu[0].adj.{name} {vm.gd_vmstats.adj[counter]}"
    return f"counters: {says}, but {vm.queue.lcnt[queue]} {what}"
