"""The two accesses whose order a point of no return decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from engine.explore.exploration import Access, Race
from engine.explore.graph import EVENT
from engine.explore.model import Leaf, Model
from engine.explore.shown_runs import Taken
from engine.language.naming import name_of
from engine.memory.access_log import Stretch
from engine.run.events import Event

_OWN: Final = ("thread", "token", "cpu", "variable")
"""Tables in which a thread keeps its own: a race is named by one of them only if there is no other cell."""

_SILENT: Final = frozenset({
    *("thread.run_next", "cpu.runq_head", "cpu.runq_tail", "cpu.current"),
    *("thread.op_start", "thread.pc", "global.ticks"),
})  # fmt: skip
"""Columns of the run queues and of the script's position, by which no race is named."""


def leaves_of(model: Model, path: Sequence[Taken]) -> list[Leaf | None]:
    """The steps of a path from the start; None for an event. The model comes back to the start."""
    found: list[Leaf | None] = []
    undo: list[Callable[[], None]] = []
    for taken in path:
        if taken.thread == EVENT:
            found.append(None)
            undo.append(_pass_time(model))
            continue
        leaf = model.leaf(taken.thread)
        model.apply(leaf)
        found.append(leaf)
        undo.append(lambda leaf=leaf: model.take_back(leaf))  # type: ignore[misc]
    for step in reversed(undo):
        step()
    return found


def _pass_time(model: Model) -> Callable[[], None]:
    event = model.idle()
    assert isinstance(event, Event)
    writes, _ = model.event(event)
    for address, _, new in writes:
        model.cells[address] = new

    def back() -> None:
        for address, old, _ in writes:
            model.cells[address] = old

    return back


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
                    name_of(model.vm, cell, model.scenario.names),
                    _access(model, decisive, steps[place], cell),
                    _access(model, later, steps[number], cell),
                )
    return None


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
