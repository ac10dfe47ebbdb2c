"""A process's map: its lock, looking up, changing, forking and taking it down (spec 21, sections 1 and 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.constants import (
    NULL,
    PAGE_SIZE,
    PG_REFERENCED,
)
from engine.kernel.process.map_entries import entries_of
from engine.script.process_verbs import map_, munmap, read, write

BASE = 0x10000
Make = Callable[..., Any]


def test_mapping_and_unmapping_a_part(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    calls = [(write, BASE + at * PAGE_SIZE) for at in range(3)]
    fresh = 0x400000
    world.thread(
        "app",
        p,
        *calls,
        (munmap, BASE + PAGE_SIZE, 1),
        (read, BASE + PAGE_SIZE, ">gone"),
        (map_, NULL, fresh, 4, 3, ">mapped"),
        (write, fresh, ">used"),
        (map_, NULL, fresh, 4, 3, ">again"),
        (munmap, fresh, 4),
    )
    world.run()
    vm, m = world.vm, world.page(heap, 1)
    assert [vm.map_entry.pages[e] for e in entries_of(vm, p)] == [1, 14]
    assert [world.result("app", name) for name in ("gone", "mapped", "used", "again")] == [11, 0, 0, 3]
    # The page stays in its object: what its mapping knew, it knows now.
    assert world.bits(m) == (0xFF, 0xFF)
    assert vm.page.flags[m] & PG_REFERENCED
    assert world.counter("v_pfree") == 1
