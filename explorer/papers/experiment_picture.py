"""The chart of an experiment as an SVG file: title, claim, legend, plot and axes, as the terminal shows them.

It has a light background, since it is for paper and for slides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from explorer.lenses.kit.drawing import Row, row
from explorer.lenses.kit.point_plot import chart_rows
from explorer.papers.screen_picture import Fill, Run, ScreenPicture, write_svg_file
from explorer.tui.widgets.inks import LIGHT
from explorer.views.experiment_chart import PointChart
from explorer.views.safe_text import without_controls
from explorer.views.spans import columns, wrapped

WIDTH: Final = 100
"""Columns of the picture."""

HEIGHT: Final = 30
"""Lines of the chart in it."""

MARGIN: Final = 2
"""Columns at the left and at the right."""

_COLORS: Final = {
    "": LIGHT.text, "bold": LIGHT.bright, "title": LIGHT.text, "label": LIGHT.text, "dim": LIGHT.dim,
    "rule": LIGHT.dim, "warn": LIGHT.warn,
    **{f"thread-{n}": color for n, color in enumerate(LIGHT.threads)},
    **{f"fill-{name}": hue for name, hue in LIGHT.hues.items()},
}  # fmt: skip

_WRITTEN: Final = re.compile(r"\S+(?: \S+)*")
_DRAWN: Final = re.compile(r"\S{1,4}")
"""What is put in its place on its own: words that single blanks divide, and a few characters of a line.

Some programs ignore how long a text is to be; so nothing is far from its place.
"""

_BOLD: Final = "font-weight:bold"


def chart_picture(title: str, remark: str, chart: PointChart) -> str:
    """The picture of a chart as SVG.

    title: its first line; remark: what comes below it, such as the claim.
    """
    room = WIDTH - 2 * MARGIN
    rows: list[Row] = [row()]
    rows += [row((line, "bold")) for line in wrapped(title, room)]
    rows += [row((line, "dim")) for line in wrapped(remark, room)] if remark else []
    rows += [row(), *chart_rows(chart, room, HEIGHT), row()]
    ground = Fill(0, 0, WIDTH, LIGHT.ground, len(rows))
    picture = ScreenPicture(WIDTH, len(rows), (ground,), tuple(_runs(rows)))
    return write_svg_file(picture, title)


def _runs(rows: Iterable[Row]) -> Iterator[Run]:
    """The texts of the rows, without blanks at their ends."""
    for y, pieces in enumerate(rows):
        x = MARGIN
        for raw, style, _ in pieces:
            text = without_controls(raw)
            for found in (_DRAWN if _is_drawn(style) else _WRITTEN).finditer(text):
                start = x + columns(text[: found.start()])
                yield Run(start, y, columns(found[0]), _css(style), found[0])
            x += columns(text)


def _is_drawn(style: str) -> bool:
    """Whether a piece is part of a curve or of an axis."""
    return style == "rule" or style.startswith(("thread-", "fill-"))


def _css(style: str) -> str:
    bold = style == "bold" or style.startswith(("thread-", "fill-"))
    return f"fill:{_COLORS[style]}" + (f";{_BOLD}" if bold else "")
