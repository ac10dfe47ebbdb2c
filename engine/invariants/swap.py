"""Swap space: each block in use belongs to one place of one object, and the free ones are counted.

Blocks are taken one step before they get their owner, and come back in the step in which they lose it: so
there may be more in use than have owners, but never fewer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.constants import NULL
from engine.invariants.violation import Violation
from engine.kernel.pagers.swap_space import block_number
from engine.machine.machine import Machine


def swap_violations(vm: Machine) -> Iterator[Violation]:
    """Blocks owned twice, owned and free, or counted wrongly; nothing on a machine without swap."""
    usable = vm.config.swap_usable
    if not usable:
        return
    used = np.flatnonzero(vm.memory.vector("blist.used")[:usable])
    free = vm.glob.vm_swap_size[0]
    if free != usable - used.size:
        yield Violation("free swap", NULL, f"vm_swap_size is {free}", f"{usable - used.size} blocks are free")
    owned = vm.memory.vector("swap.block")[: len(vm.swap_slots.slots)] + NULL
    blocks, counts = np.unique(owned[owned != NULL], return_counts=True)
    for block in blocks[counts > 1]:
        yield Violation("a swap block", NULL, f"block {block} has two owners", "a block has one")
    for block in np.setdiff1d(blocks, block_number(used)):
        yield Violation("a swap block", NULL, f"block {block} has an owner", "it is free")
