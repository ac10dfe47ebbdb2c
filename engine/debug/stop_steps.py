"""The recorded steps at which breakpoints and watchpoints stop, kept up to date with the run.

Only for stops whose positions the journal gives at once: those with a condition, a number of hits, or a call
stack to look at would have to visit steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from engine.debug.journal_search import Steps
from engine.debug.per_history import Growing, Rows
from engine.debug.stops import Kind, OnPanic, Stop
from engine.memory.distinct import distinct
from engine.run.history import History


def is_quick(stop: Stop) -> bool:
    """Whether the journal alone gives the positions of a stop; not for a panic, which ends the run."""
    kind = stop.kind
    visits = stop.slow or kind.stride != Kind.stride or type(kind).confirms is not Kind.confirms
    return not visits and not isinstance(kind, OnPanic)


def stop_steps(history: History, stops: Iterable[Stop]) -> Steps:
    """Return the recorded steps at which any of the quick and enabled stops stops, ascending and unique."""
    chosen = [stop.kind for stop in stops if stop.enabled and is_quick(stop)]
    if not chosen:
        return np.zeros(0, np.int64)
    known = _KNOWN.of(history)
    for kind in chosen:
        if kind not in known:
            known[kind] = Rows()
            known[kind].extend(kind.positions(history, -1, history.total))
    found = [known[kind].columns[0] for kind in chosen]
    return found[0] if len(found) == 1 else distinct(np.concatenate(found))


def _extend(known: dict[Kind, Rows], history: History, first: int, last: int) -> None:
    for kind, rows in known.items():
        rows.extend(kind.positions(history, first, last))


_KNOWN: Final[Growing[dict[Kind, Rows]]] = Growing(
    lambda _: {}, _extend, lambda known, step: {kind: rows.until(step) for kind, rows in known.items()}
)
