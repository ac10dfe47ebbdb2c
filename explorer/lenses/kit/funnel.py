"""The columns of a funnel, and how each is stacked in lines."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.views.exploration import Column, Outcomes


def binned(funnel: Sequence[Column], count: int) -> list[Column]:
    """At most `count` columns: those of several depths are added."""
    last = funnel[-1].depth
    step = -(-(last + 1) // count)
    bins: dict[int, dict[Outcomes, int]] = {}
    for column in funnel:
        into = bins.setdefault(column.depth // step * step, {})
        for left, states in column.counts:
            into[left] = into.get(left, 0) + states
    return [Column(depth, tuple(bins[depth].items())) for depth in sorted(bins)]


def stacked(column: Column, lines: int, most: int, order: dict[Outcomes, int]) -> list[Outcomes]:
    """The sets of a column from the bottom, one a line; each set has a line, as far as the lines go."""
    counts = sorted(column.counts, key=lambda one: order[one[0]])
    total = sum(states for _, states in counts)
    height = max(round(lines * total / most), 1)
    height = min(max(height, len(counts)), lines)
    rest = height - len(counts)
    if rest < 0:
        # Too few lines for each set: those that leave the fewest outcomes are what the reader looks for.
        return [left for left, _ in counts[-height:]]
    shares = [states * rest / total for _, states in counts]
    found = [1 + int(share) for share in shares]
    for n in sorted(range(len(counts)), key=lambda n: int(shares[n]) - shares[n])[: height - sum(found)]:
        found[n] += 1
    return [left for (left, _), times in zip(counts, found, strict=True) for _ in range(times)]
