"""Progress in text mode: a page counts when it is printed, and the library says what is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import Scenario
from explorer.session.course_progress import CourseProgress
from explorer.session.progress import OWN_COURSE, Work
from explorer.session.progress_file import read_progress
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.text.mode import TextDesk

NAME = "life-of-a-page"
MOST = 200


def desk_on(
    scenario: Scenario, *, asks: bool = True, lessons: bool = True, path: Path | None = None
) -> TextDesk:
    session = Session(scenario.start(), scenario)
    session.learning.on = asks
    desk = TextDesk(session, asks=asks, lessons=lessons, log=ProgressLog(path))
    desk.open()
    return desk


def work(desk: TextDesk) -> Work:
    return desk.progress_log.progress().of(OWN_COURSE).get(NAME, Work())


def test_a_reader_on_a_terminal_is_done_at_the_end(life_scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    desk = desk_on(life_scenario, path=path)
    assert not path.exists()
    for _ in range(MOST):
        if CourseProgress(OWN, desk.progress_log.progress()).state(NAME) == "done":
            break
        desk.do_line("1" if desk.is_asked else "r")
    done = CourseProgress(OWN, read_progress(path)).done(NAME)
    assert done.state == "done", done.words


def test_without_lessons_only_pages_that_were_asked_for_count(life_scenario: Scenario) -> None:
    desk = desk_on(life_scenario, lessons=False)
    desk.session.learning.on = False
    for line in ("over", "over", "over"):
        desk.do_line(line)
    assert work(desk).pages == frozenset()
    desk.do_line("lesson 1")
    desk.do_line("lesson 3")
    assert work(desk).pages == {1, 3}


@pytest.mark.parametrize("line", ["where", "help", "lesson all", "step 3", "questions"])
def test_what_is_not_reading_does_not_count(life_scenario: Scenario, line: str) -> None:
    desk = desk_on(life_scenario)
    desk.do_line(line)
    assert work(desk) == Work()


def test_what_cannot_be_kept_is_said_once(life_scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk = desk_on(life_scenario, path=tmp_path / "file" / "progress.json")
    desk.session.learning.on = False
    said = [line for _ in range(3) for line in desk.do_line("r") if "not kept" in line]
    assert len(said) == 1
    assert said[0].endswith("file/progress.json: progress is not kept: File exists.")


def test_the_library_says_what_is_done_in_words(life_scenario: Scenario) -> None:
    desk = desk_on(life_scenario)
    desk.session.learning.on = False
    assert "  life-of-a-page: The life of a page." in "\n".join(desk.do_line("browse"))
    desk.do_line("r")
    lines = desk.do_line("browse")
    assert any(line.startswith("  life-of-a-page (begun): The life of a page.") for line in lines)
    assert "1. First look (40 minutes; 0 of 5 scenarios done):" in lines


def test_a_damaged_file_is_said_and_the_library_is_listed(life_scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text("{")
    lines = desk_on(life_scenario, path=path).do_line("browse")
    assert "this is not JSON" in lines[0]
    assert lines[1] == "1. First look (40 minutes):"
    assert path.read_text() == "{"


def test_answers_of_a_pipe_are_exported_but_not_kept(life_scenario: Scenario, tmp_path: Path) -> None:
    desk, out = desk_on(life_scenario, asks=False), tmp_path / "bo.txt"
    for line in ("question 1", "answer 1", "answer 1", f"answers {out}"):
        said = desk.do_line(line)
    assert said == [f"wrote 2 answers to {out}; pageq grade {out} grades them."]
    assert len(out.read_text().splitlines()) == 2
