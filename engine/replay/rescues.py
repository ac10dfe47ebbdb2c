"""Counting the cached pages that come back into use with their contents.

The kernel counts those that it activates or deactivates (v_reactivated), but not those that a fault takes
(spec 21, F6), so the count is made where pages change queues. A page leaves its queue in one step and joins
the next in a later one; the queue that it came from is kept meanwhile. The figure `run.rescues` is the same
number, of a run that is recorded.
"""

from __future__ import annotations

from engine.constants import PQ_ACTIVE, PQ_CACHE, PQ_INACTIVE, PQ_NONE, base_and_color
from engine.machine.machine import Machine


class Rescues:
    """The count, from its creation on, in a machine without a journal.

    count: moves from a cache queue to an active or inactive one.
    """

    def __init__(self, vm: Machine) -> None:
        self.count = 0
        self._left: dict[int, int] = {}
        vm.memory.watch("page.queue", self._see)

    def _see(self, m: int, old: int, new: int) -> None:
        if new == PQ_NONE:
            self._left[m] = old
            return
        came_from, joins = base_and_color(self._left.pop(m, old))[0], base_and_color(new)[0]
        self.count += came_from == PQ_CACHE and joins in (PQ_ACTIVE, PQ_INACTIVE)
