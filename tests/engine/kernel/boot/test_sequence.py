"""Boot as a whole: worked examples, the state in which a run begins, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    PAGE_SIZE,
    PQ_COUNT,
    PQ_FREE,
    V_DMA_PAGES,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_PAGE_COUNT,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
)
from engine.errors import BadInput, KernelPanic
from engine.kernel.boot.sequence import (
    boot,
    daemon_limits,
    load_kernel,
    vm_page_startup,
    vm_page_startup_finish,
    vm_set_page_size,
)
from engine.machine.machine import MachineConfig
from engine.machine.topology import Hardware, Topology, parse_spec

MIB = 1 << 20


@pytest.mark.parametrize(
    ("claim", "ranges", "expected"),
    [
        (
            "a PC with 1 GiB and a hole below 1 MiB",
            ((0x10000, 0x9F000), (0x100000, 0x40000000)),
            {
                "first_page": 16,
                "entries": 262128,
                "dump": 32768,
                "added": 253831,
                "dma": 65395,
                "free": 188436,
            },
        ),
        (
            "64 MiB from address 0",
            ((0, 64 * MIB),),
            {"first_page": 0, "entries": 16384, "dump": 4096, "added": 15871, "dma": 4096, "free": 11775},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_startup_of(claim: str, ranges: tuple[tuple[int, int], ...], expected: dict[str, int]) -> None:
    del claim
    vm = load_kernel(MachineConfig(Hardware("pc", Topology.grid(1, 1, 1), ranges)))
    vm_page_startup(vm)
    stats = dict(zip(VMSTATS_FIELDS, vm.memory.vector("vmstats.count").tolist(), strict=True))
    assert expected == {
        "first_page": vm.first_page,
        "entries": vm.vm_page_array_size,
        "dump": vm.glob.vm_page_dump_size[0],
        "added": stats["v_page_count"],
        "dma": stats["v_dma_pages"],
        "free": stats["v_free_count"],
    }


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
    vm_page_startup(vm)
    vm_page_startup_finish(vm)
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


def test_a_page_size_that_is_no_power_of_two_panics() -> None:
    with pytest.raises(KernelPanic) as caught:
        vm_set_page_size(load_kernel(preset("tiny")), 4097)
    assert (caught.value.kind, caught.value.function) == ("panic", "vm_set_page_size")


def test_a_reserved_page_in_two_ranges_dies_after_it_was_counted_again() -> None:
    ranges = ((0, 64 * PAGE_SIZE), (60 * PAGE_SIZE, 1024 * PAGE_SIZE))
    vm = load_kernel(MachineConfig(Hardware("twice", Topology.grid(1, 1, 1), ranges)))
    with pytest.raises(KernelPanic) as caught:
        vm_page_startup(vm)
    assert caught.value.function == "alst_radix_free"
    assert caught.value.condition == "block 60 is free already"
    assert (vm.vmstats.count[V_DMA_PAGES], vm.glob.bl_free[0], vm.page.wire_count[60]) == (65, 64, 1)


@pytest.mark.parametrize(
    ("ranges", "complaint"),
    [
        (((0, MIB), (255 * MIB, 256 * MIB)), "page array"),
        (((0, 64 * MIB), (16 * MIB, 32 * MIB)), "not in order"),
    ],
    ids=["a page array larger than any range", "a range that ends behind the last one"],
)
def test_memory_that_cannot_boot_is_refused(ranges: tuple[tuple[int, int], ...], complaint: str) -> None:
    config = MachineConfig(Hardware("odd", Topology.grid(1, 1, 1), ranges))
    with pytest.raises(BadInput, match=complaint):
        boot(config)
