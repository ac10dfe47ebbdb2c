"""The contiguous (DMA) reserve as a strip: the free share of each part of low memory."""

from __future__ import annotations

import numpy as np

from explorer.tui.widgets.map_cells import short_count
from explorer.views.glyphs import LEVELS
from explorer.views.rows import ReserveRow
from explorer.views.spans import Line, Span, merged


def reserve_line(row: ReserveRow, left: int, columns: int, width: int) -> Line:
    """Format the strip: a glyph per part for its share of free blocks, reversed if the last step changed it.

    left, columns: the columns before the strip and of the strip.
    """
    head: list[Span] = [("▌", "fill-DMA"), ("DMA".ljust(left - 1), "")]
    blocks = row.free.size
    room = width - left - columns
    total = short_count(row.total, room).rjust(room)
    if not blocks:
        return (*head, ("none".ljust(columns), "faint"), (total, "label"))
    edges = np.linspace(0, blocks, min(columns, blocks) + 1).round().astype(np.int64)
    shares = np.add.reduceat(row.free, edges[:-1]) * 8 / np.diff(edges)
    changed = set((np.searchsorted(edges, sorted(row.changed), side="right") - 1).tolist())
    for cell, share in enumerate(np.ceil(shares).astype(int).tolist()):
        style = "reserve-changed" if cell in changed else "fill-DMA" if share else "empty"
        head.append((LEVELS[share], style))
    return (*merged(head), (" " * max(columns - blocks, 0) + total, "label"))
