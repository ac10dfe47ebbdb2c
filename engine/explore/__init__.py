"""Every schedule of a small scenario: its outcomes, how often each comes, and the simplest way to each.

>>> from engine.explore import explore
>>> from engine.scenario.loader import load
>>> found = explore(load("trylock-skips"))
>>> found.complete, found.states, [one.outcome for one in found.outcomes]
(True, 1508, ['completed', 'panic:vm_page_alloc'])
>>> panic = found.outcomes[1]
>>> panic.schedule, panic.switches, panic.steps
('taker:57,mover:8,taker:1', 2, 66)

`engine.explore.model.transitions` is the transition system: threads' local states, and what their steps do.
`engine.explore.search` finds all states, `engine.explore.findings` what the graph of them says,
`engine.explore.sample.processes` samples schedules of what is too large.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.explore.explorer import explore

__all__ = ["explore"]


def __getattr__(name: str) -> Any:
    # The screen needs the types of what a search finds; the search itself takes 60 ms to import.
    if name == "explore":
        return import_module("engine.explore.explorer").explore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
