"""The two accesses whose order a point of no return decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.explore.exploration import Access, Race
from engine.explore.model.keys import LINKS
from engine.explore.model.transitions import Leaf, Model
from engine.explore.shown_runs import Taken
from engine.language.naming import name_of
from engine.memory.access_log import Stretch

_OWN: Final = ("thread", "token", "cpu", "variable")
"""Tables in which a thread keeps its own: a race is named by one of them only if there is no other cell."""

_SLEEP_QUEUE: Final = tuple(name for name in LINKS if "sleep" in name)
"""The columns of the sleep queue's links, which are named as one thing."""

_SILENT: Final = frozenset({
    *("thread.run_next", "cpu.runq_head", "cpu.runq_tail", "cpu.current"),
    *("thread.op_start", "thread.pc", "global.ticks"),
})  # fmt: skip
"""Columns of the run queues and of the script's position, by which no race is named."""


def leaves_of(model: Model, path: Sequence[Taken]) -> list[Leaf | None]:
    """The steps of a path from the start; None for an event. The model comes back to the start."""
    came = []
    for taken in path:
        came.append(model.next_step(taken.thread))
        model.take(came[-1])
    for step in reversed(came):
        model.take_back_any(step)
    return [step if isinstance(step, Leaf) else None for step in came]


def race_at(
    model: Model, leaves: Sequence[Leaf | None], place: int, steps: Sequence[int], others: Sequence[int]
) -> Race | None:
    """The race that step `place` (from 0) of a path decides.

    Its access comes first; the other one is the next access of another thread to the same cell, one of
    which writes it. A step of `others`, the threads that could have come before it, is preferred.
    steps: the number of steps of the run after each step of the path.
    """
    decisive = leaves[place]
    if decisive is None:
        return None
    order = sorted(
        (leaf.thread not in others, number)
        for number, leaf in enumerate(leaves)
        if number > place and leaf is not None and leaf.thread != decisive.thread
    )
    for is_shared in (True, False):
        for _, number in order:
            later = leaves[number]
            assert later is not None
            cell = next(_in_conflict(model, decisive, later, is_shared), None)
            if cell is not None:
                return Race(
                    _name(model, cell),
                    _access(model, decisive, steps[place], cell),
                    _access(model, later, steps[number], cell),
                )
    return None


def _name(model: Model, cell: int) -> str:
    place, _ = model.vm.memory.place_of(cell)
    if f"{place.table}.{place.name}" in _SLEEP_QUEUE:
        return "the sleep queue"
    return name_of(model.vm, cell, model.scenario.names)


def _in_conflict(model: Model, first: Leaf, second: Leaf, is_shared: bool) -> Iterator[int]:
    """The cells that one of two steps writes and the other one reads or writes."""
    ours, theirs = set(first.writes), set(second.writes)
    for cell in sorted(_touched(first, theirs) | _touched(second, ours)):
        place, _ = model.vm.memory.place_of(cell)
        if f"{place.table}.{place.name}" not in _SILENT and (place.table not in _OWN) == is_shared:
            yield cell


def _touched(leaf: Leaf, written: set[int]) -> set[int]:
    """Those of the written cells that a step reads or writes."""
    found = written & {*leaf.writes, *(read for read in leaf.reads if isinstance(read, int))}
    for read in leaf.reads:
        if isinstance(read, Stretch):
            found |= {cell for cell in written if read.first <= cell < read.beyond}
    return found


def _access(model: Model, leaf: Leaf, step: int, cell: int) -> Access:
    action = model.states[leaf.thread].actions[leaf.before]
    return Access(model.names[leaf.thread], step, action, cell in leaf.writes)
