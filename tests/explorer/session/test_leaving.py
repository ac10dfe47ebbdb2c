"""The warning before branches and marks are lost: once, and not if they are saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.session import branches, leaving, saved_moment, stepping
from explorer.session.open import open_session
from explorer.session.saved_file import load, session_path
from explorer.session.saved_state import restore
from explorer.session.session import Session
from explorer.text.mode import TextDesk


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_steps_alone_are_not_worth_a_question(life: Session) -> None:
    life.history.extend(30)
    assert leaving.warning(life) == ""


def test_the_warning_counts_branches_and_marks_and_comes_again_for_new_ones(life: Session) -> None:
    branches.fork(life, "a")
    assert leaving.warning(life).startswith("this loses 1 branch; :save NAME keeps them")
    branches.fork(life, "b")
    stepping.toggle_mark(life, "x")
    assert leaving.warning(life).startswith("this loses 2 branches and 1 mark; ")
    leaving.remember(life)
    assert leaving.warning(life) == ""
    stepping.step(life)
    assert leaving.warning(life) == ""
    stepping.toggle_mark(life, "y")
    assert leaving.warning(life).startswith("this loses 2 branches and 2 marks; ")


def test_a_saved_and_a_restored_session_lose_nothing(life: Session) -> None:
    branches.fork(life, "a")
    stepping.toggle_mark(life, "x")
    saved_moment.save(life, "mine")
    assert leaving.warning(life) == ""
    state = load(session_path("mine"))
    again = open_session(state.token)
    restore(again, state)
    assert leaving.warning(again) == ""
    branches.drop(again, "a")
    stepping.toggle_mark(again, "z")
    assert leaving.warning(again).startswith("this loses 1 mark; ")


@pytest.mark.parametrize("line", ["quit", "open tour", "machine small", "rules source"])
def test_text_mode_asks_once_on_a_terminal_and_never_in_a_pipe(life: Session, line: str) -> None:
    for asks in (True, False):
        desk = TextDesk(open_session("life-of-a-page"), asks=asks)
        desk.do_line("fork a")
        first = desk.session
        said = desk.do_line(line)
        assert ("".join(said).startswith("this loses 1 branch; ")) == asks
        assert (desk.over or desk.session is not first) == (not asks)
        if asks:
            desk.do_line("where")
            desk.do_line(line)
            assert desk.over or desk.session is not first
