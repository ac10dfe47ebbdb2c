"""Per-cpu statistics: pending adjustments, private views, and their rollup to the global (spec 08)."""

from __future__ import annotations

from engine.constants import (
    ROLLED_UP,
    V_ACTIVE_COUNT,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_INACTIVE_COUNT,
    V_WIRE_COUNT,
    VMSTATS_SIZE,
)
from engine.invariants.counters import counter_violations
from engine.kernel.boot.sequence import boot
from engine.kernel.stats import count_pages, hardclock, vmstats_rollup, vmstats_rollup_cpu
from engine.machine.machine import MachineConfig, Switches
from engine.machine.topology import parse_spec
from engine.scenario.loader import load
from engine.scenario.settings import parse_setting
from tests.engine.kernel.checked_crew import DONE, THERE, Crew, unchecked


def pending(crew: Crew, cpu: int, **amounts: int) -> None:
    """Give a cpu pending adjustments."""
    fields = {
        "free": V_FREE_COUNT,
        "active": V_ACTIVE_COUNT,
        "inactive": V_INACTIVE_COUNT,
        "wire": V_WIRE_COUNT,
    }
    for name, amount in amounts.items():
        crew.vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + fields[name]] = amount


def test_rolling_up_a_cpu_moves_all_five_counters_and_refreshes_no_view() -> None:
    crew = Crew(check=unchecked)
    views = [crew.vm.memory.vector("gd_vmstats.view").tolist()]
    before = {field: crew.vm.vmstats.count[field] for field in ROLLED_UP}
    for number, field in enumerate(ROLLED_UP, 1):
        crew.vm.gd_vmstats.adj[VMSTATS_SIZE + field] = number
    crew.call(vmstats_rollup_cpu, 1)
    assert {field: crew.vm.vmstats.count[field] for field in ROLLED_UP} == {
        field: before[field] + number for number, field in enumerate(ROLLED_UP, 1)
    }
    assert [crew.adjusted(1, field) for field in ROLLED_UP] == [0] * 5
    assert [crew.vm.memory.vector("gd_vmstats.view").tolist()] == views


def test_between_taking_an_amount_and_adding_it_neither_side_holds_it() -> None:
    crew = Crew(check=unchecked)
    pending(crew, 1, free=7)
    total = crew.total(V_FREE_COUNT)
    crew.begin(0, vmstats_rollup_cpu, 1)
    assert crew.play(0, until="add it to the global counter") == THERE
    assert crew.total(V_FREE_COUNT) == total - 7
    pending(crew, 1, free=2)  # what the cpu does meanwhile is not lost
    assert crew.play(0) == DONE
    assert crew.total(V_FREE_COUNT) == total + 2


def test_a_rollup_takes_from_every_cpu_and_refreshes_the_callers_view_alone() -> None:
    crew = Crew(check=unchecked)
    for cpu in (0, 1):
        pending(crew, cpu, free=3, active=-2)
    free, active = crew.total(V_FREE_COUNT), crew.total(V_ACTIVE_COUNT)
    stale = crew.viewed(0, V_FREE_COUNT)
    crew.call(vmstats_rollup, t=1)
    for field, total in ((V_FREE_COUNT, free), (V_ACTIVE_COUNT, active)):
        assert (crew.vm.vmstats.count[field], crew.viewed(1, field)) == (total, total)
    assert crew.viewed(0, V_FREE_COUNT) == stale


def test_a_tick_of_the_clock_rolls_this_cpu_up_and_copies_limits_too() -> None:
    crew = Crew(check=unchecked)
    pending(crew, 0, inactive=4)
    pending(crew, 1, inactive=9)
    crew.vm.vmstats.count[V_FREE_MIN] = 123
    crew.call(hardclock, t=1)
    assert (crew.adjusted(0, V_INACTIVE_COUNT), crew.adjusted(1, V_INACTIVE_COUNT)) == (4, 0)
    assert (crew.viewed(0, V_FREE_MIN) == 123, crew.viewed(1, V_FREE_MIN)) == (False, 123)
    assert crew.viewed(1, V_INACTIVE_COUNT) == crew.vm.vmstats.count[V_INACTIVE_COUNT]


def test_without_percpu_stats_each_change_is_in_the_global_in_its_own_step() -> None:
    scenario, plain = (
        load("life-of-a-page", settings=settings)
        for settings in ((parse_setting("machine.percpu_stats=false"),), ())
    )
    history, other = scenario.start(), plain.start()
    while history.extend(1) and other.extend(1):
        assert not history.vm.memory.vector("gd_vmstats.adj").any()
        assert not history.vm.memory.vector("gd_vmstats.taken").any()
        assert not list(counter_violations(history.vm))
        assert history.journal.label(history.step) == other.journal.label(history.step)
    assert history.total == other.total == 145
    changed = [history.vm.vmstats.count[field] - other.vm.vmstats.count[field] for field in ROLLED_UP]
    assert changed == [sum(other.vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + field] for cpu in other.vm.cpus)
                       for field in ROLLED_UP]  # fmt: skip
    assert any(changed)


def test_a_machine_boots_with_the_same_counters_without_percpu_stats() -> None:
    hardware = parse_spec("4MiB:2x1x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware, switches=Switches(percpu_stats=False)))
    assert vm.memory.digest() == boot(MachineConfig(hardware)).memory.digest()
    count_pages(vm, V_WIRE_COUNT, 3)
    assert not vm.memory.vector("gd_vmstats.adj").any()
