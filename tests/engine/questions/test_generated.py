"""Questions about what happens next: the answers are the machine's, and asking moves nothing."""

from __future__ import annotations

import re

import pytest

from engine.constants import QUEUE_BASES
from engine.machine.tables import SLEEPING
from engine.questions.generated import (
    NO_LOCK,
    SLEEPS,
    Prediction,
    busy_text,
    predictions,
)
from engine.run.history import History
from engine.scenario.loader import load, load_text

HEAD = """format = 1
title = "made for a test"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[object]]
name = "file"
"""


def thread(name: str, cpu: int, *lines: str) -> str:
    script = "\n".join(lines)
    return f'[[thread]]\nname = "{name}"\ncpu = {cpu}\nscript = """\n{script}\n"""\n'


def run_of(*parts: str) -> History:
    return load_text(HEAD + "".join(parts)).start()


def about(history: History, topic: str) -> Prediction:
    found = [question for question in predictions(history) if question.topic == topic]
    assert found, f"no question about {topic} at step {history.step}"
    return found[0]


def answer(history: History, topic: str) -> str:
    question = about(history, topic)
    return question.choices[question.right]


def as_it_stands(history: History) -> tuple[object, ...]:
    branch = history.branch
    return (
        (history.step, history.total, history.current, len(history.branches), history.journal.writes),
        (branch.outcome, branch.finding, tuple(branch.chosen)),
        history.vm.memory.digest(),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy"])
def test_asking_at_any_step_leaves_the_run_as_it_is(name: str) -> None:
    asked, plain = load(name).start(), load(name).start()
    count = 0
    while True:
        before = as_it_stands(asked)
        count += len(predictions(asked))
        assert as_it_stands(asked) == before
        if not plain.forward():
            break
        assert asked.forward()
    assert count > 100
    assert not asked.forward()
    assert as_it_stands(asked)[:1] == as_it_stands(plain)[:1]
    assert asked.vm.memory.digest() == plain.vm.memory.digest()


def test_a_recorded_future_gives_the_same_questions_as_one_that_is_not() -> None:
    live, recorded = load("hard-and-soft-busy").start(), load("hard-and-soft-busy").start()
    recorded.extend(1 << 20)
    for step in range(recorded.total):
        recorded.seek(step)
        assert predictions(live) == predictions(recorded)
        live.forward()


@pytest.mark.parametrize("name", ["life-of-a-page", "colour-and-home"])
def test_the_answer_is_what_the_machine_does(name: str) -> None:
    history = load(name).start()
    topics = set()
    for step in range(1 << 20):
        history.seek(step)
        for question in predictions(history):
            right = question.choices[question.right]
            page = re.search(r"page (0x[0-9a-f]+)", question.ask)
            while history.total < question.step:
                history.extend(1)
            history.seek(question.step)
            m = history.vm.page_index(int(page[1], 16)) if page else -1
            if question.topic in ("queue", "queue-step"):
                topics.add(question.topic)
                queue = history.vm.page.queue[m]
                assert queue == (QUEUE_BASES[right.removeprefix("PQ_")] + history.vm.page.pc[m]) * bool(queue)
                assert (right == "PQ_NONE") == (queue == 0)
            elif question.topic == "busy":
                topics.add(question.topic)
                assert right == busy_text(history.vm.page.busy_count[m])
            elif question.topic == "color":
                topics.add(question.topic)
                assert f"FREE[{right}], the colour asked for" in history.record(question.step).action
            history.seek(step)
        if step == history.total and not history.forward():
            break
    assert topics == {"queue", "queue-step", "busy", "color"}


@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy", "empty-colour"])
def test_a_question_has_three_or_four_choices_each_once_and_a_reason(name: str) -> None:
    history = load(name).start()
    history.extend(1 << 20)
    for step in range(0, history.total, 3):
        history.seek(step)
        for question in predictions(history):
            assert len(set(question.choices)) == len(question.choices)
            assert 3 <= len(question.choices) <= 4
            assert question.why.endswith(".")
            assert question.step > step


# --- one topic each -----------------------------------------------------------------------------------------


def test_a_call_that_finds_the_page_busy_is_known_to_sleep_on_it() -> None:
    history = load("life-of-a-page").start()
    history.extend(25)
    question = about(history, "sleeps")
    assert question.ask.startswith("pager is running `vm_page_lookup_busy_wait(")
    assert question.choices[question.right] == SLEEPS[1]
    assert "go to sleep; it sleeps on page 0xc03" in question.why


def test_a_release_is_known_to_wake_the_threads_that_sleep_on_the_page() -> None:
    history = load("hard-and-soft-busy").start()
    history.extend(18)
    question = about(history, "wakes")
    assert question.choices == ("fault", "no thread", "reader1", "reader2")
    assert question.choices[question.right] == "fault"
    assert "wake all sleepers" in question.why


def test_a_call_that_panics_is_known_to() -> None:
    history = run_of(
        thread(
            "app", 0, "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)", "vm_page_wakeup(m)", "vm_page_free(m)"
        )
    )
    while history.vm.thread.pc[0] < 2:
        history.forward()
    question = about(history, "sleeps")
    assert question.choices[question.right] == SLEEPS[3]
    assert history.branch.outcome is None


def test_a_call_that_closes_a_cycle_of_waits_is_known_never_to_end() -> None:
    crossing = (
        thread("app", 0, "vm_object_hold(heap)", "vm_object_hold(file)", "vm_object_drop(file)"),
        thread("other", 1, "vm_object_hold(file)", "vm_object_hold(heap)", "vm_object_drop(heap)"),
    )
    history = run_of(*crossing)
    history.extend(4)
    assert history.vm.thread.pc[0] == 1
    before = as_it_stands(history)
    found = {question.topic: question for question in predictions(history)}
    assert found["sleeps"].choices[found["sleeps"].right] == SLEEPS[2]
    assert "lock" not in found, "a lock that is never taken is not an answer"
    assert as_it_stands(history) == before


def test_asking_does_not_set_the_outcome_of_a_branch() -> None:
    crossing = (
        thread("app", 0, "vm_object_hold(heap)", "vm_object_hold(file)", "vm_object_drop(file)"),
        thread("other", 1, "vm_object_hold(file)", "vm_object_hold(heap)", "vm_object_drop(heap)"),
    )
    whole, history = run_of(*crossing), run_of(*crossing)
    whole.extend(100)
    assert whole.outcome == "deadlock"
    history.extend(whole.total)
    history.seek(whole.total - 1)
    before = as_it_stands(history)
    assert before[1] == (None, None, ())
    assert answer(history, "sleeps") == SLEEPS[2]
    assert as_it_stands(history) == before
    history.seek(history.total)
    assert not history.forward()
    assert history.outcome == "deadlock"


def test_a_question_is_about_the_page_of_the_next_thread_whatever_else_runs() -> None:
    history = run_of(
        thread("app", 0, "m = vm_page_alloc(NULL, 200, VM_ALLOC_NORMAL)"),
        thread("other", 1, "p = vm_page_alloc(NULL, 201, VM_ALLOC_NORMAL)"),
    )
    history.extend(1)
    question = about(history, "queue")
    assert question.ask.startswith("other runs")
    history.extend(100)
    slot = history.programs[1].names["p"]
    assert f"page {history.vm.page_number(history.vm.variable.value[slot]):#x}" in question.ask


def test_the_next_lock_is_named_or_none_if_there_is_none() -> None:
    history = run_of(thread("app", 0, "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)", "vm_page_wakeup(m)"))
    assert answer(history, "lock") == "token of heap"
    while history.vm.thread.pc[0] < 1:
        history.forward()
    assert answer(history, "lock") == NO_LOCK


def test_a_shared_token_is_a_lock_too() -> None:
    history = run_of(thread("app", 0, "vm_object_hold_shared(heap)", "vm_object_drop(heap)"))
    assert answer(history, "lock") == "token of heap"


def test_a_question_about_an_event_asks_which_threads_it_wakes() -> None:
    short = HEAD.replace("[[object]]", "[machine.thresholds]\nv_free_target = 4000\n[[object]]", 1)
    lines = ("x = 1", "vm_wait(5)")
    history = load_text(short + thread("app", 0, *lines) + thread("other", 1, "y = 1")).start()
    while history.vm.thread.state[0] != SLEEPING or history.vm.thread.pc[1] == 0:
        assert history.forward()
    question = about(history, "wakes")
    assert "tick" in question.ask
    assert question.choices[question.right] == "app"


def test_a_line_without_a_call_and_the_end_of_a_run_ask_nothing() -> None:
    history = run_of(thread("app", 0, "x = 1", "vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"))
    assert predictions(history) == ()
    while history.forward():
        pass
    assert predictions(history) == ()


def test_an_error_in_a_script_ahead_is_not_reported_when_asking() -> None:
    lines = ("m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)", "x = 1 // (m - m)")
    history = run_of(thread("app", 0, "tick()", *lines), thread("other", 1, "y = 0", "z = 1 // y"))
    before = as_it_stands(history)
    predictions(history)
    assert as_it_stands(history) == before


def test_looking_ahead_stops_at_a_limit_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.questions.ahead.FARTHEST", 5)
    history = load("life-of-a-page").start()
    assert {question.topic for question in predictions(history)} <= {"color", "lock"}
    monkeypatch.setattr("engine.questions.ahead.DEEPEST", 2)
    history.extend(4)
    assert predictions(history) == ()


def test_a_question_about_a_daemon_is_about_its_current_part() -> None:
    history = run_of(thread("app", 0, "x = 1"), thread("pager", 1, "pagedaemon()"))
    while not (found := predictions(history)) or history.step == 0:
        assert history.forward()
    assert all("pager" in q.ask and "this part of `pagedaemon()`" in q.ask for q in found)


def test_a_thread_that_has_slept_for_long_does_not_prevent_questions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = load("life-of-a-page").start()
    history.extend(40)
    assert history.vm.thread.state[1] == SLEEPING
    monkeypatch.setattr("engine.questions.ahead.DEEPEST", 15)
    assert history.vm.thread.op_start[1] < history.step - 15
    assert predictions(history)
