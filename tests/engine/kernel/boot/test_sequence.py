"""Boot as a whole: worked examples, the state in which a run begins, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    PQ_COUNT,
    PQ_FREE,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_PAGE_COUNT,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
)
from engine.errors import BadInput
from engine.kernel.boot.sequence import (
    boot,
    daemon_limits,
    load_kernel,
    run_to_the_end,
    vm_page_startup,
    vm_page_startup_finish,
)
from engine.machine.machine import MachineConfig
from engine.machine.topology import parse_spec

MIB = 1 << 20


def preset(spec: str, **options: Any) -> MachineConfig:
    hardware = parse_spec(spec)
    assert hardware is not None
    return MachineConfig(hardware, **options)


def test_booting_twice_gives_the_same_machine() -> None:
    assert boot(preset("small")).memory.digest() == boot(preset("small")).memory.digest()


def test_after_boot_every_cpu_has_ticked_once() -> None:
    vm = boot(preset("two-socket"))
    views = vm.memory.vector("gd_vmstats.view").reshape(vm.ncpus, VMSTATS_SIZE)
    assert (views == vm.memory.vector("vmstats.count")).all()
    assert not vm.memory.vector("gd_vmstats.adj").any()
    free = sum(vm.queue.lcnt[PQ_FREE + color] for color in range(vm.colors))
    assert vm.vmstats.count[V_FREE_COUNT] == free


def test_only_the_boot_cpu_has_a_view_before_the_first_tick() -> None:
    vm = load_kernel(preset("two-socket"))
    run_to_the_end(vm_page_startup, vm)
    run_to_the_end(vm_page_startup_finish, vm)
    views = vm.memory.vector("gd_vmstats.view").reshape(vm.ncpus, VMSTATS_SIZE)
    assert views[0].any()
    assert not views[1:].any()


@pytest.mark.parametrize(
    ("page_count", "free_count", "limits"),
    [
        (262144, 188436, [1374, 694, 687, 350, 178, 6190, 6190, 12380, 47109]),
        (16382, 2048, [145, 79, 72, 43, 25, 659, 0, 0, 512]),
    ],
    ids=["1 GiB has cache limits", "with 2,048 free pages there are no cache limits"],
)
def test_the_daemons_limits(page_count: int, free_count: int, limits: list[int]) -> None:
    names = "free_min free_reserved free_severe pageout_free_min interrupt_free_min free_target"
    names += " cache_min cache_max inactive_target"
    by_name = dict(zip((f"v_{name}" for name in names.split()), limits, strict=True))
    found = {VMSTATS_FIELDS[limit]: n for limit, n in daemon_limits(page_count, free_count).items()}
    assert found == by_name


def test_booting_sets_the_daemons_limits() -> None:
    vm = boot(preset("small"))
    count = vm.vmstats.count
    limits = daemon_limits(count[V_PAGE_COUNT], count[V_FREE_COUNT])
    assert {limit: count[limit] for limit in limits} == limits
    assert count[V_FREE_MIN] == 64 + count[V_PAGE_COUNT] // 200


def test_configured_thresholds_reach_the_global_and_every_cpu() -> None:
    vm = boot(preset("small", thresholds=(("v_free_min", 69),)))
    views = [vm.gd_vmstats.view[cpu * VMSTATS_SIZE + V_FREE_MIN] for cpu in range(vm.ncpus)]
    assert [vm.vmstats.count[V_FREE_MIN], *views] == [69, 69, 69]


def test_an_unknown_threshold_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="'v_free_mim'"):
        boot(preset("small", thresholds=(("v_free_mim", 69),)))


def test_kernel_variables_have_their_initial_values_before_boot() -> None:
    vm = load_kernel(preset("small", ticks=-5))
    glob = vm.glob
    assert (glob.set_assoc_mask[0], glob.vm_page_free_hysteresis[0], glob.ticks[0]) == (15, 16, -5)
    assert all(vm.queue.lastq[q] == NULL for q in range(PQ_COUNT))
