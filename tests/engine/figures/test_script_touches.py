"""Touches by scripts: those that were done, and the pages that they found."""

from __future__ import annotations

import pytest

from engine.figures.script_touches import script_touched, script_touches
from engine.script.process_verbs import LOAD, STORE
from tests.engine.figures.watched_run import watched


def test_each_touch_is_one_step_of_its_thread_and_finds_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched("two nodes", "document", monkeypatch)
    history = seen.history
    history.seek(100)
    touches, touched = script_touches(history), script_touched(history)
    assert history.step == 100
    assert {history.journal.label(step) for step in touches.steps.tolist()} == {LOAD, STORE}
    assert [history.journal.thread(step) for step in touches.steps.tolist()] == touches.threads.tolist()
    cpus = [history.programs[t].cpu for t in touched.threads.tolist()]
    assert [*zip(touched.pages.tolist(), cpus, strict=True)] == seen.touched


def test_a_try_that_faults_and_one_that_ends_in_a_signal_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = watched("two nodes", "document", monkeypatch).history
    tries = sum(history.journal.label(step) in (LOAD, STORE) for step in range(1, history.total + 1))
    touches = script_touches(history)
    assert tries == len(touches.steps) + int((1 - touches.hits).sum()) + 1
