"""The axis under the maps: colour numbers, the bands of the nodes, and the cursor."""

from __future__ import annotations

from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.map_cells import Grid, grid
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


class Axis(LinesPanel):
    """One line under the maps, aligned with their cells."""

    DEFAULT_CSS = """
    Axis { height: 1; }
    """

    row: reactive[AxisRow | None] = reactive(None, always_update=True, layout=False, repaint=False)
    map_height: reactive[int] = reactive(1, layout=False, repaint=False)
    big: reactive[bool] = reactive(False, layout=False, repaint=False)
    """Whether the maps have cells of two columns."""

    def watch_row(self) -> None:
        """Update the axis: the cursor may have moved."""
        self.update_lines()

    def watch_map_height(self) -> None:
        """Update the axis: the maps have another shape."""
        self.update_lines()

    def watch_big(self) -> None:
        """Update the axis: the maps have cells of another size."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line."""
        if self.row is None:
            return []
        shape = grid(self.size.width, self.map_height, self.row.colors, big=self.big)
        return [axis_line(self.row, shape, self.size.width, focused=False)]
