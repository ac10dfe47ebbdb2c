"""The levels of cells, each of which stands for one colour or for several."""

from __future__ import annotations

import numpy as np

from engine.memory.cells import Array


def levels(counts: Array, full: int, cells: int) -> Array:
    """The level 0 .. 8 of each of `cells` cells: by the largest count of its colours, at least 1 if any."""
    bucket = max(-(-counts.size // cells), 1)
    if bucket > 1:
        counts = counts.reshape(-1, bucket).max(axis=1)
    known: Array = np.maximum(counts, 0)
    return np.minimum(-(-known * 8 // full), 8)
