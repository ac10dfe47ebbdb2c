"""Looking ahead: the predicted steps are the steps then taken, and the cursor does not move."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from engine.machine.tables import SLEEPING
from engine.memory.block import EVENT
from engine.questions import ahead
from engine.questions.ahead import Ahead, looking_ahead
from engine.run.history import History
from engine.scenario.loader import load, load_text

HEAD = """format = 1
title = "made for a test"
[machine]
memory = "4 MiB"
topology = "1x2x1"
{}
[[object]]
name = "heap"
[[object]]
name = "file"
"""


def run_of(*threads: tuple[str, int, str], machine: str = "") -> History:
    """A run of threads: name, cpu, script."""
    texts = (
        f'[[thread]]\nname = "{name}"\ncpu = {cpu}\nscript = """\n{script}\n"""\n'
        for name, cpu, script in threads
    )
    return load_text(HEAD.format(machine) + "".join(texts)).start()


def as_it_stands(history: History) -> tuple[object, ...]:
    branch = history.branch
    return (
        (history.step, history.total, history.current, len(history.branches), history.journal.writes),
        (branch.outcome, branch.finding, branch.finding_stack, tuple(branch.chosen)),
        history.vm.memory.digest(),
    )


def look(history: History) -> Ahead | None:
    """Look ahead; check that looking moves nothing."""
    before = as_it_stands(history)
    with looking_ahead(history) as found:
        pass
    assert as_it_stands(history) == before
    return found


def walked(history: History, t: int) -> list[int]:
    """Walk to the step that ends thread `t`'s instruction; return the steps of `t` on the way."""
    own = []
    while True:
        assert history.forward()
        if history.journal.thread(history.step) == t:
            own.append(history.step)
        if history.vm.thread.op_start[t] == history.step:
            return own


@pytest.mark.parametrize("recorded", [False, True])
def test_the_steps_ahead_are_those_that_are_then_taken(recorded: bool) -> None:
    history, walker = load("life-of-a-page").start(), load("life-of-a-page").start()
    walker.extend(1 << 20)
    if recorded:
        history.extend(1 << 20)
        history.seek(0)
    seen = 0
    for step in range(walker.total):
        found = None if step % 5 else look(history)
        if found is not None and found.thread is not None:
            seen += 1
            walker.seek(step)
            steps = walked(walker, found.thread)
            assert (found.begin, found.steps, found.last) == (step, tuple(steps), steps[-1])
            assert (found.done, found.outcome) == (True, None)
        assert history.forward()
    assert seen > 20


def test_the_instruction_ahead_is_named_as_in_the_script() -> None:
    found = look(load("life-of-a-page").start())
    assert found is not None
    assert (found.thread, found.call) == (0, "vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)")


def test_writes_are_those_of_the_next_thread_only_with_the_bias_of_the_column() -> None:
    history = run_of(
        ("app", 0, "m = vm_page_alloc(NULL, 200, VM_ALLOC_NORMAL)"),
        ("other", 1, "p = vm_page_alloc(NULL, 201, VM_ALLOC_NORMAL)"),
    )
    with looking_ahead(history) as found:
        assert found is not None
        written = found.writes("page.queue")
        variables = found.writes("variable.value")
        assert found.writes("object.type") == []
    history.extend(100)
    m = history.vm.variable.value[history.programs[0].names["m"]]
    # The page leaves its free queue, whose colour is 200 plus the cpu's first colour, and joins no queue.
    (left,) = written
    assert left[1:] == (m, 1 + history.vm.page.pc[m], 0)
    # A variable is NULL until it is assigned.
    assert [row[1:] for row in variables] == [(history.programs[0].names["m"], NULL, m)]
    assert history.journal.thread(left[0]) == 0


def test_a_write_has_the_bias_of_its_column() -> None:
    history = run_of(("app", 0, "m = vm_page_alloc(file, 0, VM_ALLOC_NORMAL)"))
    with looking_ahead(history) as found:
        assert found is not None
        ((_, _, old, new),) = found.writes("page.object")
    # The memory holds an object as one more than its index, so that 0 is NULL.
    assert (old, new) == (NULL, 1)


def test_an_event_ahead_is_one_step_with_its_label() -> None:
    history = run_of(("app", 0, "x = 1\nvm_wait(5)"), machine="[machine.thresholds]\nv_free_target = 4000")
    while history.vm.thread.state[0] != SLEEPING:
        assert history.forward()
    found = look(history)
    assert found is not None
    step = history.step + 1
    assert (found.thread, found.steps, found.last, found.done) == (None, (step,), step, True)
    assert history.forward()
    assert history.journal.thread(step) == EVENT
    assert history.journal.label(step) == found.call


def test_a_line_without_a_call_and_the_end_of_a_run_have_nothing_ahead() -> None:
    history = run_of(("app", 0, "x = 1"))
    assert look(history) is None
    while history.forward():
        pass
    assert look(history) is None


CROSSING = (
    ("app", 0, "vm_object_hold(heap)\nvm_object_hold(file)"),
    ("other", 1, "vm_object_hold(file)\nvm_object_hold(heap)"),
)


def test_an_instruction_that_never_ends_has_the_outcome_of_the_run() -> None:
    history = run_of(*CROSSING)
    history.extend(4)
    found = look(history)
    assert found is not None
    assert (found.done, found.outcome) == (False, "deadlock")
    history.extend(100)
    assert (history.branch.outcome, history.total) == ("deadlock", found.last)


def test_looking_ahead_does_not_set_the_outcome_of_a_branch() -> None:
    whole, history = run_of(*CROSSING), run_of(*CROSSING)
    whole.extend(100)
    history.extend(whole.total)
    history.seek(whole.total - 1)
    assert history.branch.outcome is None
    found = look(history)
    assert found is not None
    assert (found.outcome, history.branch.outcome) == ("deadlock", None)


@pytest.mark.parametrize("recorded", [0, 100])
def test_what_is_too_far_ahead_is_not_looked_for(monkeypatch: pytest.MonkeyPatch, recorded: int) -> None:
    monkeypatch.setattr(ahead, "FARTHEST", 5)
    history = load("life-of-a-page").start()
    history.extend(recorded)
    history.seek(0)
    found = look(history)
    assert found is not None
    assert (found.done, found.last, found.outcome) == (False, 5, None)


def test_what_is_too_deep_to_be_performed_again_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    history = load("life-of-a-page").start()
    history.extend(6)
    monkeypatch.setattr(ahead, "DEEPEST", 6)
    assert look(history) is not None
    monkeypatch.setattr(ahead, "DEEPEST", 5)
    assert look(history) is None


def test_an_error_in_a_script_ahead_is_raised_only_when_the_run_gets_there() -> None:
    history = run_of(
        ("app", 0, "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"), ("other", 1, "y = 0\nz = 1 // y")
    )
    found = look(history)
    assert found is not None
    assert found.thread == 0


def test_looking_ahead_in_a_branch_leaves_it_and_its_parent() -> None:
    history = load("life-of-a-page").start()
    history.extend(40)
    history.seek(20)
    history.fork()
    assert history.total == 20
    assert look(history) is not None
    history.switch(0)
    assert history.total == 40
