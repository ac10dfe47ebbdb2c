"""The axis under the maps: colour numbers, the bands of the nodes, and the cursor."""

from __future__ import annotations

from explorer.tui.widgets.map_cells import Grid
from explorer.views.rows import AxisRow
from explorer.views.spans import Line, axis, line, shortened


def axis_line(row: AxisRow, shape: Grid, width: int, *, focused: bool) -> Line:
    """Format the axis for maps of a shape: `0   128   256 │node 1  640`, with `▲` under the cursor's cell."""
    begin = shape.cell(row.cursor)[0] * shape.wide
    pointer = range(begin, begin + shape.wide)
    room = max(width - shape.left - shape.span, 0)
    number = shortened(str(row.cursor), room).rjust(room)
    # A number that fills its room must not touch the last label.
    free = shape.span - (number[:1] != " ")
    cells = axis([*_nodes(row, shape), *_ticks(shape)], free, pointer).ljust(shape.span)
    return line(
        (("colour" if shape.left > 6 else "col").ljust(shape.left), "focus" if focused else "label"),
        (cells[:begin], "label"),
        ("▲" * shape.wide, "cursor"),
        (cells[pointer.stop :], "label"),
        (number, "cursor"),
    )


def _nodes(row: AxisRow, shape: Grid) -> list[tuple[int, str]]:
    """The names of the nodes at their first colours, then only their bars, for names that do not fit."""
    if shape.rows > 1 or len(row.nodes) <= 1:
        return []
    begins = [(band.first // shape.bucket * shape.wide, band.label) for band in row.nodes]
    return [*((at, f"│{label}") for at, label in begins), *((at, "│") for at, _ in begins)]


def _ticks(shape: Grid) -> list[tuple[int, str]]:
    """The numbers of the colours, as close to each other as they fit."""
    step, longest = max(shape.columns // 8, 1), len(_tick(shape.per_row - 1, shape))
    while step < shape.columns and step * shape.wide <= longest:
        step *= 2
    return [(at * shape.wide, _tick(at * shape.bucket, shape)) for at in range(0, shape.columns, step)]


def _tick(color: int, shape: Grid) -> str:
    return f"+{color}" if shape.rows > 1 and color else str(color)
