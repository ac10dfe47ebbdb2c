"""Progress on the screen: written after the frame, a message if that fails, where the course continues."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.scenario.library import OWN
from engine.scenario.loader import load
from engine.scenario.outline import read_outline
from explorer.cli.entry import main
from explorer.session import questions
from explorer.session.progress import OWN_COURSE, FirstAnswer, Work, record
from explorer.session.progress_file import add, progress_path, read_progress
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from tests.explorer.screen_at_rest import presses


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the progress file of this test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return progress_path()


def app_on(session: Session, path: Path, *, greets: bool = False) -> PageqApp:
    session.learning.on = True
    return PageqApp(session, log=ProgressLog(path), greets=greets)


async def answer_all(pilot: Pilot[Any], session: Session) -> None:
    """Run to the end, and answer each question on the way: in turn the first and the last choice."""
    number = 0
    while session.history.outcome is None or questions.asked_here(session):
        asked = questions.asked_here(session)
        await pilot.press("c" if asked is None else str(len(asked.choices) if number % 2 else 1))
        number += asked is not None


@pytest.mark.slow
async def test_each_first_answer_is_in_the_file_and_graded_as_the_screen_did(
    life: Session, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bo.txt"
    async with app_on(life, path).run_test(size=(120, 40)) as pilot:
        await answer_all(pilot, life)
        await pilot.press(":", *f"answers {out}", "enter")
        await pilot.pause(0.1)
        assert life.note.text.startswith(f"wrote {len(life.questions)} answers to {out}")
    given = life.score.given
    assert len(given) == len(life.questions) > 3
    screen = {name: one.right for name, one in given.items()}
    assert {*screen.values()} == {True, False}, "both kinds are graded"
    kept = read_progress(path).of(OWN_COURSE)["life-of-a-page"]
    assert {one.question: one.right for one in kept.answers} == screen
    assert kept.ended
    code = main(["grade", "--json", str(out)])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {life.questions[row["question"] - 1].id: row["ok"] for row in rows} == screen
    assert code == 1
    main(["course", "--answers"])
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
async def test_answers_under_a_seed_are_graded_under_it(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    scenario, out = load("who-may-use-the-reserve", seed=seed), tmp_path / "bo.txt"
    session = Session(scenario.start(), scenario)
    app = app_on(session, path)
    async with app.run_test(size=(120, 40)) as pilot:
        await answer_all(pilot, session)
    app.progress_log.close()  # as the program does at its end: the last answer may not be written yet
    screen = {name: one.right for name, one in session.score.given.items()}
    assert len(screen) == len(session.questions)
    assert main(["course", "--answers", "-o", str(out)]) == 0
    assert f"# seed: {seed}" in out.read_text(encoding="utf-8").splitlines()
    capsys.readouterr()
    main(["grade", "--json", str(out)])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {session.questions[row["question"] - 1].id: row["ok"] for row in rows} == screen


async def test_nothing_is_written_before_something_is_done(life: Session, path: Path) -> None:
    async with app_on(life, path).run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "v", "M", "z")
        await pilot.pause(0.1)
    assert not path.parent.parent.exists()


async def test_what_cannot_be_written_is_said_once(life: Session, path: Path) -> None:
    path.parent.parent.write_text("not a folder")
    app = app_on(life, path)
    async with app.run_test(size=(120, 40)) as pilot:
        said: list[str] = []
        for _ in range(3):
            await answer_next(pilot, life)
            await pilot.pause(0.1)
            said += [note.text for _, note in life.messages if "not kept" in note.text][len(said) :]
        assert len(said) == 1
        assert len(life.score.given) >= 3
        assert isinstance(app.screen, MainScreen), "no box is in the way"


async def answer_next(pilot: Pilot[Any], session: Session) -> None:
    """Run on until one more answer is decided."""
    before = len(session.score.given)
    while len(session.score.given) == before:
        await pilot.press("1" if questions.asked_here(session) else "c")


def finished(name: str) -> None:
    outline = read_outline(OWN.find(name))
    answers = tuple(FirstAnswer(question, "x", True, None, 1) for question in outline.questions)
    work = Work(frozenset(range(1, outline.pages + 1)), answers=answers)
    add(progress_path(), record(OWN_COURSE, name, work))


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((120, 40), "continue with unit 1: First look (:open why-manage-pages)"),
        ((80, 24), "continue with unit 1: First look (:open why-manage-pages)"),
        ((40, 15), "unit 1: :open why-manage-pages"),
    ],
)
async def test_the_first_message_says_where_the_course_continues(
    life: Session, path: Path, size: tuple[int, int], words: str
) -> None:
    finished("tour")
    finished("life-of-a-page")
    async with app_on(life, path, greets=True).run_test(size=size) as pilot:
        await pilot.pause(0.3)
        assert words in await presses(pilot)
        assert life.name == "life-of-a-page"


async def test_without_progress_the_first_message_stays(life: Session, path: Path) -> None:
    async with app_on(life, path, greets=True).run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        assert "press s to take the first step" in await presses(pilot)
    assert not path.exists()


async def test_a_user_who_was_faster_keeps_the_answer(life: Session, path: Path) -> None:
    finished("tour")
    async with app_on(life, path, greets=True).run_test(size=(80, 24)) as pilot:
        await pilot.press("s")
        await pilot.pause(0.3)
        assert "continue with" not in await presses(pilot)
