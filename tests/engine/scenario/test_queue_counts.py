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


@pytest.mark.parametrize(
    ("name", "colours"),
    [("one-queue-or-1024", "1"), ("sixteen-queues", "16"), ("a-thousand-queues", "1,024")],
)
def test_the_table_of_the_first_lesson_has_the_counts_of_all_three(name: str, colours: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    uses = lock_uses(history)
    contended, waited = sum(use.contended for use in uses), sum(use.waited for use in uses)
    assert f"| {colours} | {contended} | {waited} |" in load("one-queue-or-1024").form.whole_lesson


def test_the_three_do_the_same_work() -> None:
    scripts = {
        tuple((thread.name, thread.cpu, thread.script.text) for thread in load(name).form.threads)
        for name in ("one-queue-or-1024", "sixteen-queues", "a-thousand-queues")
    }
    assert len(scripts) == 1
