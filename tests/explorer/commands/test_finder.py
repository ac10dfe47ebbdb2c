"""What the palette finds, and that each entry's line can be executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.debug.entry_points import kernel_functions
from engine.scenario.library import open_course
from explorer.commands.finder import entries, numbered
from explorer.commands.glossary import terms
from explorer.commands.table import parse
from explorer.lenses.kit.registry import LENSES
from explorer.session.open import open_session
from explorer.session.page_list import filter_words
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from tests.engine.scenario.course_folder import write_course
from tests.explorer.asked_in_advance import asking


def test_everything_is_found(life: Session) -> None:
    life.history.extend(40)
    texts = {entry.text for entry in entries(life)}
    assert {f"lens {name}" for name in LENSES} <= texts
    assert {f"pages {name}" for name in filter_words(life)} <= texts
    assert {f"explain {term}" for term in terms()} <= texts
    assert {f"function {name}" for name in kernel_functions()} <= texts
    assert {"scenario tour", "thread pager", "page app.m"} <= texts
    for question in life.questions:
        assert {f"question {question.ask}", f"question {question.number} {question.id}"} & texts


def test_the_line_of_an_entry_works(life: Session) -> None:
    life.history.extend(40)
    desk = TextDesk(life)
    for entry in list(entries(life)):
        command, argument = parse(entry.line)
        assert argument
        if command.id in ("thread", "page", "pages", "goto", "view"):
            said = " ".join(desk.do_line(entry.line))
            assert not said.startswith("Error"), (entry, said)
            assert said or command.id in ("view", "goto")


def test_the_text_of_a_question_that_is_ahead_is_not_shown() -> None:
    session = asking()
    asks = [f"question {one.ask}" for one in session.questions]
    assert [entry.text for entry in entries(session) if entry.line.startswith("question ")] == [
        asks[0], asks[1], "question 3 active", "question 4 released",
    ]  # fmt: skip
    TextDesk(session).do_line("goto end")
    session.due.by_question(session.history, None)  # as the timeline of the screen does
    assert [entry.text for entry in entries(session) if entry.line.startswith("question ")] == asks


@pytest.mark.parametrize(
    ("text", "line"), [("0xc03", "page 0xc03"), ("3075", "page 0xc03"), ("0xfffffff", None)]
)
def test_a_page_is_found_by_its_number(life: Session, text: str, line: str | None) -> None:
    entry = numbered(life, text)
    assert (entry.line if entry else None) == line
    assert numbered(life, "page") is None


def test_the_scenarios_of_a_course_are_found_also_those_that_are_broken(tmp_path: Path) -> None:
    folder = write_course(tmp_path, names=("first", "second", "bad"))
    (folder / "bad.toml").write_text("title =")
    session = open_session("first", library=open_course(folder))
    found = {entry.text: entry.help for entry in entries(session) if entry.text.startswith("scenario ")}
    assert set(found) == {f"scenario {name}" for name in ("first", "second", "tour", "bad")}
    assert found["scenario bad"].startswith("bad.toml:1: this is not TOML")
