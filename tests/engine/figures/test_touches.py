"""The touches of all sources, which come together in one place."""

from __future__ import annotations

import numpy as np
import pytest

from engine.figures import figure, touches
from engine.figures.touch_source import Touched, Touches, TouchSource
from engine.figures.touches import touched_by, touches_by_thread, touches_of
from engine.run.history import History
from tests.engine.figures.watched_run import watched


def _touches(history: History) -> Touches:
    """Seven touches of thread 1 in step 3, six of them hits."""
    return Touches(*(np.array([number]) for number in (3, 1, 7, 6)))


def _touched(history: History) -> Touched:
    return Touched(np.full(7, 1), np.full(7, 900))


def test_a_step_of_another_source_may_do_many_touches(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched("two nodes", "document", monkeypatch)
    monkeypatch.setattr(touches, "SOURCES", (*touches.SOURCES, TouchSource(_touches, _touched)))
    history = seen.history
    assert touches_of(history).steps.tolist() == sorted(touches_of(history).steps.tolist())
    assert touches_by_thread(history) == [
        seen.touches[t] + 7 * (t == 1) for t in range(len(history.programs))
    ]
    assert (figure(history, "run.touches"), figure(history, "run.hits")) == (
        seen.touches.total() + 7,
        seen.hits.total() + 6,
    )
    assert len(touched_by(history).pages) == seen.touches.total() + 7
    assert figure(history, "run.latency.accesses") == seen.touches.total() + 7


def test_a_branch_has_the_touches_of_its_own_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    history = watched("two nodes", "document", monkeypatch).history
    before = touches_of(history).steps.tolist()
    middle = before[10]
    history.seek(middle)
    history.fork()
    assert touches_of(history).steps.tolist() == before[:11]
    history.switch(0)
    assert touches_of(history).steps.tolist() == before
