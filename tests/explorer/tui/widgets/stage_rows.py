"""Rows of the stage for tests of its drawing: made by hand, and of scenarios that have many pages in play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.constants import NULL
from engine.debug.in_play import LANES
from engine.scenario.loader import load_text
from explorer.session.session import Session
from explorer.tui.widgets.stage import DrawnStage
from explorer.views.in_play import Tile
from explorer.views.rows import Band
from explorer.views.spans import cut, plain
from explorer.views.stage import LaneRow, StageRow, Travel

SIZES = ((38, 5), (40, 7), (78, 6), (78, 9), (74, 18), (80, 24), (130, 34))
"""The sizes to look at, and others below."""

ODD_SIZES = ((1, 1), (5, 2), (12, 3), (20, 8), (30, 40), (78, 5), (74, 16), (200, 4), (250, 70))

MANY = """
format = 1
title = "Many pages in play"
[machine]
memory = "{memory}"
topology = "{topology}"
colors = {colors}
[[object]]
name = "heap"
[[object]]
name = "file"
[[thread]]
name = "one"
cpu = 0
script = '''
for i in range({pages}):
    m = vm_page_alloc(heap, i, VM_ALLOC_NORMAL)
    vm_page_activate(m)
    vm_page_wakeup(m)
    if i % 3 == 0:
        vm_page_busy_wait(m, 1)
        vm_page_dirty(m)
        vm_page_deactivate(m)
        vm_page_wakeup(m)
'''
[[thread]]
name = "two"
cpu = {last}
script = '''
for i in range({pages}):
    m = vm_page_alloc(file, i, VM_ALLOC_NORMAL)
    vm_page_activate(m)
    vm_page_wakeup(m)
'''
"""


def many(topology: str, colors: int, pages: int, last: int, memory: str = "16 MiB") -> Session:
    """Return a run to its end in which two threads put pages on ACTIVE and INACTIVE."""
    text = MANY.format(memory=memory, topology=topology, colors=colors, pages=pages, last=last)
    scenario = load_text(text)
    session = Session(scenario.start(), scenario)
    session.history.extend(200_000)
    return session


def tile(page: int, slot: int, name: str = "", badges: str = "", letter: str = "a") -> Tile:
    """Return a tile of colour 0 in one column."""
    number = f"{page:#x}"
    return Tile(page, slot, 0, slot, 0, name or number, number, f"heap[{page}]", badges, letter, 7, "")


def lane(name: str, tiles: Sequence[Tile | None] = (), others: int = 0, delta: int = 0) -> LaneRow:
    """Return a lane of a machine of 64 colours with these tiles, and `others` pages more on colour 5."""
    counts = np.zeros(64, np.int64)
    for each in tiles:
        counts[0] += each is not None
    rest = np.zeros(64, np.int64)
    rest[5] = others
    number = sum(each is not None for each in tiles)
    return LaneRow(name, number + others, delta, tuple(tiles), number, counts + rest, rest)


def row(*lanes: LaneRow, travels: tuple[Travel, ...] = (), now: int = NULL, selected: int = NULL) -> StageRow:
    """Return a row with these lanes; the others are empty."""
    given = {each.name: each for each in lanes}
    every = tuple(given.get(name, lane(name)) for name in LANES)
    bands = (Band(0, 64, "node 0"),)
    made = StageRow(every, bands, False, bands, 8, travels, now, selected)
    return replace(made, objects=(("a", "heap"), ("b", "file")))


def at(drawn: DrawnStage, page: int) -> str:
    """Return the text where a page is drawn."""
    place = drawn.place_of(page)
    assert place is not None, f"page {page} is not drawn"
    text = plain([drawn.lines[place.y]]).ljust(place.beyond)
    return text[len(cut(text, place.first)) : len(cut(text, place.beyond))]
