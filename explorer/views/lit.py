"""What a page of the lesson asks its reader to look at: panels, and cells with their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from engine.constants import NULL, type_and_color
from engine.errors import BadInput
from engine.language.symbols import Kind
from explorer.views.labels import Labels
from explorer.views.values import Watched

RESERVE: Final = {"bl_free": "RESERVE"}
"""Cells of the machine as a whole that are the count of a lane."""


_IN_HEX: Final = re.compile(r"addr|pte\[")
"""In the text of a cell: its value is compared in hexadecimal."""

_HEX: Final = re.compile(r" \(-?0x[0-9a-f]+\)$")


@dataclass(frozen=True)
class Lit:
    """What is lit on the screen.

    panels: names of panels. pages: each page whose tile is lit, with its fields that are.
    lanes:  names of lanes of the stage. values: each cell as the page writes it, and its value in words.
    """

    panels: frozenset[str] = frozenset()
    pages: Mapping[int, frozenset[str]] = field(default_factory=dict)
    lanes: frozenset[str] = frozenset()
    values: tuple[tuple[str, str], ...] = ()


NOTHING: Final = Lit()


def lit_by(labels: Labels, panels: Iterable[str], cells: Iterable[Watched]) -> Lit:
    """Light panels and cells at the cursor; a cell that has no value there is left out."""
    pages: dict[int, frozenset[str]] = {}
    lanes: set[str] = set()
    values = []
    for cell, raw, address in _read(labels, cells):
        values.append((cell.text, _brief(cell.text, cell.words(labels, raw))))
        if cell.expression.kind is Kind.PAGE and raw != NULL:
            pages.setdefault(raw, frozenset())
        elif address is not None:
            _light(labels, address, pages, lanes)
    return Lit(frozenset(panels), pages, frozenset(lanes), tuple(values))


def _brief(text: str, words: str) -> str:
    """Return a value without its hexadecimal form, which a lesson needs only for addresses."""
    return words if _IN_HEX.search(text) else _HEX.sub("", words)


def _read(labels: Labels, cells: Iterable[Watched]) -> list[tuple[Watched, int, int | None]]:
    """Return each cell that has a value, its value, and its address: the last one that it read."""
    found = []
    with labels.vm.memory.observed() as log:
        for cell in cells:
            log.clear()
            with suppress(BadInput):
                raw = cell.expression.evaluate(labels.vm)
                found.append((cell, raw, log.cells[-1][0] if log.cells else None))
    return found


def _light(labels: Labels, address: int, pages: dict[int, frozenset[str]], lanes: set[str]) -> None:
    place, index = labels.vm.memory.place_of(address)
    if place.table == "page":
        pages[index] = pages.get(index, frozenset()) | {place.name}
    elif place.table == "queue":
        lanes.add(type_and_color(index)[0])
    elif place.name in RESERVE:
        lanes.add(RESERVE[place.name])
