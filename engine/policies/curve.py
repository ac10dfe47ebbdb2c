"""The misses of LRU with every number of frames, in one pass.

With N frames, a reference hits if fewer than N other pages were touched since its page was (LRU is a stack
policy). That number is counted for all references at once, from the bits of a permutation: the references
that have an earlier one are ranked by where it is, and for each one it matters how many of those before it
have a lower rank.

Source: Mattson, Gecsei, Slutz and Traiger, "Evaluation Techniques for Storage Hierarchies" (1970).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.policies.opt import next_uses
from engine.policies.runs import shortened
from engine.references.references import References

CURVE_BYTES: Final = 64
"""Bytes for each reference that a curve takes while it is worked out, about."""

Numbers = npt.NDArray[np.int64]


def lru_curve(references: References) -> Numbers:
    """Return the misses of LRU by the number of frames, 0 to the number of pages.

    With 0 frames, each reference misses.
    """
    indices, _ = shortened(references.indices, references.writes, 1)
    pages = len(references.pages)
    following = next_uses(indices, pages)
    earlier = np.flatnonzero(following < len(indices))
    # The k-th reference whose page comes again is the earlier one of the reference at following[k].
    rank = np.full(len(indices), -1, np.int64)
    rank[following[earlier]] = np.arange(len(earlier))
    again = np.flatnonzero(rank >= 0)
    ranks = rank[again]
    later = np.arange(len(again)) - _lower_before(ranks)
    others = again - earlier[ranks] - 1 - later
    hits = np.cumsum(np.bincount(others + 1, minlength=pages + 1))
    repeated = len(references) - len(indices)
    hits[1:] += repeated
    return len(references) - hits[: pages + 1]


def _lower_before(ranks: Numbers) -> Numbers:
    """Return how many lower ranks come before each one; the ranks are 0 to n - 1, each once.

    From the highest bit down, the ranks are divided by it, and those of a group stay in their order:
    a rank with the bit comes after all those of its group before it without the bit, which are lower.
    """
    given, count = ranks, np.zeros(len(ranks), np.int64)
    places = np.arange(len(ranks))
    for bit in reversed(range(max(len(ranks) - 1, 0).bit_length())):
        clear = (ranks >> bit) & 1 == 0
        cleared = np.cumsum(clear) - clear
        # The ranks of a group fill the places from its lowest rank on.
        start = (ranks >> (bit + 1)) << (bit + 1)
        lower = cleared - cleared[start]
        count[ranks[~clear]] += lower[~clear]
        moved = np.where(clear, start + lower, start + (1 << bit) + (places - start) - lower)
        following = np.empty_like(ranks)
        following[moved] = ranks
        ranks = following
    return count[given]
