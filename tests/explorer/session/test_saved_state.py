"""The entries of a saved session, and that they are all restored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import BadInput
from engine.saved.state_string import decode
from explorer.session import branches, questions, stepping, watching
from explorer.session import stops as stopping
from explorer.session.open import open_session
from explorer.session.saved_state import ENTRIES, SessionState, restore, state_of, token
from explorer.session.score import Given
from explorer.session.session import Session
from tests.explorer.cursor_motions import drive


@pytest.fixture
def left(life: Session) -> Session:
    """A session in which every entry has a value."""
    life.history.extend(40)
    life.history.seek(20)
    life.history.fork(name="aside")
    life.history.extend(5)
    stepping.toggle_mark(life, "a")
    life.marks[3] = ""
    stopping.add_break(life, "vm_page_wakeup if count(ACTIVE) == 1")
    stopping.add_watch(life, "page[0xc03].queue")
    stopping.add_break(life, "vm_page_alloc#1 hits 2")
    life.pin(7)
    life.choose_thread(1)
    life.score.answers[1, 25, "Who wakes?"] = False
    life.score.given["after-alloc"] = Given("PQ_NONE", right=True)
    life.learning.seed = 3
    watching.watch_values(life, "count(FREE)")
    watching.watch_values(life, "app.m.queue")
    life.look_through("log")
    return life


def test_each_entry_has_the_value_in_the_file(left: Session) -> None:
    state = state_of(left)
    assert state == SessionState(
        token=token(left, every_branch=True),
        marks=((3, ""), (25, "a")),
        stops=(
            "break vm_page_wakeup if count(ACTIVE) == 1",
            "watch page[0xc03].queue",
            "break vm_page_alloc#1 hits 2",
        ),
        pinned=left.vm.page_number(7),
        chosen="pager",
        branches=("main", "aside"),
        answers=((1, 25, "Who wakes?", False),),
        given=(("after-alloc", "PQ_NONE", True),),
        seed=3,
        watching=("count(FREE)", "app.m.queue"),
    )
    assert all(entry.suits(getattr(state, name)) for name, entry in ENTRIES.items())


def test_a_restored_session_equals_the_saved_one(left: Session) -> None:
    state = state_of(left)
    again = open_session(state.token)
    restore(again, state)
    assert state_of(again) == state
    assert (again.history.current, again.history.step) == (1, 25)
    assert (again.pinned, again.chosen, again.next_stop) == (7, 1, 4)
    assert again.note.text == "session restored at step 25; ? for help"


def test_a_fresh_session_has_the_defaults(life: Session) -> None:
    assert state_of(life) == SessionState(token(life, every_branch=True))


def test_a_state_string_has_other_branches_only_on_request(left: Session) -> None:
    left.history.switch(0)
    assert len(decode(token(left, every_branch=True)).course.legs) == 2
    assert len(decode(token(left, every_branch=False)).course.legs) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", 3),
        ("marks", [[1]]),
        ("marks", [[-1, ""]]),
        ("marks", [[True, ""]]),
        ("marks", {"1": ""}),
        ("stops", ["halt vm_page_alloc"]),
        ("stops", ["break"]),
        ("stops", "break vm_page_alloc"),
        ("pinned", "0x40"),
        ("pinned", True),
        ("chosen", 1),
        ("branches", [1]),
        ("answers", [[0, 4, True]]),
        ("answers", [[0, 4, "x?", 1]]),
    ],
)
def test_a_value_that_does_not_suit_its_entry_is_detected(name: str, value: Any) -> None:
    assert not ENTRIES[name].suits(value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stops": ("break nowhere",)}, "there is no kernel function 'nowhere'"),
        ({"pinned": 0x99999999}, "pins page 0x99999999, which this machine does not have"),
        ({"chosen": "ghost"}, "there is no thread 'ghost'"),
    ],
)
def test_an_entry_unknown_to_this_run_is_refused(
    life: Session, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        restore(life, replace(SessionState("pq1-"), **changes))


def test_a_saved_session_leaves_out_dropped_branches_and_keeps_the_score(left: Session) -> None:
    history = left.history
    history.switch(0)
    history.fork(name="third")
    history.extend(4)
    left.score.answers[2, 24, "Who runs?"] = True
    branches.drop(left, "aside")
    state = state_of(left)
    assert state.branches == ("main", "third")
    assert state.answers == ((-1, 25, "Who wakes?", False), (1, 24, "Who runs?", True))
    again = open_session(state.token)
    restore(again, state)
    assert (again.history.current, again.history.step) == (1, history.step)
    assert again.vm.memory.digest() == left.vm.memory.digest()
    assert (again.score.right, again.score.asked) == (2, 3)


def test_an_answer_that_is_not_decided_yet_is_saved_too(life: Session) -> None:
    life.learning.on = True
    drive(questions.answer(life, "PQ_FREE"))
    assert not life.score.given, "the second question of this step comes first"
    state = state_of(life)
    assert (state.given, state.kept) == ((), (("after-alloc", "PQ_FREE"),))
    again = open_session(state.token)
    restore(again, state)
    assert not again.score.given, "nothing says yet whether it is right"
    assert again.learning.replies == life.learning.replies
    assert again.vm.memory.digest() == life.vm.memory.digest()


def test_an_answer_that_the_question_no_longer_has_is_left_out(life: Session) -> None:
    rows = (("after-alloc", "PQ_ELSEWHERE"), ("no-such-question", "PQ_FREE"))
    again = open_session(state_of(life).token)
    restore(again, replace(state_of(life), kept=rows))
    assert again.learning.replies == {}


def test_a_state_string_that_needs_more_history_than_allowed_says_so(left: Session) -> None:
    with pytest.raises(BadInput, match=r"the history is full: .*; give more with --history SIZE"):
        open_session(state_of(left).token, limit=1_000)
