"""Boot against a model that goes page by page, written from the kernel's description."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.constants import (
    NULL,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    PQ_FREE,
    PQ_INACTIVE,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
)
from engine.errors import BadInput, KernelPanic
from engine.kernel.boot import free_lists
from engine.kernel.boot.sequence import (
    boot,
    load_kernel,
    run_to_the_end,
    vm_numa_organize,
    vm_numa_organize_finalize,
    vm_page_startup,
    vm_page_startup_finish,
)
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.topology import Hardware, NumaRange, Topology, parse_spec

PAGE = 4096
MIB = 1 << 20


class PageByPage:
    """The same boot, one page at a time; lists are Python lists, head first."""

    def __init__(self, vm: Machine) -> None:
        self.vm = vm
        self.n = vm.colors
        hardware = vm.config.hardware
        self.topology = hardware.topology
        self.ranges = [(-(-beg // PAGE) * PAGE, end // PAGE * PAGE) for beg, end in hardware.phys_avail]
        self.ranges = [(beg, max(beg, end)) for beg, end in self.ranges]
        self.first = self.ranges[0][0] // PAGE
        self.size = self.ranges[-1][1] // PAGE - self.first
        self.rows = [[0, 0, 0, 0, 0] for _ in range(self.size)]  # queue, pc, flags, wire, pat_mode
        self.lists: defaultdict[int, list[int]] = defaultdict(list)
        self.adds: defaultdict[int, int] = defaultdict(int)
        self.stats: defaultdict[str, int] = defaultdict(int)
        self.adj: defaultdict[str, int] = defaultdict(int)
        self.view: dict[str, int] = {}
        self.tfree = 0
        self.alist: set[int] = set()
        self.messages: list[str] = []
        self.panicked = False

    def startup(self) -> None:
        total = sum(end - beg for beg, end in self.ranges)
        sizes = [end - beg for beg, end in self.ranges]
        big = sizes.index(max(sizes))
        bits = self.ranges[-1][1] // PAGE
        end = self.ranges[big][1] - -(-((bits + 7) // 8) // PAGE) * PAGE
        new_end = (end - self.size * 128) // PAGE * PAGE
        npages = (total - self.size * 128) // PAGE
        self.low = min(65536 * PAGE, total // 4)
        self.dma = self.vm.config.hardware.dma_reserved or min(128 * MIB, total // 16)
        for index, (beg, stop) in enumerate(self.ranges):
            for pa in range(beg, new_end if index == big else stop, PAGE):
                if npages <= 0:
                    break
                npages -= 1
                self.add_new_page(pa)
                if self.panicked:
                    return
        self.view = dict(self.stats)

    def add_new_page(self, pa: int) -> None:
        row = self.rows[pa // PAGE - self.first]
        ppn = pa // PAGE
        if row[0]:
            self.messages.append(f"vm_add_new_page: duplicate pa {pa:016x}")
            return
        row[1] = (ppn ^ ppn // self.n ^ ppn // self.n // self.n) % self.n
        row[4] = 6
        self.stats["v_page_count"] += 1
        if pa < self.low:
            self.stats["v_dma_pages"] += 1
            self.stats["v_wire_count"] += 1
            row[2], row[3] = PG_FICTITIOUS | PG_UNQUEUED, 1
            self.panicked = ppn in self.alist
            self.alist.add(ppn)
            return
        self.stats["v_free_count"] += 1
        self.insert(ppn - self.first, row[1])

    def insert(self, m: int, color: int) -> None:
        self.rows[m][0], self.rows[m][1] = PQ_FREE + color, color
        self.lists[PQ_FREE + color].insert(0, m)

    def organize(self, beg: int, size: int, physid: int) -> None:
        phys = self.topology.phys_ids
        if phys <= 1 or self.topology.core_ids == 0 or self.n < phys:
            return
        mod = self.n // phys
        for range_beg, range_end in self.ranges:
            pa = max(range_beg, beg)
            while pa < min(range_end, beg + size):
                m = pa // PAGE - self.first
                color = (self.rows[m][1] % mod + physid % phys * mod) % self.n
                if self.rows[m][0]:
                    self.lists[self.rows[m][0]].remove(m)
                    self.insert(m, color)
                self.rows[m][1] = color
                pa += PAGE

    def finalize(self, offset: int) -> None:
        t = self.topology
        limit = self.n
        if t.ht_ids:
            limit = self.n // t.phys_ids // t.core_ids // t.ht_ids * t.ht_ids * t.core_ids * t.phys_ids
        limit = limit or self.n
        high = sum(len(self.lists[offset + i]) for i in range(limit)) // limit
        low = high - high // 10
        self.messages.append(f"vm_page: avg {high} pages per queue, {limit} queues")
        turn = 0
        for color in range(limit):
            while len(self.lists[PQ_FREE + color]) < low:
                turn = (turn + 1) % self.n
                if len(self.lists[PQ_FREE + turn]) >= high:
                    self.insert(self.lists[PQ_FREE + turn].pop(0), color)

    def trailing_chunk(self) -> tuple[int, int]:
        if not self.alist:
            return 0, 0
        # The highest free block is in the last node that is not fully allocated, on each level.
        last = max(self.alist)
        for span in (8192, 512, 32):
            node = last // span * span
            if self.alist.issuperset(range(node, node + span)):
                return node, span
        return last, 1

    def finish(self) -> None:
        while len(self.alist) > self.dma // PAGE and self.trailing_chunk()[1]:
            blk, count = self.trailing_chunk()
            excess = len(self.alist) - self.dma // PAGE
            if count > excess:
                blk, count = blk + count - excess, excess
            power = 1
            while power * 2 <= count:
                power *= 2
            blk, count = blk + count - power, power
            self.alist -= set(range(blk, blk + count))
            self.stats["v_dma_pages"] -= count
            self.low = blk * PAGE
            for ppn in range(blk, blk + count):
                self.release(ppn - self.first)
        used, left = self.stats["v_dma_pages"] - len(self.alist), len(self.alist)
        self.messages.append(f"DMA space used: {used * 4}k, remaining available: {left * 4}k")

    def release(self, m: int) -> None:
        self.rows[m][2] = self.rows[m][3] = 0
        self.adj["v_wire_count"] -= 1
        self.adds[PQ_INACTIVE + self.rows[m][1]] += 1
        self.adj["v_free_count"] += 1
        self.view["v_free_count"] = self.view.get("v_free_count", 0) + 1
        self.tfree += 1
        self.insert(m, self.rows[m][1])

    def state(self) -> dict[str, object]:
        return {
            "pages": self.rows,
            "lists": {queue: pages for queue, pages in self.lists.items() if pages},
            "adds": dict(self.adds),
            "stats": {name: n for name, n in self.stats.items() if n},
            "view": {name: n for name, n in self.view.items() if n},
            "adj": {name: n for name, n in self.adj.items() if n},
            "v_tfree": self.tfree,
            "alist": self.alist,
            "low": self.low,
            "dma": self.dma,
            "messages": shortened(self.messages),
        }


def shortened(messages: list[str]) -> list[str]:
    """The first ten reports of duplicates, one line for the others, then everything else."""
    duplicates = [text for text in messages if "duplicate" in text]
    more = ["vm_add_new_page: duplicate pa (many more)"] if len(duplicates) > 10 else []
    return duplicates[:10] + more + [text for text in messages if "duplicate" not in text]


def state_of(vm: Machine) -> dict[str, object]:
    def nonzero(column: str) -> dict[str, int]:
        cells = vm.memory.vector(column)[:VMSTATS_SIZE].tolist()
        return {name: n for name, n in zip(VMSTATS_FIELDS, cells, strict=True) if n}

    names = ("queue", "pc", "flags", "wire_count")
    columns = [vm.memory.vector(f"page.{name}")[: vm.vm_page_array_size] for name in names]
    columns.append(np.array([vm.page.pat_mode[m] for m in range(vm.vm_page_array_size)]))
    return {
        "pages": np.stack(columns, axis=1).tolist(),
        "lists": dict(lists_of(vm)),
        "adds": {q: n for q, n in enumerate(vm.memory.vector("queue.adds").tolist()) if n},
        "stats": nonzero("vmstats.count"),
        "view": nonzero("gd_vmstats.view"),
        "adj": nonzero("gd_vmstats.adj"),
        "v_tfree": vm.cpu.v_tfree[0],
        "alist": set(np.flatnonzero(vm.memory.vector("alist.free")).tolist()),
        "low": vm.glob.vm_low_phys_reserved[0],
        "dma": vm.glob.vm_dma_reserved[0],
        "messages": [effect[1] for effect in vm.effects],
    }


def lists_of(vm: Machine) -> Iterator[tuple[int, list[int]]]:
    """Every non-empty list, walked forwards; all links, ends and lengths must agree with the walk."""
    vector = vm.memory.vector
    following, preceding = vector("page.next").tolist(), vector("page.prev").tolist()
    heads, tails = vector("queue.head"), vector("queue.tail")
    unqueued = set(range(vm.page.length))
    listed = np.flatnonzero((heads != NULL) | (tails != NULL) | (vector("queue.lcnt") != 0))
    for q in listed.tolist():
        pages: list[int] = []
        m = vm.queue.head[q]
        while m != NULL:
            assert preceding[m] == (pages[-1] if pages else NULL)
            pages.append(m)
            m = following[m]
        assert (vm.queue.tail[q], vm.queue.lcnt[q]) == (pages[-1], len(pages))
        unqueued.difference_update(pages)
        yield q, pages
    assert all(following[m] == preceding[m] == NULL for m in unqueued)


@st.composite
def configs(draw: st.DrawFn) -> MachineConfig:
    """Small machines: ranges that may overlap, leave holes or be unaligned, sockets, colours, rules."""
    start = at = draw(st.integers(0, 1500))
    unaligned = st.sampled_from((0, 0, 0, 1, 2048, 4095))
    ranges = []
    for number in range(draw(st.integers(1, 4))):
        beg = max(at + draw(st.sampled_from((-90, 0, 0, 1, 37, 200))), start + 1) if number else start
        end = beg + draw(st.integers(0, 700))
        ranges.append((beg * PAGE + draw(unaligned), end * PAGE + draw(unaligned)))
        at = max(at, end)
    ranges.append(((at + 1) * PAGE, (at + 60) * PAGE))
    topology = Topology.grid(*(draw(st.integers(1, most)) for most in (5, 3, 2)))
    span = st.integers(0, (at + 100) * PAGE)
    pages = span.map(lambda address: address // PAGE * PAGE)
    numa = draw(
        st.lists(st.builds(NumaRange, st.one_of(span, pages, pages), pages, st.integers(0, 6)), max_size=4)
    )
    dma = draw(st.sampled_from((0, 0, 1 << 16, 1 << 20)))
    hardware = Hardware("drawn", topology, tuple(ranges), tuple(numa), draw(st.booleans()), dma_reserved=dma)
    colors = draw(st.sampled_from((1, 2, 4, 8, 16, 64, 1024)))
    return MachineConfig(hardware, Rules.named(draw(st.sampled_from(("source", "document")))), colors)


def machine(
    pages: int, *numa: tuple[int, int, int], colors: int = 16, sockets: int = 2, overlap: int = 0
) -> MachineConfig:
    """`pages` frames from 0, the last `overlap` of them listed twice; numa: (first page, pages, socket)."""
    ranges = [(0, pages * PAGE)]
    if overlap:
        ranges.append(((pages - overlap) * PAGE, (pages + 8) * PAGE))
    entries = tuple(NumaRange(first * PAGE, count * PAGE, socket) for first, count, socket in numa)
    topology = Topology.grid(sockets, 2, 1)
    hardware = Hardware("example", topology, tuple(ranges), entries, bool(numa))
    return MachineConfig(hardware, Rules.named("source"), colors)


def startup_panic(vm: Machine) -> str | None:
    """Run vm_page_startup and return the function that panicked, if one did."""
    try:
        run_to_the_end(vm_page_startup, vm)
    except BadInput as refusal:
        assume("page array" not in refusal.message)
        raise
    except KernelPanic as panic:
        return panic.function
    return None


LISTS_IN_PIECES = machine(600, (270, 10, 0), (400, 10, 0), (290, 10, 0), (250, 10, 0), (250, 50, 0), colors=2)
DONORS_EMPTIED = machine(150, (0, 150, 0), colors=64)
MANY_DUPLICATES = machine(600, overlap=30)
ROWS_AND_REMAINDERS = machine(3000, (0, 1500, 0), (1500, 1500, 1))
UNEVEN_SOCKETS = machine(1200, (0, 400, 0), (400, 800, 2), sockets=3)


@pytest.mark.slow
@settings(max_examples=100)
@example(LISTS_IN_PIECES, 1 << 15)
@example(DONORS_EMPTIED, 1 << 15)
@example(MANY_DUPLICATES, 16)
@example(ROWS_AND_REMAINDERS, 64)
@example(UNEVEN_SOCKETS, 64)
@given(configs(), st.sampled_from((1, 16, 100, 256, 1 << 15)))
def test_every_step_of_boot_is_what_going_page_by_page_gives(config: MachineConfig, chunk: int) -> None:
    with mock.patch.object(free_lists, "CHUNK", chunk):
        vm = load_kernel(config)
        model = PageByPage(vm)
        panic = startup_panic(vm)
        model.startup()
        assert (panic == "alst_radix_free") == model.panicked
        if panic:
            assert vm.memory.vector("vmstats.count").sum() == sum(model.stats.values())
            return
        assert state_of(vm) == model.state()
        for entry in config.hardware.numa:
            run_to_the_end(vm_numa_organize, vm, entry.beg, entry.size, entry.physid)
            model.organize(entry.beg, entry.size, entry.physid)
            assert state_of(vm) == model.state()
        if config.hardware.finalize:
            run_to_the_end(vm_numa_organize_finalize, vm)
            model.finalize(PQ_FREE if config.rules.finalize_offset_fix else 0)
            assert state_of(vm) == model.state()
        run_to_the_end(vm_page_startup_finish, vm)
        model.finish()
        assert state_of(vm) == model.state()


def test_sorting_and_rows_build_the_same_lists() -> None:
    hardware = parse_spec("512MiB:2x2x2")
    assert hardware is not None
    config = MachineConfig(hardware)
    by_rows = boot(config)
    with mock.patch.object(free_lists, "_rows", return_value=None):
        by_sorting = boot(config)
    assert np.array_equal(by_rows.memory.array, by_sorting.memory.array)
