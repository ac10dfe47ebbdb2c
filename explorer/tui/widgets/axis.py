"""The axis under the maps: colour numbers, the bands of the nodes, and the cursor."""

from __future__ import annotations

from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.map_cells import Grid, grid
from explorer.views.rows import AxisRow
from explorer.views.spans import Line, line


def axis_line(row: AxisRow, shape: Grid, width: int, *, focused: bool) -> Line:
    """Format the axis for maps of a shape: `0   128   256 │node 1  640`, with `▲` under the cursor's cell."""
    cells = [" "] * shape.span
    step = max(shape.columns // 8, 1)
    for at in range(0, shape.columns, step):
        _write(cells, at * shape.wide, _tick(at * shape.bucket, shape), step * shape.wide - 1)
    if shape.rows == 1 and len(row.nodes) > 1:
        for band in row.nodes:
            _write(cells, band.first // shape.bucket * shape.wide, f"│{band.label}", 99)
    caret = shape.cell(row.cursor)[0] * shape.wide
    return line(
        (("colour" if shape.left > 6 else "col").ljust(shape.left), "focus" if focused else "label"),
        ("".join(cells[:caret]), "label"),
        ("▲" * shape.wide, "cursor"),
        ("".join(cells[caret + shape.wide :]), "label"),
        (f"{row.cursor:>{max(width - shape.left - shape.span, 0)}}", "cursor"),
    )


def _tick(color: int, shape: Grid) -> str:
    return f"+{color}" if shape.rows > 1 and color else str(color)


def _write(cells: list[str], at: int, text: str, room: int) -> None:
    for offset, character in enumerate(text[:room]):
        if at + offset < len(cells):
            cells[at + offset] = character


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
