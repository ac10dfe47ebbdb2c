"""NUMA colours: after boot has filled the free lists, firmware tables assign ranges of memory to sockets.

vm_numa_organize() gives the pages of a range the colours of their socket. A socket without memory would
leave its colours empty, so vm_numa_organize_finalize() fills each list that is far below the average from
the lists above it.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

from engine.constants import NULL, PAGE_MASK, PAGE_SHIFT, PQ_FREE
from engine.kernel.boot import free_lists
from engine.kernel.remarks import kprintf
from engine.machine.machine import Machine, Steps
from engine.memory.cells import Array


def vm_numa_organize(vm: Machine, beg: int, size: int, physid: int) -> Steps[None]:
    """Move the pages of [beg, beg + size) bytes to the colours of socket `physid`.

    Each page on a free list goes to the head of its new colour's list, in ascending order, even when the
    colour does not change; a page on no list only changes colour. A second call for the same range is
    allowed. The memory totals of the topology tree are not modelled.

    Locks:   none; boot, one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_numa_organize
    Differs: with fewer colours than sockets nothing moves, and the machine has a warning; nothing moves
             without the switch numa_color.
    """
    yield "check whether the colours have to be divided among sockets"
    topology = vm.topology
    if not vm.colors_by_socket:
        if vm.switches.numa_color and topology.core_ids and topology.phys_ids > 1:
            _warn_too_few_colors(vm)
        return
    modulus = vm.colors // topology.phys_ids
    start = physid % topology.phys_ids * modulus
    for first, beyond in _clipped(vm, beg, beg + size):
        for begin, end in free_lists.chunks(vm, first, beyond):
            yield "move the next pages to colours of their socket, each to the head of its list"
            _recolor(vm, begin, end, modulus, start)


def _warn_too_few_colors(vm: Machine) -> None:
    warning = (
        f"{vm.colors} colors cannot be divided among {vm.topology.phys_ids} sockets; "
        "pages keep the colors of their addresses"
    )
    if warning not in vm.warnings:
        vm.warnings.append(warning)


def _clipped(vm: Machine, beg: int, end: int) -> list[tuple[int, int]]:
    """The pages of phys_avail inside [beg, end) bytes, as one range of array indices [first, beyond) each.

    A page counts if it starts before the end, counted in whole pages from the start of the clipped range.
    Boot has checked that every range is inside the array; a range outside [beg, end) gives an empty one.
    """
    stretches = []
    for range_beg, range_end in vm.config.hardware.phys_avail:
        low = max(range_beg + PAGE_MASK & ~PAGE_MASK, beg)
        high = min(range_end & ~PAGE_MASK, end)
        first = (low >> PAGE_SHIFT) - vm.first_page
        stretches.append((first, first + (high - low + PAGE_MASK >> PAGE_SHIFT)))
    return stretches


def _recolor(vm: Machine, first: int, beyond: int, modulus: int, start: int) -> None:
    queued = free_lists.runs(vm.memory.vector("page.queue", first, beyond - first) != 0, first)
    for run in queued:
        free_lists.unlink(vm, *run)
    with vm.memory.writing("page.pc") as pc:
        colors = pc[first:beyond]
        colors %= modulus
        colors += start
        colors &= vm.color_mask
    for run in queued:
        free_lists.push_heads(vm, *run)


def vm_numa_organize_finalize(vm: Machine) -> Steps[None]:
    """Fill each colour's free list up to nine tenths of the average, from the lists at or above it.

    The lists are filled in order of colour. Donors take turns, one page each, and the turn continues from
    list to list, so a donor may end one page below the average.

    Locks:   none; boot, one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_numa_organize_finalize
    Differs: under finalize_offset_fix the average is over the free lists alone; the kernel's indices are
             one too low, so it counts the empty list 0 and leaves the last colour out. Nothing moves
             without the switch numa_color.
    """
    yield "work out how many pages a free list has on average"
    if not vm.switches.numa_color:
        return
    limit = _scale_lim(vm)
    offset = PQ_FREE if vm.rules.finalize_offset_fix else 0
    high = int(vm.memory.vector("queue.lcnt", offset, limit).sum()) // limit
    low = high - high // 10
    text = f"vm_page: avg {high} pages per queue, {limit} queues"
    kprintf(vm, text, "vm_page: avg ")
    turn = 0
    for first, beyond in free_lists.color_groups(vm, limit):
        if (vm.memory.vector("queue.lcnt", PQ_FREE + first, beyond - first) < low).any():
            yield "fill the next free lists that are too short, page by page from longer ones"
            turn = _fill_group(vm, first, beyond, low, high, turn)


def _scale_lim(vm: Machine) -> int:
    """The number of colours that the topology's mixed-radix arithmetic can reach; all when it is unknown."""
    topology = vm.topology
    if not topology.known:
        return vm.colors
    stretch = vm.colors // topology.phys_ids // topology.core_ids // topology.ht_ids
    return stretch * topology.ht_ids * topology.core_ids * topology.phys_ids or vm.colors


