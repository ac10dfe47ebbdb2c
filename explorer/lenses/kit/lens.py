"""The type of a lens, and the clickable spots of its drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from explorer.session.session import Session
from explorer.views.spans import Line, line, rule


@dataclass(frozen=True)
class Spot:
    """A clickable part of a drawing: columns first .. beyond - 1 of line y.

    verb: what a click does, as a console command: `page 0x40`, `goto 31`, `color FREE 5`.
    """

    y: int
    first: int
    beyond: int
    verb: str


WHOLE: Final = 400
"""The height of a drawing that is scrolled: nothing in it is cut, a long line is wrapped."""


@dataclass(frozen=True)
class Drawing:
    """A drawn lens: its lines, and the clickable spots in them.

    short: whether a part of it has been left out for lack of lines, without a sign in the lines.
    """

    lines: list[Line]
    spots: tuple[Spot, ...] = ()
    short: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether a part has been left out, here or in a line that ends with an ellipsis."""
        return self.short or any("…" in text for spans in self.lines for text, _ in spans)


@dataclass(frozen=True)
class Lens:
    """A lens.

    name:  its name in the console: `view NAME`.
    title: the title of its panel.
    help:  one line that says what it shows.
    look:  session -> row; reads the session at its cursor and does not move it.
    draw:  (row, width, height) -> Drawing; the panel adds the title line.
    choice: how the verb begins of the lines among which the keyboard chooses, or "". Such a line begins with
            two blanks, or a mark and a blank.
    """

    name: str
    title: str
    help: str
    look: Callable[[Session], Any]
    draw: Callable[[Any, int, int], Drawing]
    choice: str = ""

    def choices(self, drawing: Drawing) -> tuple[Spot, ...]:
        """The lines of a drawing among which the keyboard chooses, by their first spot."""
        begun = (spot for spot in drawing.spots if self.choice and spot.verb.startswith(self.choice))
        return tuple({spot.verb: spot for spot in reversed(tuple(begun))}.values())[::-1]

    def fitted(self, row: Any, width: int, height: int) -> Drawing:
        """The drawing of a row for a panel: nothing is cut if it has the lines for that."""
        drawn = self.draw(row, width, height)
        if len(drawn.lines) < height and drawn.is_cut:
            whole = self.draw(row, width, WHOLE)
            return whole if len(whole.lines) <= height else drawn
        return drawn


def heading(lens: Lens, width: int, *, focused: bool, standing: bool = False, part: str = "") -> Line:
    """The title line of a lens, with its name and the key for the next lens unless it has its own panel.

    part: the part of the lines that is visible.
    """
    title = line((lens.title, "title"))
    if standing:
        return rule(title, width, focused=focused)
    name = "" if lens.name in lens.title else f"  {lens.name}"
    right = line((f"{part}  " if part else "", "key"), ("v next", "dim"))
    return rule((*title, *line((name, "faint"))), width, focused=focused, right=right)
