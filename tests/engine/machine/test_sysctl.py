"""Sysctls: their values, which can be set, and the effect of setting one."""

from __future__ import annotations

import pytest

from engine.constants import V_FREE_MIN, VM_PAGE_FREE_HYSTERESIS, VMSTATS_SIZE, Cpu
from engine.errors import BadInput, KernelPanic
from engine.kernel.boot.sequence import boot
from engine.kernel.color import vm_get_pg_color
from engine.kernel.stats import hardclock
from engine.machine.machine import Machine, MachineConfig
from engine.machine.sysctl import (
    BOOT,
    READ,
    READ_WRITE,
    SYSCTLS,
    WRITABLE,
    read_sysctl,
    show_sysctl,
    sysctls,
    write_sysctl,
)
from engine.machine.tables import NO_OBJECT, CpuTable
from engine.machine.topology import parse_spec
from engine.memory.journal import Journal
from engine.scenario.loader import load_text


def machine(spec: str = "64MiB:2x4x2") -> Machine:
    hardware = parse_spec(spec)
    assert hardware is not None
    return boot(MachineConfig(hardware))


# The rows of spec 10, Sysctls: name, C type, access
SPEC = [
    ("vm.dma_reserved", "ulong", READ),
    ("vm.dma_free_pages", "uint", READ),
    ("vm.page_hash_vnode_only", "int", READ_WRITE),
    ("vm.page_free_hysteresis", "int", READ_WRITE),
    ("vm.swap_user_async", "int", READ_WRITE),  # spec 23, W1
    *[
        (f"vm.{name}", "ulong", READ_WRITE)
        for name in (
            *("v_free_min", "v_free_target", "v_free_reserved", "v_inactive_target"),
            *("v_cache_min", "v_cache_max", "v_pageout_free_min", "v_free_severe"),
        )
    ],
    *[
        (f"vm.stats.vm.{name}", "ulong", READ)
        for name in (
            *("v_page_count", "v_free_reserved", "v_free_target", "v_free_min", "v_free_count"),
            *("v_wire_count", "v_active_count", "v_inactive_target", "v_inactive_count", "v_cache_count"),
            *("v_cache_min", "v_cache_max", "v_pageout_free_min", "v_interrupt_free_min"),
        )
    ],
    ("vm.stats.vm.v_page_size", "uint", READ),
    *[
        (f"vm.stats.vm.{name}", "uint", READ)
        for name in (
            *("v_reactivated", "v_pdwakeups", "v_ppwakeups", "v_pdpages"),
            *("v_dfree", "v_tfree", "v_pfree", "v_intrans", "v_vm_faults", "v_cow_faults", "v_zfod"),
            *("v_swapin", "v_swapout", "v_swappgsin", "v_swappgsout", "v_vnodein", "v_vnodepgsin"),
        )
    ],
    *[(name, "struct", READ) for name in ("vm.vmstats", "vm.vmmeter", "vm.vmtotal", "vm.cpuN.vmmeter")],
    *[(f"hw.cpu_topology_{level}_ids", "int", READ_WRITE) for level in ("phys", "core", "ht")],
    ("vm.contig_verbose", "int", BOOT),
]


def test_the_table_is_that_of_the_kernel_and_each_entry_has_a_meaning() -> None:
    assert {name: (entry.ctype, entry.access) for name, entry in SYSCTLS.items()} == {
        name: (ctype, access) for name, ctype, access in SPEC
    }
    assert all(entry.meaning for entry in SYSCTLS.values())
    assert all(entry.unit for entry in SYSCTLS.values() if entry.ctype != "struct")


