"""A small SVG of a screen, made from the large one that Textual exports; it looks the same.

Textual's has a style sheet, a clip path per line and a window around it, and it loads a font from the
network. Here, runs of one style are joined, all texts share one clip path, several pictures of a page share
one style sheet, the window is left out, and the font is one that the reader has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from operator import attrgetter
from typing import Final
from xml.etree import ElementTree

from explorer.views.safe_text import without_controls

COLUMN: Final = 12.2
"""Width of a column of Textual's picture."""

LINE: Final = 24.4
"""Height of a line of Textual's picture."""

BASE: Final = 20.0
"""From the top of a line to the base of its text."""

ABOVE: Final = 18.5
"""From the top of the part of a line that is painted to the base of its text."""

PAINTED: Final = 24.65
"""Height of that part: it overlaps the next line, so that no gap shows."""

FONTS: Final = "'Fira Code','Cascadia Mono','DejaVu Sans Mono',Menlo,Consolas,monospace"

XMLNS: Final = "http://www.w3.org/2000/svg"

_TAG: Final = f"{{{XMLNS}}}"
_STYLE: Final = re.compile(r"\.[\w-]+-(r\d+) \{ ?([^}]*?);? ?\}")


@dataclass(frozen=True)
class Fill:
    """A background: the columns x .. x + width of the lines y .. y + height."""

    x: int
    y: int
    width: int
    color: str
    height: int = 1


@dataclass(frozen=True)
class Run:
    """A text of one style, in line y, from column x on; `columns` wide. style: as in a style sheet."""

    x: int
    y: int
    columns: int
    style: str
    text: str


@dataclass(frozen=True)
class ScreenPicture:
    """A screen: its size in columns and lines, and what is painted on it."""

    columns: int
    lines: int
    fills: tuple[Fill, ...]
    runs: tuple[Run, ...]

    @property
    def ground(self) -> str:
        """The colour of the largest part of its background."""
        areas: Counter[str] = Counter()
        for fill in self.fills:
            areas[fill.color] += fill.width * fill.height
        return areas.most_common(1)[0][0] if areas else "#000000"


# --- reading ----------------------------------------------------------------------------------------------


def read_picture(svg: str, lines: int) -> ScreenPicture:
    """Read the first `lines` lines of a picture that Textual has exported."""
    root = ElementTree.fromstring(svg)
    styles = dict(_STYLE.findall(root.findtext(f"{_TAG}style", "")))
    painted = (rect for rect in root.iter(f"{_TAG}rect") if rect.get("fill") and not rect.get("stroke"))
    fills = [one for one in map(_fill, painted) if one.y < lines]
    texts = (_run(text, styles) for text in root.iter(f"{_TAG}text") if text.get("textLength"))
    runs = [one for one in texts if one is not None and one.y < lines]
    columns = max((one.x + one.width for one in fills), default=1)
    return ScreenPicture(columns, lines, tuple(_joined_fills(fills)), tuple(_joined_runs(runs)))


def _number(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name, "0"))


def _fill(rect: ElementTree.Element) -> Fill:
    x, width = (round(_number(rect, name) / COLUMN) for name in ("x", "width"))
    return Fill(x, round((_number(rect, "y") + ABOVE - BASE) / LINE), width, rect.get("fill", ""))


def _run(element: ElementTree.Element, styles: dict[str, str]) -> Run | None:
    """Read a text without the spaces at its ends; None for spaces, which show nothing unless underlined."""
    style = styles.get(element.get("class", "").rpartition("-")[2], "").replace(": ", ":")
    x, columns = (round(_number(element, name) / COLUMN) for name in ("x", "textLength"))
    y, text = round((_number(element, "y") - BASE) / LINE), element.text or ""
    if "underline" in style:
        return Run(x, y, columns, style, text)
    start = len(text) - len(text.lstrip(" "))
    kept = text.strip(" ")
    return Run(x + start, y, columns - (len(text) - len(kept)), style, kept) if kept else None


def _joined_fills(fills: Iterable[Fill]) -> Iterator[Fill]:
    """Join the fills of one colour side by side, and those of the same columns below each other."""
    open_ones: dict[tuple[int, int], Fill] = {}
    for y, row in groupby(fills, attrgetter("y")):
        continued: dict[tuple[int, int], Fill] = {}
        for fill in _joined_row(row):
            key = fill.x, fill.width
            above = open_ones.pop(key, None)
            goes_on = above is not None and above.color == fill.color and above.y + above.height == y
            if above is not None and not goes_on:
                yield above
            continued[key] = replace(above, height=above.height + 1) if above and goes_on else fill
        yield from open_ones.values()
        open_ones = continued
    yield from open_ones.values()


