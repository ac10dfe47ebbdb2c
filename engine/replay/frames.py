"""The machine of a replay: sized so that exactly N pages can hold the reference string above its reserve.

A fault takes a page while v_free_reserved or more are free, so v_free_reserved - 1 pages stay free whatever
happens, and every other free page may hold a page of the string: the reserve is what the boot left free, less
N, plus 1. A page in the CACHE queue still holds its contents, and it does not count as free here: so no more
than N pages of the string are in memory at any moment, on any queue. Below its start limit the daemon would
work ahead of need; that limit is put where no free page is left above the reserve (v_free_min is one less
than v_free_reserved, v_cache_min is 0), so that N pages stay undisturbed and the daemon starts when a fault
waits for the next one. The other limits have the proportions of a large machine, whose v_free_min is 1/200 of
its pages, without the constants by which a small one keeps most of its memory free: a pass aims at 3.5 times
that many free and cached pages above the reserve, and half of them free; a quarter of the N pages are to be
inactive.
Source: spec 08; spec 20, sections 1 to 3; spec 22, sections A and E.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from engine.constants import PAGE_SIZE, PQ_L2_SIZE, SWB_DMMAX, V_FREE_COUNT
from engine.errors import BadInput
from engine.kernel.boot.sequence import boot
from engine.machine.machine import MachineConfig
from engine.machine.topology import MAX_PAGES, parse_grid, regular
from engine.scenario.machine_form import MOST_SWAP
from engine.words import byte_size, plural

LEAST_FRAMES: Final = 2
MOST_FRAMES: Final = MAX_PAGES // 2
"""The smallest and the largest number of frames. With one frame the daemon's aim, which is half free and half
cached pages, cannot be reached; and a machine has more pages than the frames for a string."""

MIB: Final = 1 << 20
GRID: Final = "1x1x1"

_LEAST_RESERVE: Final = 64
_SHARE: Final = 200
_PAGES_A_QUEUE: Final = 64


@dataclass(frozen=True)
class Frames:
    """A machine on which `frames` pages can hold a string.

    memory: in bytes. free: the pages that are free after its boot. colors: the queues of each type.
    """

    frames: int
    memory: int
    free: int
    colors: int

    @property
    def reserve(self) -> int:
        """v_free_reserved: the free pages from which a fault gets one."""
        return self.free - self.frames + 1

    @property
    def batch(self) -> int:
        """How many pages a pass of the daemon frees above the reserve; a pass also keeps as many cached."""
        return max(1, 7 * self.frames // (4 * _SHARE))

    @property
    def thresholds(self) -> dict[str, int]:
        """The limits of [machine.thresholds], in pages."""
        least = self.reserve - 1
        return {
            "v_free_min": least,
            "v_free_reserved": self.reserve,
            "v_free_severe": least,
            "v_pageout_free_min": least // 2,
            "v_interrupt_free_min": least // 4,
            "v_free_target": least + 2 * self.batch,
            "v_cache_min": 0,
            "v_cache_max": 0,
            "v_inactive_target": max(1, self.frames // 4),
        }

    def __str__(self) -> str:
        held = f"{plural(self.frames, 'page')} above the {self.reserve - 1:,} that no fault may take"
        limits = f"v_free_reserved = {self.reserve:,}, v_free_min = {self.reserve - 1:,}"
        freed = "one" if self.batch == 1 else f"{self.batch:,}"
        work = f"the daemon starts when a fault needs one page more, and frees {freed}"
        size = f"memory {byte_size(self.memory)}, {plural(self.colors, 'colour')}"
        return f"{size}: {self.free:,} pages are free after boot, {held} ({limits}); {work}"


@cache
def frames_of(frames: int) -> Frames:
    """Return the machine for `frames` frames: whole MiB, with at least 64 pages in its reserve.

    Errors: BadInput for a number that no machine has.
    """
    if not LEAST_FRAMES <= frames <= MOST_FRAMES:
        right = f"use {LEAST_FRAMES} to {MOST_FRAMES:,}"
        raise BadInput(f"the kernel cannot run with {plural(frames, 'frame')}; {right}")
    colors = min(_power_of_two(max(frames // _PAGES_A_QUEUE, 1)), PQ_L2_SIZE)
    wanted, memory, free = frames + _LEAST_RESERVE, 0, 0
    while free < wanted:
        memory += -(-(wanted - free) * PAGE_SIZE // MIB) * MIB
        free = _free_pages(memory, colors)
    return Frames(frames, memory, free, colors)


def _power_of_two(most: int) -> int:
    """The largest power of two up to a number."""
    return 1 << most.bit_length() - 1


def _free_pages(memory: int, colors: int) -> int:
    """How many pages are free after the boot of a machine with one processor."""
    hardware = regular(f"{memory >> 20} MiB", memory, parse_grid(GRID))
    return boot(MachineConfig(hardware, colors=colors)).vmstats.count[V_FREE_COUNT]


def swap_blocks(pages: int) -> int:
    """The size of a swap device on which `pages` pages of a string always find room, in blocks.

    The first SWB_DMMAX blocks of a device are never used. A write needs up to four blocks in a row, and with
    more than four times as many blocks as pages one of the aligned rows of four is always free.
    """
    return min(SWB_DMMAX + 4 * (pages + SWB_DMMAX), MOST_SWAP)