def _fill_group(vm: Machine, first: int, beyond: int, low: int, high: int, turn: int) -> int:
    """Raise the colours [first, beyond) to `low` pages, in order; return the last donor."""
    for color in range(first, beyond):
        if vm.queue.lcnt[PQ_FREE + color] < low:
            turn = _fill(vm, color, low, high, turn)
    return turn


FEW_DONORS: Final = 48
"""Up to this many donors, pages are taken one by one."""


def _fill(vm: Machine, color: int, low: int, high: int, turn: int) -> int:
    """Raise `color` to `low` pages from donors that have at least `high`; return the last donor.

    The kernel asks one colour after another, starting after the last donor `turn`. In whole rounds: a donor
    can give as many pages as its surplus, so round r takes one page from each donor with a surplus above r.
    """
    lcnt = vm.memory.vector("queue.lcnt", PQ_FREE, vm.colors)
    need = low - int(lcnt[color])
    donors = np.arange(turn + 1, turn + 1 + vm.colors) & vm.color_mask
    surplus = lcnt[donors] - high + 1
    donors, surplus = donors[surplus > 0], surplus[surplus > 0]
    heads = vm.memory.vector("queue.head")[PQ_FREE + donors]
    take = _take_in_rounds if donors.size > FEW_DONORS else _take_one_by_one
    pages, givers = take(vm, heads, surplus, need)
    with vm.memory.writing("queue.lcnt") as lengths:
        lengths[PQ_FREE + donors] -= np.bincount(givers, minlength=donors.size)
    _behead(vm, donors, heads)
    _give(vm, color, pages)
    return int(donors[givers[-1]])


def _take_in_rounds(vm: Machine, heads: Array, surplus: Array, need: int) -> tuple[Array, Array]:
    """The next `need` pages of the donors' lists, and which donor gave each; `heads` advances."""
    following = vm.memory.vector("page.next")
    given: list[Array] = []
    givers: list[Array] = []
    while need > 0:
        able = np.flatnonzero(surplus > len(given))[:need]
        pages = heads[able]
        heads[able] = following[pages]
        given.append(pages)
        givers.append(able)
        need -= able.size
    return np.concatenate(given), np.concatenate(givers)


def _take_one_by_one(vm: Machine, heads: Array, surplus: Array, need: int) -> tuple[Array, Array]:
    """As _take_in_rounds; with few donors a vector for each round costs more than its pages."""
    pages, givers = np.empty(need, np.int64), np.empty(need, np.int64)
    page_at, giver_at, following = pages.data, givers.data, vm.page.next
    now, left, taken = heads.tolist(), surplus.tolist(), 0
    able = [donor for donor, spare in enumerate(left) if spare > 0]
    while taken < need:
        rounds = min(*(left[donor] for donor in able), -(-(need - taken) // len(able)))
        for donor in itertools.islice(itertools.cycle(able), min(rounds * len(able), need - taken)):
            m = now[donor]
            page_at[taken], giver_at[taken] = m, donor
            now[donor] = following[m]
            taken += 1
        for donor in able:
            left[donor] -= rounds
        able = [donor for donor in able if left[donor] > 0]
    heads[:] = now
    return pages, givers


def _behead(vm: Machine, donors: Array, heads: Array) -> None:
    """Make `heads` (a page or NULL for each donor) the heads of the donors' lists."""
    writing, left = vm.memory.writing, heads != NULL
    with writing("queue.head") as head, writing("queue.tail") as tail, writing("page.prev") as preceding:
        head[PQ_FREE + donors] = heads
        tail[PQ_FREE + donors[~left]] = NULL
        preceding[heads[left]] = NULL


def _give(vm: Machine, color: int, pages: Array) -> None:
    """Put `pages` at the head of `color`'s free list one after another, so that the last is the head."""
    writing = vm.memory.writing
    queue = PQ_FREE + color
    heads, tails = vm.queue.head, vm.queue.tail
    old = heads[queue]
    with writing("page.pc") as pc, writing("page.queue") as queues:
        pc[pages] = color
        queues[pages] = queue
    with writing("page.next") as following, writing("page.prev") as preceding:
        following[pages[1:]] = pages[:-1]
        following[pages[0]] = old
        preceding[pages[:-1]] = pages[1:]
        preceding[pages[-1]] = NULL
        if old != NULL:
            preceding[old] = pages[0]
    if old == NULL:
        tails[queue] = int(pages[0])
    heads[queue] = int(pages[-1])
    vm.queue.lcnt[queue] += pages.size
