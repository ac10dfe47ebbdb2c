"""From ranges of memory to a page array, a contiguous reserve and free lists (spec 02)."""

from __future__ import annotations

import pytest

from engine.constants import (
    NULL,
    PAGE_SIZE,
    PAT_WRITE_BACK,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    PQ_FREE,
    PQ_NONE,
    V_DMA_PAGES,
    V_FREE_COUNT,
    V_PAGE_COUNT,
    V_WIRE_COUNT,
    VMSTATS_FIELDS,
    Page,
)
from engine.errors import BadInput, KernelPanic
from engine.kernel.boot.sequence import load_kernel, run_to_the_end
from engine.kernel.boot.startup import BootLayout, boot_layout, vm_page_startup, vm_set_page_size
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import Hardware, Topology

MIB = 1 << 20


def kernel(*ranges: tuple[int, int]) -> Machine:
    """A kernel that is loaded into memory of these ranges and has not read them."""
    return load_kernel(MachineConfig(Hardware("ranges", Topology.grid(1, 1, 1), ranges)))


def started(*ranges: tuple[int, int]) -> Machine:
    """The same after vm_page_startup."""
    vm = kernel(*ranges)
    run_to_the_end(vm_page_startup, vm)
    return vm


# --- the layout -------------------------------------------------------------------------------------------


def test_the_page_array_and_the_dump_bitmap_are_in_the_largest_range() -> None:
    low, high = (0x10000, 0x9F000), (0x100000, 0x40000000)
    layout = boot_layout(kernel(low, high))
    # 262128 entries of 128 bytes are 8191.5 pages, and the bitmap has 8.
    assert layout == BootLayout((low, (0x100000, 0x3DFF8000)), total=1073278976, dump=32768, npages=253839)


def test_ranges_are_cut_to_whole_pages_and_one_of_less_than_a_page_is_empty() -> None:
    ranges = ((1, 3 * PAGE_SIZE - 1), (4 * PAGE_SIZE + 1, 5 * PAGE_SIZE - 1), (MIB, 16 * MIB))
    layout = boot_layout(kernel(*ranges))
    assert layout.ranges[:2] == ((PAGE_SIZE, 2 * PAGE_SIZE), (5 * PAGE_SIZE, 5 * PAGE_SIZE))
    assert layout.total == PAGE_SIZE + 15 * MIB


def test_of_two_ranges_of_the_same_size_the_first_is_cut() -> None:
    layout = boot_layout(kernel((0, 8 * MIB), (16 * MIB, 24 * MIB)))
    # 24 MiB are 6144 entries: 192 pages, and one of the bitmap.
    assert layout.ranges == ((0, 8 * MIB - 193 * PAGE_SIZE), (16 * MIB, 24 * MIB))


@pytest.mark.parametrize(
    ("ranges", "complaint"),
    [
        (((0, MIB), (255 * MIB, 256 * MIB)), "page array needs 8396800 bytes, .* has only 1048576"),
        (((16 * MIB, 32 * MIB), (0, 64 * MIB)), "begins before the first one"),
    ],
    ids=["a page array larger than any range", "the first begins late"],
)
def test_ranges_that_cannot_hold_the_page_array_or_begin_before_it_are_refused(
    ranges: tuple[tuple[int, int], ...], complaint: str
) -> None:
    with pytest.raises(BadInput, match=complaint):
        boot_layout(kernel(*ranges))


# --- what becomes of the pages ----------------------------------------------------------------------------


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
    vm = kernel(*ranges)
    run_to_the_end(vm_page_startup, vm)
    stats = dict(zip(VMSTATS_FIELDS, vm.memory.vector("vmstats.count").tolist(), strict=True))
    assert expected == {
        "first_page": vm.first_page,
        "entries": vm.vm_page_array_size,
        "dump": vm.glob.vm_page_dump_size[0],
        "added": stats["v_page_count"],
        "dma": stats["v_dma_pages"],
        "free": stats["v_free_count"],
    }


def test_a_page_size_that_is_not_a_power_of_two_panics() -> None:
    with pytest.raises(KernelPanic) as caught:
        run_to_the_end(vm_set_page_size, kernel((0, MIB)), 4097)
    assert (caught.value.kind, caught.value.function) == ("panic", "vm_set_page_size")


def test_a_reserved_page_in_two_ranges_panics_after_it_was_counted_twice() -> None:
    ranges = ((0, 64 * PAGE_SIZE), (60 * PAGE_SIZE, 1024 * PAGE_SIZE))
    vm = kernel(*ranges)
    with pytest.raises(KernelPanic) as caught:
        run_to_the_end(vm_page_startup, vm)
    assert caught.value.function == "alst_radix_free"
    assert caught.value.condition == "block 60 is already free"
    assert (vm.vmstats.count[V_DMA_PAGES], vm.glob.bl_free[0], vm.page.wire_count[60]) == (65, 64, 1)


