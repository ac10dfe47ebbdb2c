"""Runs of references to one page, made shorter where that changes nothing that a policy counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]


def shortened(indices: Indices, writes: Flags, repeats: int) -> tuple[Indices, Flags]:
    """Keep the first references of each run to one page; the last one that is kept writes if a later one did.

    repeats: how many references of a run are kept, 1 or more.
    """
    if len(indices) <= repeats:
        return indices, writes
    kept = np.ones(len(indices), np.bool_)
    kept[repeats:] = False
    for back in range(1, repeats + 1):
        kept[repeats:] |= indices[repeats:] != indices[repeats - back : len(indices) - back]
    starts = np.flatnonzero(kept)
    return indices[starts], np.logical_or.reduceat(writes, starts)
