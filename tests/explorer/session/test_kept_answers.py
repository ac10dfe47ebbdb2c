"""The answers that are kept: shown, and written to a file that `pageq grade` reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.library import OWN
from explorer.session.course_progress import CourseProgress
from explorer.session.kept_answers import tell_answers, write_kept
from explorer.session.progress import OWN_COURSE, FirstAnswer, Progress, Work, record
from explorer.session.session import Session

KEPT = CourseProgress(
    OWN,
    record(OWN_COURSE, "life-of-a-page", Work(answers=(FirstAnswer("queue", "PQ_NONE", True, None, 1),))),
)
NOTHING = CourseProgress(OWN, Progress())
LINE = "life-of-a-page\tqueue\tPQ_NONE"


def test_the_answers_are_shown_as_lines_of_a_file(session: Session) -> None:
    tell_answers(session, KEPT)
    assert session.note.lines == (LINE, "", ":answers FILE writes them to a file.")
    tell_answers(session, NOTHING)
    assert "no answer is kept yet" in session.note.text


def test_the_answers_are_written_to_a_new_file(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "bo.txt"
    write_kept(session, KEPT, str(path))
    assert path.read_text(encoding="utf-8") == LINE + "\n"
    assert session.note.text == f"wrote 1 answer to {path}; pageq grade {path} grades them"


def test_a_file_that_exists_is_replaced_only_on_demand(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "bo.txt"
    path.write_text("mine")
    with pytest.raises(BadInput, match=r"exists already; :answers .*! replaces it"):
        write_kept(session, KEPT, str(path))
    assert path.read_text() == "mine"
    write_kept(session, KEPT, f"{path}!")
    assert path.read_text(encoding="utf-8") == LINE + "\n"


def test_without_answers_no_file_is_written(session: Session, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no answer is kept yet"):
        write_kept(session, NOTHING, str(tmp_path / "bo.txt"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(session: Session, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written: No such file or directory; use another name"):
        write_kept(session, KEPT, str(tmp_path / "none" / "bo.txt"))
