"""An exploration of trylock-skips made by hand: its panic, and one way to complete beside it.

The graph has only these two ways, which part at the point of no return.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from engine.explore.exploration import Access, Exploration, Inevitable, Race
from engine.explore.graph.state_graph import StateGraph
from explorer.session.schedule_search import Explored
from explorer.views.exploration import Branching, Column, Picture
from tests.explorer.found_by_hand import COMPLETED, PANIC, SEARCH

MOVER, TAKER = 0, 1

TO_PANIC: Final = (TAKER,) * 57 + (MOVER,) * 8 + (TAKER,)
PARTS_AT: Final = 64
INSTEAD: Final = (TAKER,) * 2 + (MOVER,) * 3 + (TAKER,) * 10

BOTH: Final = ("completed", "panic:vm_page_alloc")


def _graph() -> StateGraph:
    """States 0 to 66 lead to the panic; those after 66 leave state 64 to completion."""
    first = [(n, n + 1, t) for n, t in enumerate(TO_PANIC)]
    beside = [PARTS_AT, *range(67, 67 + len(INSTEAD))]
    steps = sorted([*first, *zip(beside, beside[1:], INSTEAD, strict=False)])
    source, target, thread = (np.array(column, dtype=np.int64) for column in zip(*steps, strict=True))
    size = 67 + len(INSTEAD)
    ends = {66: 1, size - 1: 0}
    names = ("mover", "taker", "biodone")
    return StateGraph(names, source, target, thread, np.ones_like(source), size, ends, BOTH)


PANICS: Final = replace(
    PANIC,
    path=TO_PANIC,
    end=66,
    race=Race(
        "setup.m.queue",
        Access("taker", 57, "check whether the pageout daemon is needed", writes=False),
        Access("mover", 65, "join the queue", writes=True),
    ),
    inevitable=Inevitable(65, "mover", "join the queue", ("taker",), (("completed",),)),
)

FOUND: Final[Exploration] = replace(SEARCH, outcomes=(COMPLETED, PANICS), graph=_graph())

PICTURE: Final = Picture(
    funnel=tuple(
        Column(depth, tuple(counts))
        for depth in range(67)
        for counts in [
            [(BOTH, max(40 - abs(30 - depth), 1))] if depth < 60 else
            [(BOTH, 5), (("completed",), depth)] if depth < 65 else
            [(("panic:vm_page_alloc",), 1), (("completed",), 3)],
        ]
    ),
    decisions=(
        Branching(0, "", 57, BOTH, (("taker", BOTH), ("mover", ("completed",))), more=11),
        Branching(1, "taker", 65, BOTH, (("mover", ("panic:vm_page_alloc",)), ("taker", ("completed",)))),
    ),
)  # fmt: skip


def explored() -> Explored:
    """Return a new copy, in which no outcome is open."""
    return Explored(FOUND, PICTURE)
