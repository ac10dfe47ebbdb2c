"""Performing recorded steps again."""

from __future__ import annotations

import pytest

from engine.errors import InvariantViolation
from engine.run import again
from engine.run.history import History
from engine.run.suspended import Live
from engine.scenario.loader import load


@pytest.fixture
def history() -> History:
    started = load("life-of-a-page").start()
    started.extend(60)
    return started


def rebuilt(history: History, step: int) -> list[Live]:
    """The suspended calls at `step`, made without the history's own."""
    history.seek(step)
    live = [Live(t, program.cpu) for t, program in enumerate(history.programs)]
    for one in live:
        history.runner.prime(one)
    for earlier in again.unfinished(history.vm, history.journal, len(live), step):
        again.repeat(history.runner, history.timeline, earlier, live)
    return live


@pytest.mark.parametrize("step", [5, 17, 40, 60])
def test_a_step_performed_again_writes_what_was_recorded(history: History, step: int) -> None:
    live = rebuilt(history, step - 1)
    written, panic = again.perform_again(history.runner, history.timeline, step, live)
    assert (written, panic) == (history.journal.writes_of(step), None)
    assert history.step == step


def test_a_step_that_writes_something_else_is_noticed(history: History) -> None:
    live = rebuilt(history, 39)
    write = next(n for n in range(60) if history.journal.writes_of(40 + n)) + 40
    for step in range(40, write):
        again.repeat(history.runner, history.timeline, step, live)
    history.journal.block_of(write)[0].new[history.journal.end(write - 1)] += 1
    with pytest.raises(InvariantViolation, match=f"step {write}, performed again, wrote"):
        again.repeat(history.runner, history.timeline, write, live)


def test_the_unfinished_steps_are_those_since_each_thread_began_its_instruction(history: History) -> None:
    history.seek(40)
    count = len(history.programs)
    begun = again.begun(history.vm, count)
    steps = again.unfinished(history.vm, history.journal, count, 40)
    assert steps
    assert all(step > begun[history.journal.thread(step)] for step in steps)
    assert again.at_most(history.vm, history.journal, count, 40, len(steps))
    assert not again.at_most(history.vm, history.journal, count, 40, len(steps) - 1)
