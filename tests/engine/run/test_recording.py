"""A recorded run: viewing a step, and who wrote a cell; time travel is in test_history.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadInput
from engine.run.recording import StepRecord
from tests.engine.run.three_lives import three_lives


def test_an_unknown_step_is_refused(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    with pytest.raises(BadInput, match="there is no step 1; this run has steps 0 to 0"):
        history.seek(1)


def test_the_last_writer_is_found_however_long_ago_it_wrote(stage: Callable[..., Any]) -> None:
    history = three_lives(stage, repeat=60)
    history.extend(100_000)
    journal = history.journal
    assert journal.writes > 4096 * 2
    last = {journal.address[n]: journal.step_of(n) for n in range(journal.writes)}
    assert {address: history.writer(address, history.total) for address in last} == last
    assert history.writer(history.vm.memory.address("global.bootverbose", 0), history.total) is None
    address = journal.address[0]
    assert history.writer(address, journal.step_of(0) - 1) is None


def test_a_step_has_its_thread_and_cpu_and_viewing_ends_at_step_0(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    history.extend(2)
    assert (history.record(1).thread, history.record(2).thread) == (0, 1)
    assert history.record(2) == StepRecord(2, 1, 1, history.journal.label(2))
    assert [history.back(), history.back(), history.back()] == [True, True, False]
    assert (history.step, history.total, history.outcome) == (0, 2, None)
