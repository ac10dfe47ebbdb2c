"""Branches: forks, schedules, calls by hand, and comparisons of two moments."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from engine.debug.compare import Moment
from engine.errors import BadInput
from engine.machine.tables import ENDED
from explorer.lenses import compare
from explorer.session import branches, running, stepping
from explorer.session.session import Session
from explorer.views.spans import plain
from explorer.views.status import ROOM, run_end, status_row
from tests.explorer.cursor_motions import drive


def test_two_branches_are_compared(life: Session) -> None:
    drive(running.run(life))
    life.history.seek(20)
    branches.reschedule(life, "random:4")
    drive(stepping.steps(life, 10))
    branches.compare(life, "")
    assert life.lens == "compare"
    assert life.compared is not None
    assert "main:30" in life.note.text
    branches.compare(life, "main:30 main:30")
    assert life.note.text == "main:30 and main:30 differ in 0 cells"
    branches.rename(life, "by chance")
    branches.branch(life, "main")
    assert life.history.current == 0
    branches.branch(life, "by chance")
    assert life.history.current == 1


def test_two_futures_that_have_ended_are_compared_at_their_ends(life: Session) -> None:
    drive(running.run(life))
    life.history.seek(20)
    branches.reschedule(life, "random:4")
    drive(running.run(life))
    ends = [branch.total for branch in life.history.branches]
    assert ends[0] != ends[1]
    for words in ("", "main"):
        branches.compare(life, words)
        assert life.compared is not None
        assert life.compared[:2] == (Moment(1, ends[1]), Moment(0, ends[0])), words
    assert "runs on" not in life.note.text
    row = compare.look(life)
    assert row is not None
    assert row.runs_on == ""


def test_a_moment_before_the_end_of_its_branch_runs_on_when_the_other_is_at_its_end(life: Session) -> None:
    drive(running.run(life))
    total = life.history.total
    branches.compare(life, f"main:end main:{total - 1}")
    row = compare.look(life)
    assert row is not None
    assert row.runs_on == "main runs on: 1 step more, to its end"
    assert life.note.text.endswith("; main runs on: 1 step more, to its end")
    assert row.runs_on in plain(compare.draw(row, 80, 9).lines)
    branches.compare(life, "main:3 main:7")
    assert "runs on" not in life.note.text


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda s: branches.branch(s, "9"), "there is no branch 9"),
        (lambda s: branches.branch(s, "nowhere"), "there is no branch 'nowhere'"),
        (lambda s: branches.rename(s, "main"), "is not a valid branch name"),
        (lambda s: branches.reschedule(s, "ghost:3"), "there is no thread ghost"),
        (lambda s: branches.compare(s, ""), "has no parent"),
        (lambda s: branches.compare(s, "main:9999"), "there is no step 9999"),
    ],
)
def test_an_invalid_command_is_refused_and_changes_nothing(life: Session, act: object, message: str) -> None:
    before = life.history.step, len(life.history.branches)
    with pytest.raises(BadInput, match=message):
        act(life)  # type: ignore[operator]
    assert (life.history.step, len(life.history.branches)) == before


def test_a_fork_follows_the_same_schedule_and_says_how_to_go_back(life: Session) -> None:
    life.history.extend(20)
    before = [life.history.record(step) for step in range(21)]
    life.history.seek(12)
    branches.fork(life, "mine")
    assert life.note.text == "mine starts at step 12; :branch 0 goes back"
    life.history.extend(8)
    assert [life.history.record(step) for step in range(21)] == before
    branches.branch(life, "")
    assert life.note.text == "branches: 0 main (from step 0), 1 mine (from step 12); :branch N goes to one"
    branches.branch(life, "0")
    assert (life.history.current, life.note.text) == (0, "main: steps 0 to 20")


def test_a_new_schedule_is_followed_in_a_new_branch(life: Session) -> None:
    branches.reschedule(life, "pager:2, app:end")
    assert life.note.text == "branch 1 follows pager:2,app:end; s steps, c runs"
    life.history.extend(3)
    assert [life.history.journal.thread(n) for n in (1, 2, 3)] == [1, 1, 0]


@pytest.mark.parametrize("act", [branches.fork, branches.rename])
@pytest.mark.parametrize("name", ["a:b", "main:3", ":"])
def test_a_name_that_reads_as_a_moment_is_refused(
    life: Session, act: Callable[[Session, str], None], name: str
) -> None:
    with pytest.raises(BadInput, match="is not a valid branch name; use one without a colon"):
        act(life, name)
    assert [branch.name for branch in life.history.branches] == ["main"]


@pytest.mark.parametrize("name", ["main", "0", "7", "x" * 41])
@pytest.mark.parametrize("act", [branches.fork, branches.rename])
def test_an_ambiguous_name_is_refused(life: Session, act: Callable[[Session, str], None], name: str) -> None:
    with pytest.raises(BadInput, match="is not a valid branch name; use a free name that is not a number"):
        act(life, name)
    assert [branch.name for branch in life.history.branches] == ["main"]


# --- called by hand ---------------------------------------------------------------------------------------


def test_a_call_by_hand_runs_in_a_branch_and_keeps_the_chosen_thread(life: Session) -> None:
    life.history.extend(33)  # app activates its page next, in steps 34 to 43
    life.choose_thread(1)
    drive(branches.call(life, "cpu 1 vm_page_activate(app.m)"))
    history, console = life.history, 2
    calls = [history.record(step).action for step in range(1, history.total + 1)
             if history.journal.thread(step) == console]  # fmt: skip
    assert life.note.text == "console on cpu1: vm_page_activate(app.m) took 11 steps in console at 33"
    history.switch(0)
    history.extend(10)
    # Reading another thread's variable is a separate step.
    assert calls == ["assign", *(history.record(step).action for step in range(34, 44))]
    history.switch(1)
    history.seek(history.total)
    assert life.vm.thread.state[console] == ENDED
    assert (history.programs[console].cpu, life.chosen, history.branch.name) == (1, 1, "console at 33")


def test_a_name_defined_by_a_call_is_known_only_in_its_branch(life: Session) -> None:
    drive(branches.call(life, "p = vm_page_alloc(NULL, 3, VM_ALLOC_NORMAL)"))
    assert list(life.names.threads) == ["app", "pager", "console"]
    drive(branches.call(life, "vm_page_wakeup(console.p)"))
    assert life.history.programs[-1].name == "console2"
    assert life.vm.page.busy_count[life.vm.variable.value[life.names.variables["console"]["p"].slot]] == 0
    branches.branch(life, "main")
    assert list(life.names.threads) == ["app", "pager"]
    with pytest.raises(BadInput, match="console"):
        drive(branches.call(life, "vm_page_wakeup(console.p)"))


@pytest.mark.parametrize(
    "text", ["cpu 9 vm_page_wakeup(app.m)", "vm_page_wakeup(", "nothing(1)", "# nothing"]
)
def test_an_invalid_call_makes_no_branch(life: Session, text: str) -> None:
    life.history.extend(30)
    with pytest.raises(BadInput):
        drive(branches.call(life, text))
    assert (len(life.history.branches), life.called, life.history.step) == (1, {}, 30)


# --- compared ---------------------------------------------------------------------------------------------


def test_two_moments_differ_in_the_cells_that_are_not_equal(life: Session) -> None:
    life.history.extend(11)
    now = life.vm.memory.array.copy()
    life.history.seek(9)
    differing = np.flatnonzero(now != life.vm.memory.array)
    branches.compare(life, "main:9 main:11")
    assert life.compared is not None
    left, right, found = life.compared
    assert (left, right) == (Moment(0, 9), Moment(0, 11))
    assert [one.address for one in found] == differing.tolist()
    row = compare.look(life)
    assert row is not None
    assert len(row.changes) + row.hidden == differing.size
    assert life.note.text == (
        f"main:9 and main:11 differ in {len(row.changes)} cells, first page 0xc03 queue: FREE[0] vs NONE; "
        f"{row.hidden} of bookkeeping"
    )
    assert life.differing == {"FREE": frozenset({0}), "NONE": frozenset({0})}


def test_without_an_argument_a_branch_is_compared_with_its_parent(life: Session) -> None:
    life.history.extend(20)
    branches.fork(life, "")
    life.history.extend(5)
    branches.compare(life, "")
    assert life.note.text.startswith("branch 1:25 and main:20 differ in ")
    branches.compare(life, "main:3")
    assert life.note.text.startswith("branch 1:25 and main:3 differ in ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("main main main", "compare takes at most two moments"),
        ("7", "there is no branch 7; there are 0 to 0"),
        ("main:-1", "there is no step -1 in main; it has steps 0 to 30"),
        ("main:x", "'x' is not a step"),
        ("nowhere:3", "there is no branch 'nowhere'; there are: main"),
    ],
)
def test_a_moment_that_does_not_exist_cannot_be_compared(life: Session, text: str, message: str) -> None:
    life.history.extend(30)
    with pytest.raises(BadInput) as refusal:
        branches.compare(life, text)
    assert message in refusal.value.message
    assert (life.compared, life.lens, life.history.step) == (None, "log", 30)


def test_a_dropped_branch_is_in_no_list_and_cannot_be_gone_to(life: Session) -> None:
    life.history.extend(30)
    life.history.seek(10)
    branches.fork(life, "one")
    drive(branches.call(life, "vm_page_lookup(heap, 0)"))
    branches.compare(life, "main:20")
    branches.branch(life, "one")
    branches.fork(life, "two")
    branches.drop(life, "console at 10")
    assert life.note.text.startswith("console at 10 is dropped; the history takes ")
    assert life.note.text.endswith(" KiB of 512 MiB")
    assert (life.compared, life.called) == (None, {})
    branches.branch(life, "")
    assert life.note.text.startswith("branches: 0 main (from step 0), 1 one (from step 10), 3 two (from")
    with pytest.raises(BadInput, match="there is no branch 2; there are 0, 1, 3"):
        branches.branch(life, "2")
    branches.fork(life, "console at 10")
    assert (life.history.current, status_row(life.history, None, life.labels).branches) == (4, 4)


def test_a_full_history_pauses_and_says_what_to_do_and_continues_after_a_drop(life: Session) -> None:
    life.history.extend(40)
    life.history.seek(5)
    branches.fork(life, "aside")
    life.history.extend(40)
    branches.branch(life, "main")
    life.history.limit = life.history.budget.bytes
    drive(running.run(life))
    assert re.fullmatch(
        "ran 36 steps: the history is full: 41 steps, .* in all branches, of .* allowed; "
        ":drop BRANCH frees a branch, --history SIZE allows more",
        life.note.text,
    )
    assert [row.hint for row in [run_end(life.history, life.labels)] if row] == [ROOM]
    drive(running.run(life))
    assert life.note.text.startswith("the run has ended: the history is full")
    life.chosen = 0
    assert not stepping.step(life)
    assert "the history is full" in life.note.text
    life.chosen = None
    branches.drop(life, "aside")
    drive(running.run(life))
    assert life.history.step > 42


def test_a_moment_can_be_the_end_of_a_branch(life: Session) -> None:
    life.history.extend(30)
    life.history.seek(10)
    branches.fork(life, "aside")
    life.history.extend(7)
    branches.compare(life, "main:end aside:end")
    assert life.compared is not None
    assert life.compared[:2] == (Moment(0, 30), Moment(1, 17))
    branches.compare(life, "main:end")
    assert life.compared[:2] == (Moment(1, 17), Moment(0, 30))


CALL = "x = vm_page_alloc(NULL, 7, VM_ALLOC_NORMAL)"


def test_a_call_gets_the_first_cpu_that_can_run_it(life: Session) -> None:
    life.history.extend(8)
    pinned = [cpu for cpu in life.vm.cpus if not life.history.runner.threads.accepts(cpu)]
    assert pinned == [life.vm.mycpu] == [0], "app holds a spinlock on the cpu of the last step"
    drive(branches.call(life, CALL))
    assert life.history.programs[-1].cpu == 1
    assert re.fullmatch(rf"console on cpu1: {re.escape(CALL)} took \d+ steps in console at 8", life.note.text)
    assert life.vm.thread.state[2] == ENDED


def test_a_call_on_a_cpu_that_keeps_its_thread_is_queued_and_says_so(life: Session) -> None:
    life.history.extend(8)
    drive(branches.call(life, f"cpu 0 {CALL}"))
    assert life.note.text == (
        f"console on cpu0: {CALL} has not run yet; it is queued: app spins or holds a spinlock and keeps cpu0"
    )
    drive(running.run(life))
    assert life.vm.thread.state[2] == ENDED


def test_a_call_that_has_to_wait_says_for_what(life: Session) -> None:
    life.history.extend(40)
    drive(branches.call(life, "vm_page_busy_wait(app.m, 0)"))
    drive(branches.call(life, "vm_page_busy_wait(app.m, 0)"))
    assert "; it waits for " in life.note.text