VALUES = [
    ("vm.dma_reserved", 4 << 20),
    ("vm.dma_free_pages", 1024),
    ("vm.page_hash_vnode_only", 0),
    ("vm.page_free_hysteresis", VM_PAGE_FREE_HYSTERESIS),
    ("vm.v_free_min", 64 + 15871 // 200),
    ("vm.v_free_severe", 71),
    ("vm.stats.vm.v_page_count", 15871),
    ("vm.stats.vm.v_free_count", 14847),
    ("vm.stats.vm.v_wire_count", 1024),
    ("vm.stats.vm.v_page_size", 4096),
    ("vm.stats.vm.v_tfree", 3072),
    ("vm.vmtotal", {"t_rm": 0, "t_free": 14847}),
    ("hw.cpu_topology_core_ids", 4),
]


@pytest.mark.parametrize(("name", "value"), VALUES, ids=[row[0] for row in VALUES])
def test_a_value_after_boot(name: str, value: object) -> None:
    assert read_sysctl(machine(), name) == value


def test_every_sysctl_except_the_tunables_can_be_read() -> None:
    vm = machine()
    for name, entry in sysctls(vm).items():
        if entry.access != BOOT:
            assert isinstance(read_sysctl(vm, name), dict if entry.ctype == "struct" else int), name


def test_an_event_is_the_sum_over_the_cpus_as_an_unsigned_int() -> None:
    vm = machine()
    vm.cpu.v_reactivated[0], vm.cpu.v_reactivated[3] = (1 << 32) - 1, 5
    assert read_sysctl(vm, "vm.stats.vm.v_reactivated") == 4
    meter = read_sysctl(vm, "vm.vmmeter")
    assert isinstance(meter, dict)
    assert meter["v_reactivated"] == 4
    own = read_sysctl(vm, "vm.cpu3.vmmeter")
    assert isinstance(own, dict)
    assert own["v_reactivated"] == 5


def test_every_event_that_is_counted_has_a_sysctl() -> None:
    counted = [f"vm.stats.vm.{column}" for column in CpuTable.specs() if column.startswith("v_")]
    assert [name for name in counted if name not in SYSCTLS] == []


SETUP = """format = 1
title = "setup"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[process]]
name = "A"
pid = 100
maps = [{object = "heap", start = 0x10000, pages = 16, prot = "rw"}]
[setup]
script = '''
n = vm_page_alloc(heap, 41, VM_ALLOC_NORMAL)
vm_page_wire(n)
vm_page_deactivate(n)
vm_page_wakeup(n)
write(0x10000, 100)
read(0x11000, 100)
'''
[[thread]]
name = "app"
script = '''
tick(1)
'''
"""


def test_after_a_setup_without_a_tick_the_sysctls_count_its_pages_as_after_one() -> None:
    scenario = load_text(SETUP)
    history = scenario.start()
    vm = history.vm
    shown = {name: read_sysctl(vm, f"vm.stats.vm.{name}") for name in ("v_vm_faults", "v_zfod")}
    assert shown["v_vm_faults"] == 2
    pages = ("v_free_count", "v_active_count", "v_inactive_count", "v_wire_count", "v_cache_count")
    before = {name: read_sysctl(vm, f"vm.stats.vm.{name}") for name in pages}
    structures = [read_sysctl(vm, name) for name in ("vm.vmstats", "vm.vmtotal")]
    assert before["v_active_count"] != 0
    assert before["v_free_count"] == scenario.expression("count(FREE)").show(vm)
    assert scenario.expression("vmstats.v_active_count").show(vm) == 0
    scenario.run(history)
    assert {name: scenario.expression(f"vmstats.{name}").show(vm) for name in pages} == before
    assert {name: read_sysctl(vm, f"vm.stats.vm.{name}") for name in pages} == before
    assert [read_sysctl(vm, name) for name in ("vm.vmstats", "vm.vmtotal")] == structures


def test_a_counter_that_went_below_zero_reads_as_an_unsigned_long() -> None:
    vm = machine()
    vm.vmstats.count[V_FREE_MIN] = -1
    assert read_sysctl(vm, "vm.v_free_min") == (1 << 64) - 1
    structure = read_sysctl(vm, "vm.vmstats")
    assert isinstance(structure, dict)
    assert structure["v_free_min"] == -1


@pytest.mark.parametrize("name", WRITABLE)
def test_what_is_written_is_read_back_and_journalled_as_one_cell(name: str) -> None:
    vm = machine()
    journal = Journal()
    vm.memory.record(journal)
    write_sysctl(vm, name, 12345)
    assert read_sysctl(vm, name) == 12345
    assert journal.writes == 1


@pytest.mark.parametrize("recorded", [False, True])
def test_the_greatest_unsigned_long_fits(recorded: bool) -> None:
    vm = machine()
    vm.memory.record(Journal() if recorded else None)
    write_sysctl(vm, "vm.v_free_min", (1 << 64) - 1)
    assert read_sysctl(vm, "vm.v_free_min") == (1 << 64) - 1
    assert vm.vmstats.count[V_FREE_MIN] == -1


def test_a_cpu_sees_a_changed_limit_after_its_next_tick_and_the_others_do_not() -> None:
    vm = machine()
    write_sysctl(vm, "vm.v_free_min", 200)
    views = [vm.gd_vmstats.view[cpu * VMSTATS_SIZE + V_FREE_MIN] for cpu in (0, 1)]
    assert views == [143, 143]
    vm.mycpu = Cpu(1)
    list(hardclock(vm))
    assert [vm.gd_vmstats.view[cpu * VMSTATS_SIZE + V_FREE_MIN] for cpu in (0, 1)] == [143, 200]


REFUSED = [
    ("an unknown name", "vm.v_free_mim", 1, "did you mean vm.v_free_min"),
    ("nothing near", "kern.ostype", 1, "`pageq show sysctl` lists them all"),
    ("a read-only one with a writable twin", "vm.stats.vm.v_free_min", 1, "set vm.v_free_min"),
    ("a read-only one without", "vm.dma_reserved", 1, "these can be set: vm.page_hash_vnode_only, "),
    ("a structure", "vm.vmstats", 1, "is read-only"),
    ("a tunable", "vm.contig_verbose", 1, "is a boot tunable"),
    ("an int too large", "vm.page_free_hysteresis", 1 << 31, "an int is from -2147483648 to 2147483647"),
    ("an int too small", "vm.page_free_hysteresis", -(1 << 31) - 1, "an int is from"),
    ("a negative ulong", "vm.v_free_min", -1, "a ulong is from 0 to 18446744073709551615"),
    ("a ulong too large", "vm.v_free_min", 1 << 64, "a ulong is from 0"),
]


@pytest.mark.parametrize(
    ("name", "value", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_an_invalid_write_is_refused_with_a_hint_and_changes_nothing(
    name: str, value: int, words: str
) -> None:
    vm = machine()
    before = vm.memory.digest()
    with pytest.raises(BadInput) as caught:
        write_sysctl(vm, name, value)
    assert words in str(caught.value)
    assert vm.memory.digest() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vm.cpu16.vmmeter", "there is no sysctl 'vm.cpu16.vmmeter'; did you mean vm.cpu"),
        ("vm.contig_verbose", "is set at boot"),
    ],
    ids=["an unknown cpu", "a tunable"],
)
def test_an_invalid_read_is_refused_with_a_hint(name: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_sysctl(machine(), name)
    assert words in str(caught.value)


def test_the_text_has_a_line_per_number_and_a_block_per_structure() -> None:
    vm = machine("4MiB:1x2x1")
    assert show_sysctl(vm, "vm.page_free_hysteresis") == "vm.page_free_hysteresis: 16\n"
    assert show_sysctl(vm, "vm.vmtotal") == "vm.vmtotal:\n    t_rm: 0\n    t_free: 927\n"
    assert show_sysctl(vm, "hw") == (
        "hw.cpu_topology_phys_ids: 1\nhw.cpu_topology_core_ids: 2\nhw.cpu_topology_ht_ids: 1\n"
    )
    assert show_sysctl(vm).count("\n") == 123
    assert "contig_verbose" not in show_sysctl(vm)


# 64MiB:2x4x2, cpu 13 at (1, 2, 1), pindex 5, without an object
COLORS = [
    ("as booted", {}, 512 + 2 * 128 + 64 + 5),
    ("one socket", {"phys": 1}, (1024 + 2 * 256 + 128 + 5) & 1023),
    ("twice the cores", {"core": 8}, 512 + 2 * 64 + 32 + 5),
    ("no threads: colours go by cpu", {"ht": 0}, 13 * 64 + 5),
    ("more threads than colours", {"ht": 4096}, 512 + 2 * 128),
    ("a negative number of sockets divides towards zero", {"phys": -3}, (-341 + 2 * -85 - 42 + 5) & 1023),
]


@pytest.mark.parametrize(("levels", "color"), [row[1:] for row in COLORS], ids=[row[0] for row in COLORS])
def test_the_topology_decides_the_colour_of_each_later_allocation(levels: dict[str, int], color: int) -> None:
    vm = machine()
    for level, number in levels.items():
        write_sysctl(vm, f"hw.cpu_topology_{level}_ids", number)
    assert vm_get_pg_color(vm, Cpu(13), NO_OBJECT, 5) == color


def test_a_topology_without_sockets_divides_by_zero() -> None:
    vm = machine()
    write_sysctl(vm, "hw.cpu_topology_phys_ids", 0)
    with pytest.raises(KernelPanic) as caught:
        vm_get_pg_color(vm, Cpu(0), NO_OBJECT, 0)
    assert (caught.value.kind, caught.value.function) == ("fault", "vm_get_pg_color")