def _joined_row(row: Iterable[Fill]) -> Iterator[Fill]:
    last: Fill | None = None
    for fill in row:
        if last is not None and last.color == fill.color and last.x + last.width == fill.x:
            last = replace(last, width=last.width + fill.width)
            continue
        if last is not None:
            yield last
        last = fill
    if last is not None:
        yield last


def _joined_runs(runs: Iterable[Run]) -> Iterator[Run]:
    """Join the runs of one style in a line, with the spaces between them.

    Only ASCII: another character may come from a font in which it is wider, and would move what follows.
    """
    last: Run | None = None
    for run in runs:
        if last is not None and _continues(last, run):
            gap = " " * (run.x - last.x - last.columns)
            last = replace(last, columns=run.x + run.columns - last.x, text=f"{last.text}{gap}{run.text}")
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _continues(last: Run, run: Run) -> bool:
    alike = last.y == run.y and last.style == run.style and "underline" not in run.style
    return alike and run.x >= last.x + last.columns and last.text.isascii() and run.text.isascii()


# --- writing ----------------------------------------------------------------------------------------------


class StyleSheet:
    """The styles of the pictures of a page, each with a short class."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}

    def class_of(self, style: str) -> str:
        """Return the class of a style."""
        return self._classes.setdefault(style, f"s{len(self._classes)}")

    @property
    def text(self) -> str:
        """The rules, for elements inside of an <svg class="screen">."""
        rules = [f".screen text{{font:20px {FONTS};white-space:pre}}"]
        rules += [f".screen .{name}{{{style}}}" for style, name in self._classes.items()]
        return "\n".join(rules)


def write_svg(picture: ScreenPicture, sheet: StyleSheet, name: str, label: str) -> str:
    """Return the <svg> element of a picture for an HTML page that has the style sheet.

    name:  an id that no other element of the page has; label: says what the picture shows.
    """
    return _element(picture, _content(picture, sheet, name), f' role="img" aria-label="{_label(label)}"')


def write_svg_file(picture: ScreenPicture, label: str) -> str:
    """Return a picture as a file of its own; label: says what it shows."""
    sheet = StyleSheet()
    content = _content(picture, sheet, "line")
    head = f"<title>{_label(label)}</title><style>{sheet.text}</style>"
    return _element(picture, head + content, f' xmlns="{XMLNS}" xml:space="preserve"')


def _label(text: str) -> str:
    """Return a text for XML, which has no control characters."""
    return escape(without_controls(text))


def _element(picture: ScreenPicture, content: str, attributes: str) -> str:
    width, height = (f"{size:g}" for size in (picture.columns * COLUMN, picture.lines * LINE))
    return f'<svg class="screen" viewBox="0 0 {width} {height}"{attributes}>{content}</svg>\n'


def _content(picture: ScreenPicture, sheet: StyleSheet, name: str) -> str:
    ground, width = picture.ground, f"{picture.columns * COLUMN:g}"
    clip = f'<clipPath id="{name}"><rect y="-{ABOVE}" width="{width}" height="{PAINTED}"/></clipPath>'
    whole = f'<rect width="100%" height="100%" fill="{ground}"/>'
    fills = "".join(_rect(fill) for fill in picture.fills if fill.color != ground)
    rows = (_row(y, runs, sheet, name) for y, runs in groupby(picture.runs, attrgetter("y")))
    return f'{clip}{whole}<g shape-rendering="crispEdges">{fills}</g>{"".join(rows)}'


def _rect(fill: Fill) -> str:
    x, y, width = fill.x * COLUMN, fill.y * LINE + BASE - ABOVE, fill.width * COLUMN
    height = (fill.height - 1) * LINE + PAINTED
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill.color}"/>'


def _row(y: int, runs: Iterable[Run], sheet: StyleSheet, name: str) -> str:
    texts = "".join(_text(run, sheet) for run in runs)
    return f'<g clip-path="url(#{name})" transform="translate(0 {y * LINE + BASE:g})">{texts}</g>'


def _text(run: Run, sheet: StyleSheet) -> str:
    length = f' textLength="{run.columns * COLUMN:g}"' if run.columns > 1 else ""
    place = f'class="{sheet.class_of(run.style)}" x="{run.x * COLUMN:g}"{length}'
    return f"<text {place}>{escape(run.text, quote=False)}</text>"
