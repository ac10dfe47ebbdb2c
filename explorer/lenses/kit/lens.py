"""What a lens is, and where a click on its lines leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.session.session import Session
from explorer.views.spans import Line, line, rule


@dataclass(frozen=True)
class Spot:
    """A piece of a drawing that leads somewhere: columns first .. beyond - 1 of line y.

    verb: what a click does, as the console would spell it: `page 0x40`, `goto 31`, `color FREE 5`.
    """

    y: int
    first: int
    beyond: int
    verb: str


@dataclass(frozen=True)
class Drawing:
    """A lens drawn: its lines, and what leads somewhere in them."""

    lines: list[Line]
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class Lens:
    """One way to look.

    name:  its word in the console: `view NAME`.
    title: what its panel is called.
    help:  one line: what it shows.
    look:  the row that it shows, made from the session at its cursor; the cursor stays.
    draw:  (row, width, height) -> Drawing; the panel adds the title line itself.
    """

    name: str
    title: str
    help: str
    look: Callable[[Session], Any]
    draw: Callable[[Any, int, int], Drawing]


def heading(lens: Lens, width: int, *, focused: bool, standing: bool = False) -> Line:
    """A lens's title line; one that is looked through by choice says its word, and how to look otherwise."""
    title = line((lens.title, "title"))
    if standing:
        return rule(title, width, focused=focused)
    name = "" if lens.name in lens.title else f"  {lens.name}"
    return rule((*title, *line((name, "faint"))), width, focused=focused, right=line(("v next", "dim")))
