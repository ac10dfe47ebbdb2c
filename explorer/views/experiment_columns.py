"""The lines of a table of measures, and its columns: cells of one width, the heading first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from explorer.views.experiment import Group, setting_text
from explorer.views.spans import columns

GAP: Final = 2
"""Blanks between two columns."""

PROBLEM: Final = "!"
MARK: Final = f" {PROBLEM}"
"""Follows a line whose run has a note."""


@dataclass(frozen=True)
class TableLine:
    """A line of the table.

    number: the number of the first run in it; 0 for a heading, an empty line or a remark.
    kind:   `head`, `run`, `problem` or `remark`.
    """

    text: str
    number: int = 0
    kind: str = "run"


@dataclass(frozen=True)
class Column:
    """A column: its cells, the heading first; numbers are at the right."""

    cells: tuple[str, ...]
    right: bool = True

    @property
    def width(self) -> int:
        """The columns of the screen that it takes."""
        return max(map(columns, self.cells))

    def cell(self, n: int) -> str:
        """A cell with blanks up to the width; 0 is the heading."""
        space = " " * (self.width - columns(self.cells[n]))
        return space + self.cells[n] if self.right else self.cells[n] + space


def first_columns(groups: Sequence[Group], names: Sequence[str], heads: Mapping[str, str]) -> list[Column]:
    """The columns of settings, each with its heading; numbers are at the right."""
    found = []
    for name in names:
        values = [group.settings[name] for group in groups]
        texts = tuple(map(setting_text, values))
        found.append(Column((heads[name], *texts), right=not any(isinstance(one, str) for one in values)))
    return found


def width_of(part: Sequence[Column]) -> int:
    """The width of columns side by side."""
    return sum(column.width + GAP for column in part) - GAP


def line_of(part: Sequence[Column], n: int) -> str:
    """A line of columns side by side; 0 is the headings."""
    return (" " * GAP).join(column.cell(n) for column in part).rstrip()


def in_pieces(text: str, width: int) -> list[str]:
    """A text without blanks, such as the name of a string, in pieces of at most `width` characters."""
    return [text[n : n + width] for n in range(0, len(text), width)]
