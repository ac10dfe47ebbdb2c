"""How much memory a machine needs to have given queue lengths.

Which colours the pages of a machine have is decided by boot, so sizes are tried: the machine boots, and if a
colour has too few pages, it gets more memory.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from engine.constants import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, VM_PAGE_STRUCT_SIZE
from engine.errors import BadInput
from engine.kernel.boot.queue_lengths import missing_pages
from engine.kernel.boot.sequence import boot
from engine.machine.counters import Counters
from engine.machine.machine import MachineConfig
from engine.machine.topology import MAX_PAGES, Topology, regular
from engine.memory.cells import Array
from engine.words import byte_size

LEAST: Final = 1 << 20
"""The smallest memory of a machine, and what sizes that are not given are rounded up to, in bytes."""

_MOST: Final = MAX_PAGES * PAGE_SIZE


def memory_of(page_count: int) -> int:
    """Return the smallest memory from address 0, in bytes, to which boot adds `page_count` pages.

    The rest is the page array and the bitmap for crash dumps; at most 64 GiB is returned.
    """
    pages = min(page_count, MAX_PAGES)
    frames = pages
    while frames < MAX_PAGES and (short := pages - _added(frames)) > 0:
        frames = min(frames + short, MAX_PAGES)
    return max(frames << PAGE_SHIFT, LEAST)


def _added(frames: int) -> int:
    """Return how many pages boot adds of the frames of one range from address 0."""
    dump = -(-frames // 8) + PAGE_MASK & ~PAGE_MASK
    return ((frames << PAGE_SHIFT) - dump - frames * VM_PAGE_STRUCT_SIZE) >> PAGE_SHIFT


@lru_cache(maxsize=16)
def enough_memory(
    counters: Counters, topology: Topology, dma_reserved: int = 0, page_count: int | None = None
) -> int:
    """Return the memory from address 0, in bytes, of a machine that can begin with these lengths.

    dma_reserved: of the drivers' reserve, in bytes; 0: what boot chooses.
    page_count:   the pages that boot should add, if they are enough; else memory is little more than is
                  needed, in whole MiB.
    Errors: BadInput if no machine of the model is large enough.
    """
    most = max(counters.needed)
    if most * counters.colors > MAX_PAGES:
        raise _too_many(counters, counters.needed.index(most))
    if page_count is not None and 0 <= page_count <= MAX_PAGES:
        size = memory_of(page_count)
        if not _missing(counters, topology, size, dma_reserved).any():
            return size
    size, before = _whole(memory_of(most * counters.colors)), MAX_PAGES
    while (missing := _missing(counters, topology, size, dma_reserved)).any():
        lacking = int(missing.max())
        if size == _MOST or lacking >= before:  # of some colours, some topologies have no pages
            raise _too_many(counters, int(missing.argmax()))
        # One more of each colour, and an eighth, since the drivers' reserve and the page array grow too.
        more = (lacking + 1) * counters.colors * PAGE_SIZE * 9 // 8
        size, before = min(_whole(size + more), _MOST), lacking
    return size


def _too_many(counters: Counters, color: int) -> BadInput:
    return BadInput(
        f"no machine of up to {byte_size(_MOST)} with this topology has {counters.needed[color]:,} pages of "
        f"colour {color}; use another topology, or the dump of a smaller machine"
    )


def _missing(counters: Counters, topology: Topology, size: int, dma_reserved: int) -> Array:
    """Return how many pages each colour lacks on a machine with so much memory."""
    hardware = replace(regular("tried", size, topology), dma_reserved=dma_reserved)
    return missing_pages(boot(MachineConfig(hardware, colors=counters.colors)), counters)


def _whole(size: int) -> int:
    return -(-size // LEAST) * LEAST