def test_low_pages_are_reserved_and_wired_and_the_others_free_the_highest_first() -> None:
    vm = started((0, 64 * MIB))
    low, m = Page(4095), Page(4096)
    assert vm.glob.vm_low_phys_reserved[0] == 16 * MIB
    assert (vm.page.queue[low], vm.page.wire_count[low]) == (PQ_NONE, 1)
    assert vm.page.flags[low] == PG_FICTITIOUS | PG_UNQUEUED
    color = (4096 ^ 4096 // 1024) & 1023
    assert (vm.page.pc[m], vm.page.queue[m], vm.page.wire_count[m]) == (color, PQ_FREE + color, 0)
    assert vm.queue.tail[PQ_FREE + color] == m
    highest = max(page for page in range(4096, 15871) if vm.page.pc[page] == color)
    assert vm.queue.head[PQ_FREE + color] == highest
    count = vm.vmstats.count
    assert (count[V_WIRE_COUNT], count[V_DMA_PAGES], vm.glob.bl_free[0]) == (4096, 4096, 4096)


def test_a_hole_and_the_memory_that_boot_keeps_have_entries_that_are_never_counted() -> None:
    vm = started((0, MIB), (2 * MIB, 64 * MIB))
    hole, stolen, added = (Page(at * MIB // PAGE_SIZE) for at in (1, 63, 32))
    assert vm.vm_page_array_size == 64 * MIB // PAGE_SIZE
    for m in (hole, stolen):
        assert (vm.page.queue[m], vm.page.flags[m], vm.page.wire_count[m]) == (PQ_NONE, 0, 0)
    assert [vm.page.pat_mode[m] for m in (hole, stolen, added)] == [0, 0, PAT_WRITE_BACK]


@pytest.mark.parametrize(("tunable", "reserved"), [(0, 4 * MIB), (3 * MIB, 3 * MIB)])
def test_a_sixteenth_is_kept_for_drivers_unless_a_tunable_says_how_much(tunable: int, reserved: int) -> None:
    vm = kernel((0, 64 * MIB))
    vm.glob.vm_dma_reserved[0] = tunable
    run_to_the_end(vm_page_startup, vm)
    assert vm.glob.vm_dma_reserved[0] == reserved


def test_a_free_page_in_two_ranges_is_added_once_and_ten_of_them_are_printed() -> None:
    vm = started((0, 16 * MIB), (8 * MIB, 24 * MIB))
    # The array and the bitmap end the first range 193 pages early: of the pages from 8 MiB on 2048 - 193
    # are in both, and those 193 come from the second alone.
    assert vm.vmstats.count[V_PAGE_COUNT] == 6144
    printed = [effect[1] for effect in vm.effects if effect[0] == "kprintf"]
    message = "vm_add_new_page: duplicate pa "
    assert printed == [
        *[f"{message}{8 * MIB + at * PAGE_SIZE:016x}" for at in range(10)],
        f"{message}(many more)",
    ]
    on_lists = sum(vm.queue.lcnt[PQ_FREE + color] for color in range(1024))
    assert on_lists == vm.vmstats.count[V_FREE_COUNT] == 6144 - 2048


def page_by_page(vm: Machine) -> tuple[dict[int, list[int]], int, int]:
    """Step 10 of spec 02 as it is written: the free lists by colour, the pages added, the duplicates."""
    layout = boot_layout(vm)
    low, npages = min(65536 * PAGE_SIZE, layout.total // 4), layout.npages
    lists: dict[int, list[int]] = {}
    free: set[int] = set()
    added = duplicates = 0
    for beg, end in layout.ranges:
        for pa in range(beg, end, PAGE_SIZE):
            npages -= 1
            ppn = pa // PAGE_SIZE
            if npages < 0:
                break
            if ppn in free:
                duplicates += 1
                continue
            added += 1
            if pa >= low:
                free.add(ppn)
                lists.setdefault((ppn ^ ppn // 1024) & 1023, []).insert(0, ppn)
    return lists, added, duplicates


@pytest.mark.parametrize(
    "ranges",
    [
        ((4096, 25165824), (20971520, 27262976)),
        ((4096, 25165824), (20971520, 24117248)),
        ((0, 64 * MIB), (32 * MIB, 48 * MIB)),
        ((0, 48 * MIB), (40 * MIB, 64 * MIB), (36 * MIB, 44 * MIB), (40 * MIB, 46 * MIB)),
    ],
    ids=["as recorded", "the last range ends early", "the last is inside the first", "four ranges"],
)
def test_a_page_in_several_ranges_is_added_once(ranges: tuple[tuple[int, int], ...]) -> None:
    vm = kernel(*ranges)
    lists, added, duplicates = page_by_page(vm)
    run_to_the_end(vm_page_startup, vm)
    assert duplicates > 10
    assert sum(effect[0] == "kprintf" for effect in vm.effects) == 11
    assert vm.vm_page_array_size == (ranges[-1][1] - ranges[0][0]) // PAGE_SIZE
    count = vm.vmstats.count
    assert (count[V_PAGE_COUNT], count[V_FREE_COUNT]) == (added, sum(map(len, lists.values())))
    assert {color: pages(vm, color) for color in range(1024)} == lists


def pages(vm: Machine, color: int) -> list[int]:
    """The page numbers of a colour's free list, head to tail; `prev` agrees with `next`."""
    found, before, m = [], NULL, vm.queue.head[PQ_FREE + color]
    while m != NULL:
        assert vm.page.prev[m] == before
        found.append(vm.page_number(m))
        before, m = m, vm.page.next[m]
    assert vm.queue.tail[PQ_FREE + color] == before
    return found
