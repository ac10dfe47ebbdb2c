"""Counting the evictions of pages that were written since they got their frame: the write-backs.

The daemon writes a dirty page to swap before it can evict it, and may have to do so more than once while the
page stays in memory. So a page that was cleaned is remembered until it leaves its object.
"""

from __future__ import annotations

from engine.machine.machine import Machine


class WriteBacks:
    """The count, from its creation on, in a machine without a journal.

    count: pages that left their object after they had been cleaned.
    """

    def __init__(self, vm: Machine) -> None:
        self.count = 0
        self._cleaned: set[int] = set()
        vm.memory.watch("page.dirty", self._see_dirty)
        vm.memory.watch("page.valid", self._see_valid)

    def _see_dirty(self, m: int, old: int, new: int) -> None:
        if old and not new:
            self._cleaned.add(m)

    def _see_valid(self, m: int, old: int, new: int) -> None:
        if old and not new and m in self._cleaned:
            self._cleaned.discard(m)
            self.count += 1
