"""Saving a moment: its state string, and a session saved under a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.saved.state_string import decode
from engine.scenario.loader import load as load_scenario
from explorer.session import saved_moment
from explorer.session.open import open_session
from explorer.session.saved_file import load, session_names, session_path
from explorer.session.saved_state import state_of
from explorer.session.session import Session
from tests.engine.scenario.some_pages import pages


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Save sessions in a folder for this test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_the_state_string_is_returned_and_shown_with_its_command(life: Session) -> None:
    life.history.extend(30)
    text = saved_moment.tell_token(life)
    assert decode(text).course.step == 30
    assert life.note.text == f"state string: pageq tui --open {text}"


def test_a_branch_that_does_not_lead_there_is_not_in_the_string(life: Session) -> None:
    life.history.extend(30)
    life.history.fork(name="aside")
    life.history.switch(0)
    assert len(decode(saved_moment.tell_token(life)).course.legs) == 1
    saved_moment.save(life, "both")
    assert len(decode(load(session_path("both")).token).course.legs) == 2


def test_a_string_too_long_to_copy_is_refused_with_advice(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    length, before = len(saved_moment.tell_token(life)), life.note
    monkeypatch.setattr(saved_moment, "LONGEST", length - 1)
    with pytest.raises(BadInput, match=f"state string has {length} characters; :save NAME saves it"):
        saved_moment.tell_token(life)
    assert life.note is before
    monkeypatch.setattr(saved_moment, "LONGEST", length)
    saved_moment.tell_token(life)


def test_a_session_is_saved_under_its_name(life: Session) -> None:
    life.history.extend(20)
    life.marks = {5: "a"}
    saved_moment.save(life, "mine")
    assert life.note.text == "saved; pageq tui --session mine continues from here"
    assert session_names() == ["mine"]
    assert load(session_path("mine")) == state_of(life)
    with pytest.raises(BadInput, match="is not a session name"):
        saved_moment.save(life, "../mine")


def test_a_run_without_a_scenario_cannot_be_saved(session: Session) -> None:
    session.scenario = None
    with pytest.raises(BadInput, match="has no scenario"):
        saved_moment.tell_token(session)
    with pytest.raises(BadInput, match="has no scenario"):
        saved_moment.save(session, "mine")
    assert session_names() == []


def test_a_run_on_a_machine_from_a_file_is_saved_but_has_no_string() -> None:
    xml = Path(__file__).resolve().parents[2] / "engine" / "inputs" / "machines" / "two-sockets.xml"
    scenario = load_scenario("life-of-a-page", machine=str(xml))
    session = Session(scenario.start(), scenario)
    with pytest.raises(BadInput, match="a state string does not open files; save a session with :save"):
        saved_moment.tell_token(session)
    saved_moment.save(session, "file")
    assert load(session_path("file")).token


def test_a_session_of_another_scenario_is_not_replaced_unless_the_user_says_so(life: Session) -> None:
    other = open_session("tour")
    saved_moment.save(other, "mine")
    before = load(session_path("mine"))
    with pytest.raises(
        BadInput, match="mine is a session of tour; use another name, or :save mine! to replace"
    ):
        saved_moment.save(life, "mine")
    assert load(session_path("mine")) == before
    saved_moment.save(life, "mine!")
    assert life.note.text == (
        "saved in place of the session of tour at step 0; pageq tui --session mine continues from here"
    )
    life.history.extend(5)
    saved_moment.save(life, "mine")
    assert life.note.text.startswith("saved in place of the session of life-of-a-page at step 0; ")
    assert decode(load(session_path("mine")).token).course.step == 5


def test_a_file_that_is_not_a_session_is_not_replaced_unless_the_user_says_so(life: Session) -> None:
    path = session_path("mine")
    path.parent.mkdir(parents=True)
    path.write_text("my notes")
    with pytest.raises(BadInput, match="mine is not a session that can be opened here; use another name, or"):
        saved_moment.save(life, "mine")
    assert path.read_text() == "my notes"
    saved_moment.save(life, "mine!")
    assert load(path).branches == ("main",)


def test_a_saved_session_knows_its_seed_and_its_values() -> None:
    scenario = pages("n=8", seed=2026)
    session = Session(scenario.start(), scenario)
    session.history.extend(20)
    saved_moment.save(session, "mine")
    opened = open_session(load(session_path("mine")).token)
    assert opened.scenario is not None
    assert (opened.scenario.seed, dict(opened.scenario.parameters)) == (2026, {"n": 8, "colors": 16})
    assert opened.history.step == session.history.step
