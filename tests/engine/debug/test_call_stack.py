"""Who called whom: the calls under way at each step, and where each call of an operation began and ended."""

from __future__ import annotations

import pytest

from engine.debug.call_stack import (
    frames,
    in_place,
    operation_begin,
    operation_end,
    performed_again,
    script_line,
    spans,
    stacks_of,
)
from engine.errors import LockOrderViolation
from engine.memory.block import EVENT
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text

Run = tuple[Scenario, History]


@pytest.fixture(scope="module")
def life() -> History:
    history = load("life-of-a-page").start()
    history.extend(1 << 20)
    return history


def operations(history: History) -> list[tuple[int, list[int]]]:
    """Each operation of the run, walked: its thread and the steps that it took."""
    found: list[tuple[int, list[int]]] = []
    under_way: dict[int, list[int]] = {}
    for step in range(1, history.total + 1):
        t = history.journal.thread(step)
        if t == EVENT:
            continue
        under_way.setdefault(t, []).append(step)
        history.seek(step)
        if history.vm.thread.op_start[t] == step:
            found.append((t, under_way.pop(t)))
    return found


def test_an_operation_starts_where_the_threads_last_one_ended(life: History) -> None:
    ends: dict[int, int] = {}
    walked = operations(life)
    assert len(walked) > 10
    for t, steps in walked:
        for step in steps:
            assert operation_begin(life, t, step) == ends.get(t, 0)
            assert operation_end(life, t, step) == (steps[-1], True)
        ends[t] = steps[-1]


def test_an_operation_that_is_not_done_ends_at_its_last_recorded_step() -> None:
    history = load("life-of-a-page").start()
    history.extend(10)
    assert operation_end(history, 0, 5) == (10, False)


def test_an_operation_is_performed_again_with_the_same_announcements(life: History) -> None:
    life.seek(3)
    with in_place(life):
        again = [(step, live.action) for step, live in performed_again(life, 24)]
    own = [step for step in range(1, 25) if life.journal.thread(step) == 0]
    assert again == [(step, life.journal.label(step)) for step in own]
    assert life.step == 3


def test_reading_frames_does_not_move_the_cursor(life: History) -> None:
    life.seek(17)
    before = life.vm.memory.digest()
    assert frames(life, 80)
    assert (life.step, life.vm.memory.digest()) == (17, before)


def test_an_event_has_no_frames(held: Run) -> None:
    _, history = held
    for step in range(1, history.total + 1):
        assert bool(frames(history, step)) is (history.journal.thread(step) != EVENT)


def test_a_frame_is_within_its_callers(life: History) -> None:
    for step in range(1, life.total + 1):
        entered = [frame.entered for frame in frames(life, step)]
        assert entered == sorted(entered)
        assert all(operation_begin(life, life.journal.thread(step), step) < at <= step for at in entered)


def test_the_first_call_allocates_a_page_through_its_queue(life: History) -> None:
    # Step 6 of the lesson takes the spinlock of the queue that the allocation looks at.
    assert life.journal.label(6) == "take the queue's spinlock"
    stack = frames(life, 6)
    functions = [frame.function for frame in stack if frame.kernel]
    assert (functions[0], functions[-1]) == ("vm_page_alloc", "vm_page_queues_spin_lock")
    # The script's call holds the object around it, which is not a function of the kernel.
    assert (stack[0].function, stack[0].kernel) == ("with_object_held", False)


def test_the_spans_of_an_operation_are_its_stacks_over_its_steps(life: History) -> None:
    for t, steps in operations(life):
        found = spans(life, steps[0])
        assert found == spans(life, steps[-1])
        assert all(span.returned and span.thread == t for span in found)
        for step in steps:
            stack = {(frame.function, depth, frame.entered) for depth, frame in enumerate(frames(life, step))}
            within = {
                (span.function, span.depth, span.entered)
                for span in found
                if span.entered <= step <= span.last
            }
            assert stack <= within


def test_calls_under_way_at_the_end_of_what_is_recorded_have_not_returned() -> None:
    history = load("life-of-a-page").start()
    history.extend(10)
    found = spans(history, 10)
    under_way = {(frame.function, frame.entered) for frame in frames(history, 10)}
    assert {(span.function, span.entered) for span in found if not span.returned} == under_way
    assert any(span.returned for span in found)


def test_an_event_has_no_spans() -> None:
    text = """format = 1
title = "t"
[machine]
memory = "4 MiB"
[machine.thresholds]
v_free_target = 4000
[[thread]]
name = "app"
script = '''
vm_wait(5)
'''
"""
    history = load_text(text).start()
    history.extend(100)
    events = [step for step in range(1, history.total + 1) if history.journal.thread(step) == EVENT]
    assert events
    assert spans(history, events[0]) == []


WRONG_ORDER = """
format = 1
title = "A queue's lock, then a page's"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[thread]]
name = "app"
script = '''
m = page[70]
vm_page_queues_spin_lock(2049)
vm_page_spin_lock(m)
'''
"""


def test_a_lock_order_violation_shows_both_stacks() -> None:
    history = load_text(WRONG_ORDER).start()
    history.extend(100)
    finding = history.branch.finding
    assert isinstance(finding, LockOrderViolation)
    stacks = {
        name: [frame.function for frame in stack] for name, stack in stacks_of(history, finding).items()
    }
    assert stacks["held"][0] == "vm_page_queues_spin_lock"
    assert stacks["now"][0] == "vm_page_spin_lock"


def test_the_script_line_of_a_step_is_the_one_under_way(life: History) -> None:
    for step in range(1, life.total + 1):
        line, text = script_line(life, step)
        t = life.journal.thread(step)
        if t == EVENT:
            assert (line, text) == (0, "")
            continue
        life.seek(step - 1)
        program = life.programs[t]
        assert line == program.line_at(life.vm.thread.pc[t])
        assert text == program.lines[line - 1].strip()
    assert script_line(life, 1) == (2, "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)")
