"""Page frames by physical address: a cell for each frame or run of frames.

The queue map shows memory by colour. This lens shows it in address order: one node after another, the reserve
for drivers at the bottom, the page array at the top, and holes where firmware reports no memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.constants import NULL, PAGE_SHIFT
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Piece, Row, beside, drawing, flow, flow_within, row
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.lenses.kit.page_states import (
    GLYPHS,
    STYLES,
    WORDS,
    States,
    Stretch,
    page_states,
    states_changed,
)
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.spans import length

LEGEND: Final = 14
"""Minimum width of a legend beside the cells."""

LOW: Final = 12
"""Below this height the legend is beside the cells."""

HERE, LOUPE = "@", "»"

_WRITTEN, _INSPECTED, _BOTH = range(len(WORDS), len(WORDS) + 3)
_GLYPH: Final = GLYPHS + MARK + HERE + HERE
_STYLE: Final = (*STYLES, "new", "key", "new")


@dataclass(frozen=True, eq=False)
class FramesRow:
    """The state of every frame, and the frames that the last step changed.

    first:   the page number of frame 0; everything else counts frames.
    nodes:   the names of the nodes; empty if all frames are on one node.
    page:    the inspected page, or NULL.
    changed: frames whose state the last step changed, with the state before and after.
    written: frames with a field that the last step wrote, other than a list link.
    """

    first: int
    states: States
    counts: tuple[int, ...]
    stretches: tuple[Stretch, ...]
    nodes: tuple[str, ...]
    page: int
    changed: tuple[tuple[int, int, int], ...]
    written: tuple[int, ...]

    @property
    def marked(self) -> set[int]:
        """The frames with a state or field that the last step changed."""
        return {m for m, _, _ in self.changed} | set(self.written)


def look(session: Session) -> FramesRow:
    """The frames at the cursor."""
    history, vm = session.history, session.vm
    states = page_states(history)
    page = session.page
    changed = tuple((m, was, now) for m, (was, now) in states_changed(history, states).items())
    written = {
        index
        for place, index, _, _ in (writes(history, history.step) if history.step else ())
        if place.table == "page" and place.name not in ("next", "prev") and index < states.states.size
    }
    return FramesRow(
        vm.first_page,
        states.states.copy(),
        tuple(states.counts.sum(axis=0).tolist()),
        states.stretches,
        tuple(f"n{node.id}" for node in vm.config.hardware.nodes) if _many_nodes(states.stretches) else (),
        page if page < states.states.size else NULL,
        changed,
        tuple(sorted(written)),
    )


def _many_nodes(stretches: tuple[Stretch, ...]) -> bool:
    return len({stretch.node for stretch in stretches}) > 1


# --- drawing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """The layout: cells per line, frames per cell, and the widths of the two labels before the cells."""

    columns: int
    frames: int
    address: int
    node: int

    @property
    def label(self) -> int:
        return self.address + self.node + 2


def draw(shown: FramesRow, width: int, height: int) -> Drawing:
    """Draw the frames, with the legend below them, or beside them in a low panel."""
    low = height < LOW
    plan = _plan(shown, width - (LEGEND if low else 0))
    below = [] if low else _legend(shown, 1024, width)
    status = _status(shown, width)
    room = max(height - len(below) - 1, 1)
    plan = _coarsened(shown, plan, room)
    loupe = [_loupe(shown, plan)] if plan.frames > 1 and room > 3 and shown.page != NULL else []
    plan = _coarsened(shown, plan, room - len(loupe))
    cells = [*_windowed(list(_lines(shown, plan)), shown, room - len(loupe)), *loupe]
    if low:
        left = plan.label + plan.columns + 2
        cells = _beside(cells, _fitting_legend(shown, plan.frames, width - left, len(cells)), left)
    else:
        below = _legend(shown, plan.frames, width)
    return drawing([*cells, *below, status], width, height)


def _plan(shown: FramesRow, width: int) -> _Plan:
    top = shown.first + shown.states.size << PAGE_SHIFT
    plan = _Plan(1, 1, max(len(f"{top:#x}"), 5), max(map(len, shown.nodes), default=0))
    count = 1
    while count * 2 <= min(width - plan.label, 128):
        count *= 2
    return replace(plan, columns=count)


def _coarsened(shown: FramesRow, plan: _Plan, room: int) -> _Plan:
    """The plan with the fewest frames per cell that fits in `room` lines: 1, 2, 3, 4, 6, 8, 12, 16, 24 ..."""
    frames, next_frames = 1, 2
    while frames < shown.states.size and _line_count(shown, plan.columns * frames) > room:
        frames, next_frames = next_frames, frames * 2 if frames > 1 else 3
    return replace(plan, frames=frames)


def _line_count(shown: FramesRow, frames: int) -> int:
    return sum(
        1 if stretch.empty else -(-(stretch.beyond - stretch.begin) // frames) for stretch in shown.stretches
    )


def _lines(shown: FramesRow, plan: _Plan) -> Iterator[tuple[int, Row]]:
    """Each line of cells, with the first frame after it."""
    for stretch in shown.stretches:
        step = plan.columns * plan.frames
        if stretch.empty:
            text = f"no memory: {plural(stretch.beyond - stretch.begin, 'frame')}"
            yield stretch.beyond, (*_label(shown, plan, stretch, stretch.begin), Piece(text, "dim"))
            continue
        for begin in range(stretch.begin, stretch.beyond, step):
            beyond = min(begin + step, stretch.beyond)
            label = _label(shown, plan, stretch, begin)
            yield beyond, (*label, *_cells(shown, begin, beyond, plan.frames))


def _label(shown: FramesRow, plan: _Plan, stretch: Stretch, begin: int) -> Row:
    """The address of a line's first frame; on the first line of a stretch, also its node and a corner."""
    address = f"{shown.first + begin << PAGE_SHIFT:#x}".rjust(plan.address)
    starts = begin == stretch.begin
    name = shown.nodes[stretch.node] if shown.nodes and stretch.node >= 0 and starts else ""
    corner = "┌" if starts else "│"
    return row(Piece(f"{address} ", "label"), Piece(name.ljust(plan.node), "now"), Piece(corner, "faint"))


