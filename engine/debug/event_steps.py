"""The steps at which something happened that a timeline shows: moves, sleeps, wakeups, page faults, ticks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from engine.debug.journal_search import Steps, writes_between
from engine.debug.per_history import Growing, Rows
from engine.machine.tables import SLEEPING
from engine.memory.cells import Array
from engine.run.history import History

EVENTS: Final = ("moves", "sleeps", "wakeups", "faults", "ticks")
"""The kinds: a page changed its queue, a thread went to sleep or was woken, a page fault, a tick."""

_COLUMNS: Final = ("page.queue", "thread.state", "cpu.v_vm_faults", "global.ticks")


def event_steps(history: History) -> Mapping[str, Steps]:
    """Return the recorded steps of each of EVENTS in the current branch, ascending and unique; not copies."""
    return {kind: rows.columns[0] for kind, rows in _KNOWN.of(history).items()}


def _extend(known: dict[str, Rows], history: History, first: int, last: int) -> None:
    memory, journal = history.vm.memory, history.journal
    places = [memory.places[column] for column in _COLUMNS]
    writes = writes_between(history, (), first, last, [place.stretch for place in places])
    if not writes.size:
        return
    addresses, steps = journal.address.at(writes), journal.steps_of(writes)
    queue, state, faults, ticks = (
        (addresses >= place.base) & (addresses < place.base + place.length) for place in places
    )
    slept = journal.old.at(writes) + places[1].spec.bias == SLEEPING
    sleeps = journal.new.at(writes) + places[1].spec.bias == SLEEPING
    for kind, own in (
        ("moves", queue), ("sleeps", state & sleeps & ~slept), ("wakeups", state & slept & ~sleeps),
        ("faults", faults), ("ticks", ticks),
    ):  # fmt: skip
        known[kind].extend(_unique(steps[own]))


def _unique(steps: Array) -> Array:
    """The steps once each; they ascend."""
    return steps[np.append(steps[1:] != steps[:-1], True)] if steps.size else steps


_KNOWN: Final[Growing[dict[str, Rows]]] = Growing(
    lambda _: {kind: Rows() for kind in EVENTS},
    _extend,
    lambda known, step: {kind: rows.until(step) for kind, rows in known.items()},
)
