"""What a server printed on which one of two sockets runs out of free pages: the dump of a picture.

The numbers are made by splitmix64 and are the same every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from engine.constants import VMSTATS_FIELDS
from engine.inputs.dumps.moment import DumpMoment
from engine.inputs.dumps.reader import read_dumps
from engine.kernel.pageout.setup import daemon_limits
from engine.run.splitmix import splitmix64

COLORS: Final = 1024
PAGES: Final = 16_515_072
"""A server of 64 GiB."""

WAKEUPS: Final = 41
"""Passes of the pageout daemon: it does not run in any of the dumps."""

_Length = Callable[[int, int], int]
"""(colour, time from 0 to 5) -> pages."""


def odd_dump(times: int = 6) -> tuple[DumpMoment, ...]:
    """Return the moments of the server, as read from what it printed."""
    return read_dumps("".join(f"{line}\n" for time in range(times) for line in _printed(time)), "server.txt")


def _printed(time: int) -> Iterator[str]:
    """What DDB and sysctl print."""
    lengths = {name: [length(color, time) for color in range(COLORS)] for name, length in _LENGTHS.items()}
    free, cache, active, inactive = map(sum, lengths.values())
    yield "db> show pageq"
    for name, counts in lengths.items():
        yield f"PQ_{name}: {' '.join(map(str, counts))}"
    counters = {
        "v_page_count": PAGES,
        "v_free_count": free,
        "v_cache_count": cache,
        "v_active_count": active,
        "v_inactive_count": inactive,
        "v_wire_count": PAGES - free - cache - active - inactive,
        "v_pdwakeups": WAKEUPS,
        "v_vm_faults": 80_412_007 + 911_317 * time,
    }
    yield from (f"vm.stats.vm.{name}: {value}" for name, value in counters.items())
    limits = daemon_limits(PAGES, PAGES)
    yield from (f"vm.{VMSTATS_FIELDS[field]}: {limit}" for field, limit in limits.items())
    yield from ("hw.cpu_topology_phys_ids: 2", "hw.cpu_topology_core_ids: 16", "hw.cpu_topology_ht_ids: 2")


def _noise(color: int, spread: int, salt: int) -> int:
    return splitmix64(color * 8 + salt)[1] % spread


def _free(color: int, time: int) -> int:
    """Socket 1 loses its pages; both have lost so many at the end that too few are left."""
    lost = (9 if color < COLORS // 2 else 21) * time
    return max(96 + _noise(color, 24, 0) - lost - _noise(color, 12, 1) * time // 5, 0)


def _cache(color: int, time: int) -> int:
    return max(_noise(color, 8, 2) - time, 0)


def _active(color: int, time: int) -> int:
    return 9_300 + _noise(color, 900, 3) + (12 if color < COLORS // 2 else 40) * time


def _inactive(color: int, time: int) -> int:
    far = COLORS * 3 // 8 <= color < COLORS // 2
    return 5_200 + _noise(color, 700, 4) - 9 * time - (900 if far else 0)


_LENGTHS: Final[dict[str, _Length]] = {
    "FREE": _free, "CACHE": _cache, "ACTIVE": _active, "INACTIVE": _inactive,
}  # fmt: skip
"""How long the queue of each colour is; DDB does not print those of HOLD."""
