"""The limits that are shown are those that the predicates compare: in generated states, under every rule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.constants import (
    V_CACHE_COUNT,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    V_INTERRUPT_FREE_MIN,
    V_PAGEOUT_FREE_MIN,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_QUICK,
    VM_ALLOC_SYSTEM,
    VMSTATS_SIZE,
    Cpu,
    Thread,
)
from engine.kernel import alloc, memory_pressure, memory_wait
from engine.kernel.pressure_limits import (
    Limit,
    class_limit,
    fault_limits,
    minimum_limits,
    pager_wakeup_limit,
    paging_limits,
    severe_limits,
    target_limits,
    wait_limits,
    wakeup_limits,
)
from engine.machine.machine import Machine
from tests.engine.kernel.limited_crew import crew_with

FIELDS: Final = (
    V_FREE_COUNT, V_CACHE_COUNT, V_FREE_MIN, V_FREE_RESERVED, V_FREE_SEVERE, V_FREE_TARGET,
    V_INTERRUPT_FREE_MIN, V_PAGEOUT_FREE_MIN, V_CACHE_MIN,
)  # fmt: skip
RULES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("document", {}),
    ("source", {}),
    ("source", {"nice_rule": "formula"}),
    ("source", {"thresholds": "newer"}),
    ("document", {"thresholds": "newer"}),
)
REQUESTS: Final = (
    VM_ALLOC_NORMAL,
    VM_ALLOC_SYSTEM,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_QUICK,
    VM_ALLOC_SYSTEM | VM_ALLOC_INTERRUPT,
)


@cache
def machine(which: int) -> Machine:
    """A machine with one of the RULES; its counters are those of the last state that was set."""
    rules, options = RULES[which]
    return crew_with(50, rules=rules, **options).vm


def set_state(vm: Machine, values: Mapping[int, int], nice: int, *, pager: bool) -> None:
    for field, value in values.items():
        vm.gd_vmstats.view[VMSTATS_SIZE + field] = value
    vm.vmstats.count[V_FREE_MIN] = values[V_FREE_MIN]
    vm.curthread, vm.mycpu = Thread(1), Cpu(1)
    vm.pagethread = Thread(1 if pager else 0)
    vm.thread.nice[1] = nice


def short(limits: tuple[Limit, ...]) -> bool:
    return any(limit.short for limit in limits)


STATES: Final = st.fixed_dictionaries({field: st.integers(0, 12) for field in FIELDS})


@given(st.sampled_from(range(len(RULES))), STATES, st.integers(-20, 20), st.booleans(), st.integers(0, 5))
def test_each_predicate_is_its_limits(
    which: int, values: dict[int, int], nice: int, pager: bool, more: int
) -> None:
    vm, cpu, t = machine(which), Cpu(1), Thread(1)
    set_state(vm, values, nice, pager=pager)
    vm.glob.vm_page_free_hysteresis[0] = more
    assert short(target_limits(vm, cpu)) == memory_pressure.vm_page_count_target(vm)
    assert short(minimum_limits(vm, cpu, more)) == memory_pressure.vm_page_count_min(vm, more)
    assert short(severe_limits(vm, cpu)) == memory_pressure.vm_page_count_severe(vm)
    assert short(fault_limits(vm, cpu, nice)) == memory_wait.pfault_waits(vm, t)
    assert short(paging_limits(vm, cpu)) == memory_pressure.vm_paging_needed(vm, 0)
    waits = memory_pressure.vm_page_count_min(vm, 0) if pager else memory_wait._wait_for_target(vm)
    assert short(wait_limits(vm, cpu, t)) == waits
    assert pager_wakeup_limit(vm, cpu).short != memory_pressure._pager_may_go(vm)
    assert all(map(short, wakeup_limits(vm, cpu))) != memory_pressure._waiters_may_go(vm)
    for request in REQUESTS:
        assert class_limit(vm, cpu, request).short != alloc._free_page_allowed(vm, request)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (Limit("nice 10", 103, 80, 0), "nice 10: waits below 103, 80 are free"),
        (Limit("v_free_min", 1_040, 1, 1), "v_free_min: waits below 1,040, 1 is free or cached"),
        (Limit("v_free_reserved", 49, 30), "v_free_reserved: waits below 49, 30 are free"),
    ],
)
def test_a_limit_is_a_sentence(limit: Limit, text: str) -> None:
    assert str(limit) == text


def test_the_nice_value_moves_the_limit_under_the_documents_rules_alone() -> None:
    fields: dict[int, Any] = dict.fromkeys(FIELDS, 40)
    documented, sourced = machine(0), machine(1)
    for vm in (documented, sourced):
        set_state(vm, fields, 10, pager=False)
    assert fault_limits(documented, Cpu(1), 10)[0] == Limit("nice 10", 59, 80, 40)
    assert fault_limits(sourced, Cpu(1), 10)[0] == Limit("v_free_severe", 40, 80, 40)
