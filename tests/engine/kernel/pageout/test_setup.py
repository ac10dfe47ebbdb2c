"""The one-time setup of the pageout daemon: spec 20, sections 1 and 7."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import TDF_SYSTHREAD, VMSTATS_FIELDS, Thread
from engine.kernel.boot.sequence import boot, load_kernel
from engine.kernel.pageout.daemon import vm_pageout_thread
from engine.kernel.pageout.setup import daemon_limits, vm_pageout_free_page_calc, vm_pageout_setup
from engine.kernel.sleep import CHAN_EMERG_PAGER
from engine.machine.machine import MachineConfig
from engine.machine.topology import Hardware, parse_spec

Machine = Callable[..., Any]
OTHER, PRIMARY, EMERGENCY = 0, 1, 2

LIMITS = (
    "v_free_min",
    "v_free_reserved",
    "v_free_severe",
    "v_pageout_free_min",
    "v_interrupt_free_min",
    "v_free_target",
    "v_cache_min",
    "v_cache_max",
    "v_inactive_target",
)


@pytest.mark.parametrize(
    ("page_count", "free_count", "limits"),
    [
        pytest.param(1024, 960, (69, 41, 34, 24, 15, 317, 0, 0, 240), id="4 MiB"),
        pytest.param(4096, 3840, (84, 49, 42, 28, 17, 385, 385, 770, 960), id="16 MiB"),
        pytest.param(16384, 15360, (145, 79, 72, 43, 25, 659, 659, 1318, 3840), id="64 MiB"),
        pytest.param(262144, 245760, (1374, 694, 687, 350, 178, 6190, 6190, 12380, 61440), id="1 GiB"),
        pytest.param(
            4194304,
            4161536,
            (21035, 10524, 10517, 5265, 2636, 94664, 94664, 189328, 1040384),
            id="16 GiB",
        ),
        pytest.param(
            16777216,
            16744448,
            (83950, 41982, 41975, 20994, 10500, 377782, 377782, 755564, 4186112),
            id="64 GiB",
        ),
    ],
)
def test_the_limits_of_the_worked_table(page_count: int, free_count: int, limits: tuple[int, ...]) -> None:
    found = daemon_limits(page_count, free_count)
    assert tuple(found[VMSTATS_FIELDS.index(name)] for name in LIMITS) == limits


@pytest.mark.parametrize(("free_count", "cache_min"), [(2048, 0), (2049, 317)])
def test_a_small_machine_keeps_no_cache(free_count: int, cache_min: int) -> None:
    assert daemon_limits(1024, free_count)[VMSTATS_FIELDS.index("v_cache_min")] == cache_min


def unset(machine: Any) -> Any:
    """A machine whose daemon has not set up yet."""
    machine.vm.glob.sequence_emerg_pager[0] = 0
    for name in ("vm_max_launder", "vm_page_max_wired", "vm_pageout_stats_max"):
        getattr(machine.vm.glob, name)[0] = 0
    machine.vm.glob.vm_pageout_stats_interval[0] = 0
    machine.vm.glob.vm_pageout_full_stats_interval[0] = 0
    machine.limits(**dict.fromkeys(LIMITS, 0))
    return machine


def test_the_setup_changes_the_global_limits_and_no_view(paging: Machine) -> None:
    machine = unset(paging())
    machine.do(vm_pageout_setup, thread=PRIMARY)
    count, view = machine.vm.vmstats.count, machine.vm.gd_vmstats.view
    at = [VMSTATS_FIELDS.index(name) for name in LIMITS]
    expected = daemon_limits(count[0], count[10])
    assert {field: count[field] for field in at} == expected
    assert [view[field] for field in at] == [0] * len(at)
    assert machine.effects("wakeup") == [(CHAN_EMERG_PAGER, ())]


def test_the_setup_fills_in_the_tunables_that_are_0(paging: Machine) -> None:
    machine = unset(paging())
    machine.do(vm_pageout_setup, thread=PRIMARY)
    glob, count = machine.vm.glob, machine.vm.vmstats.count
    assert glob.vm_max_launder[0] == machine.vm.config.hardware.physmem // 256 + 16 == 20
    assert glob.vm_page_max_wired[0] == count[10] // 3
    assert glob.vm_pageout_stats_max[0] == count[VMSTATS_FIELDS.index("v_free_target")]
    assert (glob.vm_pageout_stats_interval[0], glob.vm_pageout_full_stats_interval[0]) == (5, 20)


def test_the_setup_leaves_tunables_that_are_not_0(paging: Machine) -> None:
    machine = unset(paging())
    names = ("vm_max_launder", "vm_page_max_wired", "vm_pageout_stats_max", "vm_pageout_stats_interval")
    for name in (*names, "vm_pageout_full_stats_interval"):
        getattr(machine.vm.glob, name)[0] = 7
    machine.do(vm_pageout_setup, thread=PRIMARY)
    for name in (*names, "vm_pageout_full_stats_interval"):
        assert getattr(machine.vm.glob, name)[0] == 7


def test_the_limits_below_the_minimum_go_by_the_pages_of_the_machine(paging: Machine) -> None:
    machine = unset(paging())
    machine.limits(v_page_count=16384)
    machine.do(vm_pageout_free_page_calc, 16384)
    count = machine.vm.vmstats.count
    assert [count[VMSTATS_FIELDS.index(name)] for name in LIMITS[:5]] == [145, 79, 72, 43, 25]
    assert count[VMSTATS_FIELDS.index("v_free_target")] == 0


def test_the_primary_daemon_becomes_a_system_thread_sets_up_and_goes_to_work(paging: Machine) -> None:
    machine = unset(paging())
    machine.do(vm_pageout_thread, 1, thread=PRIMARY)
    assert machine.vm.thread.flags[PRIMARY] == TDF_SYSTHREAD
    assert machine.vm.glob.sequence_emerg_pager[0] == 1
    assert machine.vm.glob.vm_max_launder[0] == 20


def test_a_settled_machine_already_has_its_limits_and_keeps_those_of_its_scenario() -> None:
    hardware = parse_spec("4MiB:1x1x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware, thresholds=(("v_free_min", 99),)))
    vm.pagethread = vm.curthread = Thread(0)
    for _ in vm_pageout_thread(vm, 1):
        pass
    assert vm.vmstats.count[VMSTATS_FIELDS.index("v_free_min")] == 99
    assert vm.gd_vmstats.view[VMSTATS_FIELDS.index("v_free_min")] == 99
    assert vm.glob.vm_max_launder[0] == 20


def test_the_tunables_that_the_kernel_starts_with() -> None:
    hardware = parse_spec("4MiB:1x1x1")
    assert hardware is not None
    glob = load_kernel(MachineConfig(hardware)).glob
    found = {
        name: getattr(glob, name)[0]
        for name in (
            *("vm_pageout_memuse_mode", "vm_pageout_allow_active", "vm_anonmem_decline"),
            *("vm_filemem_decline", "vm_emerg_launder", "vm_page_free_hysteresis", "vm_max_launder"),
            *("vm_pageout_algorithm", "vm_pageout_stats_interval", "swap_pager_full"),
        )
    }
    assert found == {
        "vm_pageout_memuse_mode": 2,
        "vm_pageout_allow_active": 1,
        "vm_anonmem_decline": 1,
        "vm_filemem_decline": 2,
        "vm_emerg_launder": 100,
        "vm_page_free_hysteresis": 16,
        "vm_max_launder": 0,
        "vm_pageout_algorithm": 0,
        "vm_pageout_stats_interval": 0,
        "swap_pager_full": 0,
    }


def test_the_launder_limit_uses_the_firmwares_memory_size() -> None:
    spec = parse_spec("4MiB:1x1x1")
    assert spec is not None
    hardware = Hardware("more", spec.topology, spec.phys_avail, frames=10_000)
    vm = load_kernel(MachineConfig(hardware))
    vm.curthread = Thread(0)
    for _ in vm_pageout_setup(vm):
        pass
    assert vm.glob.vm_max_launder[0] == 10_000 // 256 + 16
