"""Curves drawn by plotext as lines of characters: a glyph for each curve, at the resolution of a character.

plotext is imported when the first curve is drawn: it takes as long as a few frames, and few runs need it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

Extent = tuple[int, int] | None
"""The lowest and the highest line of a curve in a column, counted from the bottom; None without a value."""

Traced = tuple[str, tuple[Extent, ...]]
"""A curve: its glyph, and its extent in each column."""

Cell = tuple[int, int]
"""A column, and a line counted from the bottom."""

Path = tuple[str, tuple[tuple[Cell, ...], ...]]
"""A curve of points: its glyph, and its parts, each a few points that lines join."""

KEPT: Final = 8
"""Number of drawings that are kept: while only the cursor moves, nothing is drawn again."""


@lru_cache(KEPT)
def plotted(curves: tuple[Traced, ...], width: int, height: int) -> tuple[str, ...]:
    """Draw curves in `height` lines of `width` characters, the first curve on top, and blanks elsewhere.

    width, height: at least 2.
    """
    return _drawn([(glyph, *run) for glyph, extents in curves[::-1] for run in _runs(extents)], width, height)


@lru_cache(64)
def joined_points(path: Path, width: int, height: int) -> tuple[str, ...]:
    """Draw a curve of points in `height` lines of `width` characters.

    width, height: at least 2.
    """
    glyph, parts = path
    traced = [(glyph, [x for x, _ in part], [y for _, y in part]) for part in parts]
    return _drawn(traced, width, height)


def _drawn(traced: list[tuple[str, list[int], list[int]]], width: int, height: int) -> tuple[str, ...]:
    """The lines of curves, the last one on top: the glyph of each, its columns and its lines."""
    if not traced:
        return (" " * width,) * height
    import plotext  # noqa: PLC0415

    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plot_size(width, height)
    plotext.frame(False)
    plotext.xticks([])
    plotext.yticks([])
    plotext.xlim(0, width - 1)
    plotext.ylim(0, height - 1)
    for glyph, xs, ys in traced:
        plotext.plot(xs, ys, marker=glyph)
    return tuple(plotext.uncolorize(plotext.build()).split("\n")[:height])


def _runs(extents: tuple[Extent, ...]) -> list[tuple[list[int], list[int]]]:
    """The points that plotext joins by lines, for each run of columns with a value.

    They are both ends of each column's extent, the nearer one first; a level line needs only its ends.
    """
    runs: list[tuple[list[int], list[int]]] = []
    for x, extent in enumerate(extents):
        before = extents[x - 1] if x else None
        if extent is None:
            continue
        if before is None:
            runs.append(([], []))
        xs, ys = runs[-1]
        near, far = sorted(extent, key=lambda y: abs(y - ys[-1])) if ys else extent
        if ys and near == far == ys[-1] and extents[x + 1 : x + 2] == (extent,):
            continue
        xs += [x] if near == far else [x, x]
        ys += [near] if near == far else [near, far]
    return runs
