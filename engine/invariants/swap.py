"""Swap space: each block in use belongs to one pindex of one object, and the count of free blocks is right.

Blocks are allocated one step before they get an owner, and freed in the step in which they lose it. So there
may be more blocks in use than owned blocks, but never fewer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.constants import NULL
from engine.invariants.violation import Violation
from engine.kernel.pagers.swap_space import block_number
from engine.machine.machine import Machine


def swap_violations(vm: Machine) -> Iterator[Violation]:
    """Find blocks with two owners, free blocks with an owner, and a wrong count; nothing without swap.

    Boot configures the swap device last; until then there is none.
    """
    usable = vm.config.swap_usable
    if not usable or not vm.glob.vm_swap_max[0]:
        return
    used = np.flatnonzero(vm.memory.vector("blist.used")[:usable])
    free = vm.glob.vm_swap_size[0]
    if free != usable - used.size:
        yield Violation("free swap", NULL, f"vm_swap_size is {free}", f"{usable - used.size} blocks are free")
    owned = vm.memory.vector("swap.block")[: len(vm.swap_slots.slots)] + NULL
    blocks, counts = np.unique(owned[owned != NULL], return_counts=True)
    for block in blocks[counts > 1]:
        yield Violation("a swap block", NULL, f"block {block} has two owners", "a block has only one")
    for block in np.setdiff1d(blocks, block_number(used)):
        yield Violation("a swap block", NULL, f"block {block} has an owner", "it is free")
