"""What the three scenarios of one load on 1, 16 and 1,024 colours are there to show."""

from __future__ import annotations

import pytest

from engine.reports.lock_stats import lock_uses
from engine.scenario.loader import load


def queue_waits(name: str) -> int:
    """How many times a queue's lock was waited for in the run of a library scenario."""
    scenario = load(name)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    return sum(use.contended for use in lock_uses(history) if use.name.startswith("queue"))


def test_four_processors_wait_for_the_lock_of_a_single_free_list() -> None:
    assert queue_waits("one-queue-or-1024") > 20


@pytest.mark.parametrize("name", ["sixteen-queues", "a-thousand-queues"])
def test_with_colours_of_their_own_they_never_wait(name: str) -> None:
    assert queue_waits(name) == 0


def test_the_three_do_the_same_work() -> None:
    scripts = {
        tuple((thread.name, thread.cpu, thread.script.text) for thread in load(name).form.threads)
        for name in ("one-queue-or-1024", "sixteen-queues", "a-thousand-queues")
    }
    assert len(scripts) == 1
