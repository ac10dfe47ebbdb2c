"""What a run keeps of its steps: the same however they were taken, and shared by branches up to the fork."""

from __future__ import annotations

from typing import Final

import pytest

from engine.kernel.remarks import KPRINTF, ZERO_PAGE
from engine.run.history import History
from engine.run.remarks import Remarks
from engine.scenario.loader import load_text
from tests.engine.run.slow_swap import SLOW_SWAP

SLOW: Final = "swap_pager: indefinite wait buffer: "


def opened() -> History:
    return load_text(SLOW_SWAP).start()


@pytest.fixture
def whole() -> History:
    history = opened()
    history.extend(10_000)
    assert history.outcome == "completed"
    return history


def test_each_message_of_the_console_is_kept_with_its_step(whole: History) -> None:
    printed = [(step, effect[1]) for step, effect in whole.branch.remarks.kept if effect[0] == KPRINTF]
    assert printed[0] == (0, "DMA space used: 0k, remaining available: 256k")
    slow = [step for step, text in printed if text.startswith(SLOW)]
    assert [whole.record(step).action for step in slow] == ["report the slow read"] * 2
    assert len(printed) == 3


def test_the_messages_of_a_stretch_are_those_that_its_steps_printed(whole: History) -> None:
    remarks = whole.branch.remarks
    all_of_them = [(step, effect) for step, effect in remarks.kept if effect[0] == KPRINTF]
    assert remarks.messages(0, whole.total) == all_of_them
    assert [effect for _, effect in all_of_them] == remarks.printed()
    for step, effect in all_of_them:
        assert remarks.messages(step, step) == [(step, effect)]
        assert (
            remarks.until(step - 1).messages(0, whole.total)
            == all_of_them[: all_of_them.index((step, effect))]
        )
    cut = remarks.until(whole.total)
    cut.cut(all_of_them[1][0] - 1)
    assert cut.messages(0, whole.total) == all_of_them[:1]
    cut.keep(whole.total, [(KPRINTF, "once more", "")])
    assert cut.messages(0, whole.total) == [*all_of_them[:1], (whole.total, (KPRINTF, "once more", ""))]


def test_a_page_that_is_zeroed_is_kept_with_its_step(whole: History) -> None:
    zeroed = [(step, effect[1]) for step, effect in whole.branch.remarks.kept if effect[0] == ZERO_PAGE]
    assert [whole.record(step).action for step, _ in zeroed] == ["zero the data"]
    assert whole.vm.page.pindex[zeroed[0][1]] == 8


def test_a_run_step_by_step_keeps_the_same(whole: History) -> None:
    slowly, watched = opened(), opened()
    while slowly.forward():
        pass
    watched.runner.before = lambda _: None
    watched.extend(10_000)
    for history in (slowly, watched):
        assert history.branch.remarks.kept == whole.branch.remarks.kept
        assert history.vm.memory.digest() == whole.vm.memory.digest()


def test_going_back_and_live_again_adds_nothing(whole: History) -> None:
    kept = list(whole.branch.remarks.kept)
    for step in (whole.total // 2, 3, whole.total - 1):
        whole.seek(step)
        whole.go_live()
    while whole.forward():
        pass
    assert whole.branch.remarks.kept == kept


def test_a_branch_has_the_remarks_up_to_its_fork_and_then_its_own(whole: History) -> None:
    first = next(step for step, effect in whole.branch.remarks.kept if str(effect[1]).startswith(SLOW))
    whole.seek(first)
    whole.fork()
    assert whole.branch.remarks.kept == whole.branches[0].remarks.until(first).kept
    whole.extend(10_000)
    assert whole.branch.remarks.kept == whole.branches[0].remarks.kept
    whole.forget(first - 1)
    assert not any(str(effect[1]).startswith(SLOW) for _, effect in whole.branch.remarks.kept)
    whole.extend(10_000)
    assert whole.branch.remarks.kept == whole.branches[0].remarks.kept


def test_remarks_are_found_by_step() -> None:
    remarks = Remarks()
    remarks.keep(2, [(KPRINTF, "a", "a"), ("wakeup", 1, ())])
    remarks.keep(5, [(ZERO_PAGE, 3), (KPRINTF, "b", "b")])
    assert remarks.of(2) == [(KPRINTF, "a", "a")]
    assert remarks.of(3) == []
    assert [step for step, _ in remarks.between(2, 5)] == [2, 5, 5]
    assert [text for _, text, _ in remarks.printed()] == ["a", "b"]
    remarks.cut(4)
    assert remarks.kept == remarks.until(5).kept == [(2, (KPRINTF, "a", "a"))]


def test_equal_remarks_are_one_object() -> None:
    remarks = Remarks()
    for step in range(3):
        remarks.keep(step, [(KPRINTF, "a" * step, "b")])
        remarks.keep(step, [(KPRINTF, "same", f"text {step - step}")])
    same = [effect for _, effect in remarks.kept if effect[1] == "same"]
    assert len({id(effect) for effect in same}) == 1
    assert [step for step, _ in remarks.between(1, 2)] == [1, 1, 2, 2]