def _cells(shown: FramesRow, begin: int, beyond: int, frames: int) -> Iterator[Piece]:
    """A cell for each run of `frames` frames: its highest-priority state, or a mark."""
    states = shown.states[begin:beyond]
    padded = np.zeros(-(-states.size // frames) * frames, np.uint8)
    padded[: states.size] = states
    by_cell = padded.reshape(-1, frames)
    codes, leads = by_cell.max(axis=1), begin + by_cell.argmax(axis=1) + np.arange(len(by_cell)) * frames
    for m in shown.marked:
        if begin <= m < beyond:
            codes[(m - begin) // frames], leads[(m - begin) // frames] = _WRITTEN, m
    if begin <= shown.page < beyond:
        cell = (shown.page - begin) // frames
        codes[cell], leads[cell] = _BOTH if codes[cell] == _WRITTEN else _INSPECTED, shown.page
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    numbers = (leads + shown.first).tolist()
    for first, last in itertools.pairwise(edges):
        code = codes[first]
        verbs = tuple([f"page {number:#x}" for number in numbers[first:last]])
        yield Piece(_GLYPH[code] * (last - first), _STYLE[code], verbs)


def _windowed(lines: list[tuple[int, Row]], shown: FramesRow, room: int) -> list[Row]:
    """The lines of cells; if they do not all fit, those around the inspected page."""
    rows = [pieces for _, pieces in lines]
    if len(rows) <= room:
        return rows
    at = next((n for n, (beyond, _) in enumerate(lines) if shown.page < beyond), 0)
    first = min(max(at - room // 2, 0), len(rows) - room + 1)
    kept = rows[first : first + room - 1]
    return [*kept, row(Piece(f"… {plural(len(rows) - len(kept), 'more line')} of cells", "dim"))]


def _loupe(shown: FramesRow, plan: _Plan) -> Row:
    """The frames around the inspected page, one cell per frame."""
    begin = shown.page // plan.columns * plan.columns
    beyond = min(begin + plan.columns, shown.states.size)
    address = f"{shown.first + begin << PAGE_SHIFT:#x}".rjust(plan.address)
    label = row(Piece(f"{address} ", "label"), Piece(" " * plan.node), Piece(LOUPE, "key"))
    return (*label, *_cells(shown, begin, beyond, 1))


def _status(shown: FramesRow, width: int) -> Row:
    """The inspected page and the pages that the last step changed, in words."""
    changed = {m: (was, now) for m, was, now in shown.changed}
    others = sorted(shown.marked - {shown.page})
    parts = [_page_words(shown, changed, m) for m in ([shown.page] if shown.page != NULL else []) + others]
    if not parts:
        return row(Piece("no page yet; click a cell to show its page", "dim"))
    return flow_within(parts, width, 1)[0]


def _page_words(shown: FramesRow, changed: dict[int, tuple[int, int]], m: int) -> Row:
    """A page's state in words; ▸ if the last step changed it or wrote another field of the page."""
    state, number = Piece(WORDS[shown.states[m]]), f"{shown.first + m:#x}"
    name = Piece(f"{HERE} page {number} ", "key") if m == shown.page else Piece(f"page {number} ")
    if m in changed:
        was, now = changed[m]
        return row(name, f"{MARK} ", Piece(f"{WORDS[was]}→", "dim"), Piece(WORDS[now], "new"))
    return row(name, state, Piece(f" {MARK} written" if m in shown.written else ""))


def _legend_parts(shown: FramesRow, frames: int, *, counted: bool) -> list[Row]:
    parts = [row(Piece("cell ", "label"), Piece(plural(frames, "frame")))]
    for state in reversed(range(len(WORDS))):
        if shown.counts[state]:
            count = f" {shown.counts[state]:,}" if counted else ""
            parts.append(row(Piece(GLYPHS[state], STYLES[state]), Piece(f" {WORDS[state]}", "label"), count))
    return parts


def _legend(shown: FramesRow, frames: int, width: int) -> list[Row]:
    parts = _legend_parts(shown, frames, counted=True)
    shows = "" if frames == 1 else ", shows its highest-priority state"
    marks = [
        row(Piece(f"{HERE} inspected", "label")),
        row(Piece(f"{MARK} written by the last step", "label")),
    ]
    if frames > 1:
        marks.append(row(Piece(f"{LOUPE} frame by frame", "label")))
    return flow([(*parts[0], Piece(shows, "label")), *parts[1:], *marks], width)


def _fitting_legend(shown: FramesRow, frames: int, width: int, height: int) -> list[Row]:
    """The legend beside the cells in `height` lines, without the counts if they do not fit."""
    with_counts = flow(_legend_parts(shown, frames, counted=True), width)
    if len(with_counts) <= height and all(length(pieces) <= width for pieces in with_counts):
        return with_counts
    return flow(_legend_parts(shown, frames, counted=False), width, gap=1)


def _beside(cells: list[Row], legend: list[Row], left: int) -> list[Row]:
    if len(legend) > len(cells):
        kept = len(cells) - 1
        legend = [*legend[:kept], row((f"… {len(legend) - kept} more", "dim"))]
    return beside(cells, legend, left)


PLACE = 70
LENS: Final = Lens("frames", "page frames by address", "use of each page frame, in address order", look, draw)
