"""The output of `pageq replay`: text with a table and a chart, CSV, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from engine.words import byte_size, plural
from explorer.lenses.kit.point_plot import chart_rows
from explorer.text.csv_cells import csv_lines
from explorer.views.replay import (
    COUNTED,
    CURVE,
    KERNEL,
    KERNEL_COUNTED,
    LeftOut,
    Replay,
    ReplayRow,
    misses_chart,
)
from explorer.views.spans import wrapped

WIDEST: Final = 100
"""The most columns of a paragraph and of the chart."""

CHART: Final = 20
"""The lines of a chart."""

_HEADS: Final = {"writebacks": "write-backs", "pageins": "page-ins", "pageouts": "page-outs"}

_OF_PAGES: Final = ("pages", "made")
"""The formats that have numbers of pages and not addresses."""

PASSES: Final = "passes: those of the pageout daemon over its queues; a pass may free nothing"

PERCENT: Final = "miss %"

_SHOWN: Final = ("hits", "misses", PERCENT, "evictions", "writebacks")
"""What a line of the table shows; references and pages are the same in all."""


# --- text -------------------------------------------------------------------------------------------------


def text_lines(replay: Replay, width: int) -> Iterator[str]:
    """The string, the table, the curve, notes on what was left out and on the kernel's machine, the chart."""
    room = min(width, WIDEST)
    yield from wrapped(title(replay), room)
    if replay.rows:
        yield ""
        yield from _table(replay, width)
    if replay.curve is not None:
        yield ""
        yield from _curve_lines(replay.curve)
    notes = [*map(left_out_words, replay.left_out), *sized_lines(replay)]
    notes += [PASSES] if replay.sized else []
    yield from [""] if notes else []
    for note in notes:
        yield from wrapped(note, room)
    chart = misses_chart(replay)
    if chart is not None:
        yield ""
        for pieces in chart_rows(chart, room, CHART):
            yield "".join(piece.text for piece in pieces).rstrip()


def title(replay: Replay) -> str:
    """What was replayed, in one sentence without a full stop."""
    pages = plural(replay.pages, "page")
    if replay.format not in _OF_PAGES:
        pages += f" of {byte_size(replay.page_size)}"
    return f"{replay.trace}: {plural(replay.count, 'reference')} ({replay.format}) to {pages}"


def left_out_words(one: LeftOut) -> str:
    """What has no row, and why."""
    frames = "" if one.frames is None else f" with {plural(one.frames, 'frame')}"
    return f"left out: {one.policy}{frames}: {one.why}"


def sized_lines(replay: Replay) -> Iterator[str]:
    """How the kernel's machine was sized for each number of frames."""
    for frames, words in replay.sized.items():
        yield f"{KERNEL} with {plural(frames, 'frame')}: {words}"


def _table(replay: Replay, width: int) -> Iterator[str]:
    """The rows, those of one number of frames together, in as many tables as it takes for a width.

    If there is more than one, the kernel's own columns are in those below, in which only it has rows.
    """
    own = [row for row in replay.rows if row.policy == KERNEL]
    kernel = KERNEL_COUNTED if own else ()
    whole = list(_rows(replay.rows, (*_SHOWN, *kernel)))
    if max(map(len, whole)) <= width:
        yield from whole
        return
    parts = [*((replay.rows, names) for names in _fitting(replay.rows, _SHOWN, width))]
    parts += [(tuple(own), names) for names in _fitting(own, kernel, width)]
    for number, (rows, names) in enumerate(parts):
        yield from [""] if number else []
        yield from _rows(rows, names)


def _fitting(rows: Sequence[ReplayRow], names: Sequence[str], width: int) -> Iterator[Sequence[str]]:
    """Divide the columns among tables that each fit into a width, and have one column at least."""
    first = 0
    for end in range(1, len(names) + 1):
        too_wide = end < len(names) and max(map(len, _rows(rows, names[first : end + 1]))) > width
        if too_wide or end == len(names):
            yield names[first:end]
            first = end


def _rows(rows: Sequence[ReplayRow], names: Sequence[str]) -> Iterator[str]:
    groups = [[_cells(row, names) for row in found] for _, found in groupby(rows, key=lambda row: row.frames)]
    heads = ["frames", "policy", *(_HEADS.get(name, name) for name in names)]
    every = [heads, *(cells for group in groups for cells in group)]
    widths = [max(len(cells[at]) for cells in every) for at in range(len(heads))]
    yield _aligned(heads, widths)
    for number, group in enumerate(groups):
        yield from [""] if number and max(map(len, groups)) > 1 else []
        yield from (_aligned(cells, widths) for cells in group)


def _cells(row: ReplayRow, names: Sequence[str]) -> list[str]:
    counts = {name: f"{count:,}" for name, count in row.counts.items()}
    counts[PERCENT] = f"{100 * row.counts['misses'] / row.counts['references']:.3f}"
    return [f"{row.frames:,}", row.policy, *(counts.get(name, "") for name in names)]


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """A line: the policy, the second cell, to the left, numbers to the right."""
    padded = (
        cell.ljust(width) if at == 1 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(padded).rstrip()


def _curve_lines(curve: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The curve at powers of two and at its end."""
    yield f"misses of LRU, which change at {plural(len(curve), 'number of frames', 'numbers of frames')}:"
    last = curve[-1][0]
    shown = [1, *(1 << bit for bit in range(1, last.bit_length()) if 1 << bit < last)]
    shown += [last] if last > 1 else []
    rows = [[f"{frames:,}", f"{_at(curve, frames):,}"] for frames in shown]
    widths = [max(len(row[at]) for row in rows) for at in range(2)]
    yield from (f"  {row[0].rjust(widths[0])}  {row[1].rjust(widths[1])}" for row in rows)


def _at(curve: Sequence[tuple[int, int]], frames: int) -> int:
    return next(misses for size, misses in reversed(curve) if size <= frames)


# --- CSV and JSON -----------------------------------------------------------------------------------------


def csv_text(replay: Replay) -> str:
    """Every row as CSV; the points of the curve after them, of which only the misses are known."""
    rows: list[list[object]] = [
        [row.policy, row.frames, *(row.counts.get(name) for name in (*COUNTED, *KERNEL_COUNTED))]
        for row in replay.rows
    ]
    for frames, misses in replay.curve or ():
        hits = replay.count - misses
        rows.append(
            [CURVE, frames, replay.count, replay.pages, hits, misses, *[None] * (2 + len(KERNEL_COUNTED))]
        )
    return csv_lines(("policy", "frames", *COUNTED, *KERNEL_COUNTED), rows)


def json_text(replay: Replay) -> str:
    """The string and the rows as one JSON object."""
    facts: dict[str, Any] = {
        "format": 1,
        "trace": replay.trace,
        "references": replay.count,
        "pages": replay.pages,
        "rows": [{"policy": row.policy, "frames": row.frames, **_own(row)} for row in replay.rows],
        "trace_format": replay.format,
        "page_size": replay.page_size,
        "left_out": [{"policy": one.policy, "frames": one.frames, "why": one.why} for one in replay.left_out],
        "sized": [{"frames": frames, "words": words} for frames, words in replay.sized.items()],
        "curve": None if replay.curve is None else [list(point) for point in replay.curve],
    }
    return json.dumps(facts)


def _own(row: ReplayRow) -> dict[str, int]:
    """What a policy counts of its own: without the references and the pages, which are the string's."""
    return {name: count for name, count in row.counts.items() if name not in COUNTED[:2]}
