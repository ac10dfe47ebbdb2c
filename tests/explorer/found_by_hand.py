"""What a search could have found, made by hand: an outcome that is rare, and one that is not."""

from __future__ import annotations

from typing import Final

from engine.explore.exploration import Access, Exploration, Found, Inevitable, Race

PANIC: Final = Found(
    outcome="panic:vm_page_alloc",
    message="vm_page_alloc: expected: a page on no queue",
    ends=3,
    schedules=1_540,
    probability=8.3e-11,
    path=(1, 0, 1),
    schedule="taker:57,mover:8,taker:1",
    settings={},
    switches=2,
    steps=66,
    state="pq1-panic",
    inevitable=Inevitable(65, "mover", "join the queue", ("taker",), (("completed",),)),
    race=Race(
        "setup.m.queue",
        Access("taker", 57, "read the queue", writes=False),
        Access("mover", 65, "join the queue", writes=True),
    ),
)

COMPLETED: Final = Found(
    outcome="completed",
    message="",
    ends=4,
    schedules=29_412_345_678_901,
    probability=1 - 8.3e-11,
    path=(0, 1),
    schedule="mover:end,taker:end",
    settings={},
    switches=1,
    steps=80,
    state="pq1-completed",
)

SEARCH: Final = Exploration(
    scenario="trylock-skips",
    rules="document",
    complete=True,
    bound="",
    states=1_508,
    transitions=2_739,
    outcomes=(COMPLETED, PANIC),
)
