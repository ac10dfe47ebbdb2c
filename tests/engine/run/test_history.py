"""Time travel: every way to a step gives the same memory, and calls can be resumed at any step."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debug.call_stack import frames
from engine.debug.waits import last_step_of
from engine.errors import BadInput
from engine.kernel.busy import vm_page_wakeup
from engine.memory.block import BLOCK
from engine.run.history import History
from engine.run.schedule import parse_schedule
from tests.engine.run.three_lives import ALLOC, LIFE, three_lives


def fingerprint(history: History) -> bytes:
    """A digest of every cell, used or not; stricter than the memory's digest, which goes by key."""
    return hashlib.blake2b(history.vm.memory.array.data).digest()


def memories(history: History) -> list[bytes]:
    """The fingerprint after each step, with steps taken one at a time."""
    states = [fingerprint(history)]
    while history.forward():
        states.append(fingerprint(history))
    return states


@pytest.mark.slow
def test_stepping_to_the_end_and_back_restores_every_memory(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    first = history.vm.memory.digest()
    states = memories(history)
    assert history.outcome == "completed"
    assert len(states) == history.total + 1 > 300
    for step in reversed(range(history.total)):
        assert history.back()
        assert (history.step, fingerprint(history)) == (step, states[step])
    assert not history.back()
    assert history.vm.memory.digest() == first


@pytest.mark.slow
def test_a_seek_gives_the_memory_that_stepping_gave(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    states = memories(history)
    chance = random.Random(7)
    for _ in range(200):
        step = chance.randrange(len(states))
        history.seek(step)
        assert fingerprint(history) == states[step]


def test_a_seek_over_whole_blocks_goes_by_their_net_change(stage: Callable[..., Any]) -> None:
    history = three_lives(stage, repeat=400)
    marks = [0, 5, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 77]
    states = {0: fingerprint(history)}
    for step in marks[1:]:
        history.extend(step - history.total)
        states[step] = fingerprint(history)
    assert [block.net is None for block in history.journal.blocks] == [False, False, True]
    chance = random.Random(3)
    for step in [chance.choice(marks) for _ in range(60)]:
        history.seek(step)
        assert fingerprint(history) == states[step]


def test_running_unrecorded_reaches_the_same_memory(stage: Callable[..., Any]) -> None:
    recorded = three_lives(stage)
    recorded.extend(10_000)
    plain = three_lives(stage)
    plain.vm.memory.record(None)
    plain.runner.journal = None
    assert plain.runner.run(10_000) == recorded.total
    assert plain.vm.memory.digest() == recorded.vm.memory.digest()


@pytest.mark.slow
@pytest.mark.parametrize("schedule", ["rr", "random:11"])
def test_steps_one_by_one_equal_steps_by_the_thousand(stage: Callable[..., Any], schedule: str) -> None:
    one, many = three_lives(stage, schedule), three_lives(stage, schedule)
    memories(one)
    many.extend(10_000)
    assert [one.record(s) for s in range(1, one.total + 1)] == [
        many.record(s) for s in range(1, many.total + 1)
    ]
    assert one.vm.memory.digest() == many.vm.memory.digest()


@pytest.mark.slow
def test_going_live_anywhere_repeats_the_same_future(stage: Callable[..., Any]) -> None:
    history = three_lives(stage, "random:5", repeat=1)
    states = memories(history)
    for step in range(history.total):
        history.seek(step)
        history.go_live()
        assert fingerprint(history) == states[step]
        history.fork()
        history.extend(10_000)
        assert (history.total, history.outcome) == (len(states) - 1, "completed")
        assert fingerprint(history) == states[-1]
        history.switch(0)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_walk_through_time_is_exact(stage: Callable[..., Any], data: Any) -> None:
    history = three_lives(stage, "random:9", repeat=1)
    states = memories(history)
    moves = data.draw(st.lists(st.sampled_from(["forward", "back", "seek", "live"]), max_size=40))
    for move in moves:
        if move == "seek":
            history.seek(data.draw(st.integers(0, history.total)))
        elif move == "live":
            history.go_live()
        else:
            getattr(history, move)()
        assert fingerprint(history) == states[history.step]


@pytest.mark.slow
def test_a_step_of_another_thread_in_the_past_starts_a_branch_and_keeps_the_old_future(
    stage: Callable[..., Any],
) -> None:
    history = three_lives(stage)
    states = memories(history)
    history.seek(20)
    other = 1 - (history.record(21).thread or 0)
    assert history.step_thread(other)
    assert (history.current, history.step, history.branch.fork_step) == (1, 21, 20)
    history.extend(10_000)
    assert history.outcome == "completed"
    history.switch(0)
    assert history.step == 20
    for step in (len(states) - 1, 21, 0):
        history.seek(step)
        assert fingerprint(history) == states[step]


def test_a_step_of_the_recorded_thread_in_the_past_only_replays(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    history.extend(100)
    history.seek(40)
    assert history.step_thread(history.record(41).thread or 0)
    assert (history.current, history.step, history.total) == (0, 41, 100)


def test_a_branch_follows_another_schedule_from_its_fork(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    history.extend(50)
    history.seek(30)
    history.fork(parse_schedule("b:3,a:2"))
    history.extend(5)
    assert [history.record(step).thread for step in range(31, 36)] == [1, 1, 1, 0, 0]
    history.seek(32)
    history.go_live()
    history.seek(history.total)
    history.extend(10_000)
    assert history.outcome == "completed"


def test_a_schedule_that_starts_at_a_fork_leaves_the_other_branch_alone(stage: Callable[..., Any]) -> None:
    straight, history = three_lives(stage, "a:5,b:30"), three_lives(stage, "a:5,b:30")
    straight.extend(25)
    history.extend(12)
    history.fork(parse_schedule("a:1,b:2"))
    history.switch(0)
    history.extend(13)
    assert [history.record(s) for s in range(1, 26)] == [straight.record(s) for s in range(1, 26)]
    history.switch(1)
    history.extend(1)
    history.seek(12)
    history.fork()
    history.extend(3)
    assert [history.record(step).thread for step in range(13, 16)] == [0, 1, 1]


def test_the_frames_of_a_past_step_name_the_active_calls(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LIFE)
    history = play.start()
    history.extend(10_000)
    history.seek(7)
    actions = [history.record(step).action for step in range(1, history.total + 1)]
    names = [frame.function for frame in frames(history, actions.index("take the queue's spinlock") + 1)]
    assert names[0] == "vm_page_alloc"
    assert names[-1] == "vm_page_queues_spin_lock"
    assert history.step == 7


WANDERINGS = [
    ("asking for the calls of a past step", lambda history: frames(history, 15)),
    ("walking back and forward again", lambda history: walk(history, 20, 20)),
    ("going live in the past and walking on", lambda history: walk(history, 8, 8, live=True)),
]


def walk(history: History, back: int, forward: int, live: bool = False) -> None:
    """Go some steps back, sometimes go live there, and go some steps forward."""
    for _ in range(back):
        history.back()
    if live:
        history.go_live()
    for _ in range(forward):
        history.forward()


@pytest.mark.parametrize("schedule", ["rr", "random:4"])
@pytest.mark.parametrize("wander", [row[1] for row in WANDERINGS], ids=[row[0] for row in WANDERINGS])
def test_wandering_through_the_past_does_not_change_the_future(
    stage: Callable[..., Any], wander: Callable[[History], object], schedule: str
) -> None:
    straight, wandering = three_lives(stage, schedule), three_lives(stage, schedule)
    straight.extend(60)
    wandering.extend(21)
    wander(wandering)
    wandering.extend(39)
    assert [wandering.record(s) for s in range(1, 61)] == [straight.record(s) for s in range(1, 61)]
    assert fingerprint(wandering) == fingerprint(straight)


def test_a_panic_is_found_again_by_walking_into_it_live(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, ALLOC, (vm_page_wakeup, "m"), (vm_page_wakeup, "m"))
    history = play.start()
    history.extend(1_000)
    end, last = history.total, fingerprint(history)
    walk(history, 4, 4, live=True)
    assert (history.outcome, history.step, fingerprint(history)) == ("panic", end, last)
    assert history.runner.finding is history.branch.finding
    assert not history.forward()


def test_a_full_history_ends_the_run_as_bound_and_loses_nothing(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LIFE, repeat=100)
    history = play.start(limit=20_000)
    history.extend(100_000)
    assert history.outcome == "bound"
    assert "of 19.53 KiB allowed" in str(history.branch.finding)
    total = history.total
    digest = history.vm.memory.digest()
    history.seek(0)
    history.seek(total)
    assert history.vm.memory.digest() == digest


def test_a_limit_of_steps_ends_the_run(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LIFE, repeat=100)
    history = play.start(max_steps=123)
    history.extend(1_000)
    assert (history.total, history.outcome) == (123, "bound")
    assert "123 steps" in str(history.branch.finding)


def test_the_step_of_each_write_is_found_from_its_number(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    history.extend(10_000)
    journal = history.journal
    wrote = [step for step in range(1, history.total + 1) for _ in journal.writes_of(step)]
    assert len(set(wrote)) < history.total, "some steps write nothing"
    assert [journal.step_of(n) for n in range(journal.writes)] == wrote
    assert journal.steps_of(np.arange(journal.writes)).tolist() == wrote


def test_the_last_step_of_a_thread_is_found_however_long_ago_it_was(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("short", 1, ALLOC)
    play.thread("long", 0, *LIFE, repeat=200)
    history = play.start()
    history.extend(100_000)
    own = [step for step in range(1, history.total + 1) if history.journal.thread(step) == 0]
    assert last_step_of(history, 0) == own[-1] < history.total - 16384
    history.seek(own[0] - 1)
    assert last_step_of(history, 0) == 0


def schedule_cells(history: History) -> tuple[int, int, int]:
    """The progress of the schedule."""
    glob = history.vm.glob
    return glob.schedule_item[0], glob.schedule_left[0], glob.schedule_random[0]


def test_a_schedule_that_starts_at_a_fork_starts_with_the_first_step_of_any_kind(
    stage: Callable[..., Any],
) -> None:
    history = three_lives(stage)
    history.extend(20)
    history.fork(parse_schedule("random:5"))
    assert history.step_thread(0)
    assert schedule_cells(history) == (0, 0, 5)
    history.switch(0)
    history.switch(1)
    history.extend(3)
    chosen = [history.record(step).thread for step in range(22, 25)]
    again = three_lives(stage)
    again.extend(20)
    again.fork(parse_schedule("random:5"))
    again.step_thread(0)
    again.extend(3)
    assert [again.record(step).thread for step in range(22, 25)] == chosen


def test_a_schedule_has_not_started_if_its_first_item_could_not_run(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    history.extend(5)
    history.fork(parse_schedule("timeout:a"))
    for _ in range(2):
        with pytest.raises(BadInput, match="a is not asleep"):
            history.extend(1)
        assert history.runner.dispatcher.restart


def test_a_fork_in_a_branchs_shared_past_continues_as_its_parent_did(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    history.extend(20)
    history.fork(parse_schedule("random:5"))
    history.extend(10)
    history.seek(8)
    branch = history.fork()
    assert branch.schedule.text == "rr"
    history.extend(12)
    states = history.vm.memory.digest()
    history.switch(0)
    history.seek(20)
    assert history.vm.memory.digest() == states


def test_the_steps_that_the_user_chose_are_recorded(stage: Callable[..., Any]) -> None:
    history = three_lives(stage)
    assert history.step_thread(0)  # whose turn it is
    assert history.step_thread(0)
    assert history.branch.chosen == [2]
    history.forget(1)
    assert history.branch.chosen == []


def test_after_a_panic_no_thread_runs_under_another_schedule(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("app", 0, ALLOC, (vm_page_wakeup, "m"), (vm_page_wakeup, "m"))
    play.thread("other", 1, *LIFE, repeat=50)
    history = play.start()
    history.extend(10_000)
    assert history.outcome == "panic"
    history.fork(parse_schedule("random:3"))
    history.switch(0)
    history.switch(1)
    assert (history.extend(10), history.outcome) == (0, "panic")
    assert history.branch.finding is history.branches[0].finding
