"""A run of three threads on two cpus, each of which takes pages through their lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.constants import NULL, PAGE_SIZE, VM_ALLOC_NORMAL
from engine.kernel.age import vm_page_activate, vm_page_cache, vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_busy_wait, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.valid_dirty import vm_page_set_valid
from engine.run.history import History

ALLOC = (vm_page_alloc, NULL, 3, VM_ALLOC_NORMAL, ">m")
LIFE = [
    ALLOC,
    (vm_page_set_valid, "m", 0, PAGE_SIZE),
    (vm_page_activate, "m"),
    (vm_page_wakeup, "m"),
    (vm_page_busy_wait, "m", 0),
    (vm_page_deactivate, "m"),
    (vm_page_cache, "m"),
    (vm_page_busy_wait, "m", 0),
    (vm_page_free, "m"),
]


def three_lives(stage: Callable[..., Any], schedule: str = "rr", repeat: int = 3) -> History:
    """Start the run under a schedule; each thread lives its life `repeat` times."""
    play = stage()
    for name, cpu in (("a", 0), ("b", 1), ("c", 1)):
        play.thread(name, cpu, *LIFE, repeat=repeat)
    history: History = play.start(schedule)
    return history
