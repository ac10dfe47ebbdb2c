"""Whether the wakeup of a thread that sleeps on a page is lost."""

from __future__ import annotations

from engine.constants import PBUSY_WANTED
from engine.machine.machine import Machine


def is_lost(vm: Machine, t: int, m: int) -> bool:
    """Whether the wakeup of thread `t`, which sleeps on page `m`, is lost: no thread will wake it."""
    return not vm.page.busy_count[m] & PBUSY_WANTED and not vm.thread.timo[t]
