"""What of a user's work is noted, what not, and when it is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import parse_setting
from explorer.session import branches, lesson, question_stops, questions, running, stepping
from explorer.session.progress import OWN_COURSE, Work
from explorer.session.progress_file import read_progress
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.session.stepping import Motion

QUEUE = "life-of-a-page"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "pageq" / "progress.json"


@pytest.fixture
def log(path: Path) -> ProgressLog:
    return ProgressLog(path, lambda: 1_700_000_000.9)


@pytest.fixture
def life(life_scenario: Scenario) -> Session:
    """Return a session whose lesson is shown, as on the screen, and which stops at no question."""
    return shown(Session(life_scenario.start(), life_scenario))


def shown(session: Session) -> Session:
    session.reading.leads = True
    questions.follow(session)
    return session


def done(session: Session, log: ProgressLog, motion: Motion | None = None) -> None:
    """Complete a command, and note it as a screen does."""
    for _ in motion or ():
        pass
    questions.follow(session)
    log.note(session)


def work(log: ProgressLog, name: str = QUEUE) -> Work:
    return log.progress().of(OWN_COURSE).get(name, Work())


def answered(session: Session, log: ProgressLog, right: bool = True) -> str:
    """Run on, and answer what is asked until an answer is decided; return the id of its question."""
    session.learning.on = True
    while not session.score.given:
        asked = questions.asked_here(session)
        if asked is None:
            done(session, log, question_stops.advance(session, lambda: running.run(session)))
        else:
            given = asked.right if right else (asked.right + 1) % len(asked.choices)
            done(session, log, questions.reply(session, asked, given))
    return next(iter(session.score.given))


def test_a_session_that_is_only_opened_writes_nothing(life: Session, log: ProgressLog, path: Path) -> None:
    for _ in range(3):
        assert not log.note(life)
        assert log.write() == ""
    assert not path.parent.parent.exists()


def test_a_page_that_was_turned_to_is_noted_with_the_first_one(life: Session, log: ProgressLog) -> None:
    done(life, log)
    assert work(log) == Work()
    done(life, log, lesson.turn(life, 1))
    assert work(log) == Work(frozenset({1, 2}))


def test_steps_alone_are_not_work(life: Session, log: ProgressLog) -> None:
    life.reading.open = False
    done(life, log)
    done(life, log, stepping.steps(life, 20))
    assert work(log) == Work()


def test_a_first_answer_is_noted_when_it_is_decided(life: Session, log: ProgressLog, path: Path) -> None:
    done(life, log)
    name = answered(life, log, right=False)
    first = work(log).first_answers[name]
    given = life.score.given[name]
    assert (first.question, first.answer, first.right) == (name, given.text, False)
    assert (first.seed, first.time) == (None, 1_700_000_000)
    assert log.write() == ""
    assert read_progress(path).of(OWN_COURSE)[QUEUE] == work(log)


def test_a_second_run_keeps_the_first_answer(life: Session, path: Path, life_scenario: Scenario) -> None:
    name = ""
    for time, right in ((100, False), (200, True)):
        log = ProgressLog(path, lambda time=time: time)  # type: ignore[misc]
        session = shown(Session(life_scenario.start(), life_scenario))
        done(session, log)
        assert name not in session.score.given, "a kept answer is not filled in"
        name = answered(session, log, right)
        log.write()
    answers = read_progress(path).of(OWN_COURSE)[QUEUE].answers
    assert name in {one.question for one in answers}
    assert {(one.time, one.right) for one in answers} == {(100, False)}


def test_the_end_is_noted_when_the_run_comes_to_it(life: Session, log: ProgressLog) -> None:
    done(life, log)
    done(life, log, stepping.go_to(life, None))
    assert work(log).ended


def test_a_run_that_is_opened_at_its_end_has_to_come_there_again(life: Session, log: ProgressLog) -> None:
    for _ in stepping.go_to(life, None):
        pass
    done(life, log)
    done(life, log)
    assert work(log) == Work()
    stepping.back(life)
    done(life, log)
    done(life, log, running.run(life))
    assert work(log).ended


def test_answers_that_a_saved_session_brings_are_not_work_of_now(life: Session, log: ProgressLog) -> None:
    answered(life, ProgressLog())
    done(life, log)
    done(life, log)
    assert work(log) == Work()


OTHER: dict[str, Callable[[], Scenario]] = {
    "other rules": lambda: load(QUEUE, rules="source"),
    "another machine": lambda: load(QUEUE, machine="small"),
    "a file that is in no course": lambda: load_text(load(QUEUE).form.source, QUEUE),
}


@pytest.mark.parametrize("make", OTHER.values(), ids=OTHER.keys())
def test_work_under_other_settings_or_in_no_course_is_not_noted(
    make: Callable[[], Scenario], log: ProgressLog
) -> None:
    scenario = make()
    session = Session(scenario.start(), scenario)
    done(session, log)
    done(session, log, lesson.turn(session, 1))
    done(session, log, stepping.go_to(session, None))
    assert session.history.outcome is not None
    assert log.progress().courses == {}
    assert not log.note(session)


RESERVE = "who-may-use-the-reserve"
"""A scenario with a parameter, whose default is 4; the seed 2 chooses another value."""


@pytest.mark.parametrize(
    ("seed", "sets", "noted"),
    [
        pytest.param(None, (), [None], id="no seed"),
        pytest.param(2, (), [2], id="a seed"),
        pytest.param(0, (), [0], id="another seed"),
        pytest.param(None, ("interrupts=3",), [], id="another value by hand"),
        pytest.param(2, ("interrupts=5",), [], id="a seed and another value by hand"),
        pytest.param(2, ("interrupts=4",), [None], id="a seed and the default value by hand"),
        pytest.param(2, ("machine.colors=8",), [], id="a seed on another machine"),
    ],
)
def test_answers_under_a_seed_are_noted_with_it(
    seed: int | None, sets: tuple[str, ...], noted: list[int | None], log: ProgressLog
) -> None:
    scenario = load(RESERVE, seed=seed, settings=tuple(map(parse_setting, sets)))
    session = shown(Session(scenario.start(), scenario))
    done(session, log)
    for name in ("1", "2"):
        done(session, log, questions.ask_question(session, name))
        asked = questions.asked_here(session)
        assert asked is not None
        done(session, log, questions.reply(session, asked, asked.right))
    while session.learning.replies:
        done(session, log, stepping.steps(session, 50))
    assert sorted({one.seed for one in work(log, RESERVE).answers}, key=str) == noted
    assert bool(noted) == bool(work(log, RESERVE).pages)


def test_the_first_answer_under_each_seed_is_kept(log: ProgressLog) -> None:
    for seed in (None, 2, None, 2):
        scenario = load(RESERVE, seed=seed)
        session = shown(Session(scenario.start(), scenario))
        done(session, log)
        answered(session, log)
    seeds = [one.seed for one in work(log, RESERVE).answers]
    assert seeds.count(None) == seeds.count(2) == len(seeds) / 2


def test_answers_and_the_end_of_another_branch_are_not_noted(life: Session, log: ProgressLog) -> None:
    done(life, log)
    branches.fork(life, "mine")
    done(life, log, questions.ask_question(life, "1"))
    asked = questions.asked_here(life)
    assert asked is not None
    done(life, log, questions.reply(life, asked, 0))
    assert len(life.score.given) == 1
    done(life, log, stepping.go_to(life, None))
    assert not work(log).answers
    assert not work(log).ended
    branches.branch(life, "main")
    done(life, log)
    assert not work(log).answers, "the answer still belongs to the other branch"


def test_nothing_is_written_twice(life: Session, log: ProgressLog, path: Path) -> None:
    done(life, log)
    done(life, log, lesson.turn(life, 1))
    assert log.note(life)
    log.write()
    assert not log.note(life)
    before = path.stat()
    done(life, log)
    log.write()
    assert path.stat() == before


def test_what_cannot_be_written_is_said_once_and_written_later(
    life: Session, log: ProgressLog, path: Path, tmp_path: Path
) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("not a folder")
    done(life, log)
    done(life, log, lesson.turn(life, 1))
    assert "progress is not kept: Not a directory" in log.write()
    done(life, log, lesson.turn(life, 1))
    assert log.write() == ""
    assert not log.note(life), "it is not tried again in each frame"
    blocked.unlink()
    done(life, log, lesson.turn(life, 1))
    assert log.write() == ""
    assert len(read_progress(path).of(OWN_COURSE)[QUEUE].pages) == 4


def test_what_could_not_be_written_is_tried_again_at_the_end(
    life: Session, log: ProgressLog, path: Path, tmp_path: Path
) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("not a folder")
    done(life, log)
    done(life, log, lesson.turn(life, 1))
    log.write()
    assert log.close() == "", "it was said before"
    blocked.unlink()
    log.close()
    assert read_progress(path).of(OWN_COURSE)[QUEUE].pages == {1, 2}


def test_a_damaged_file_is_renamed_with_a_message(life: Session, log: ProgressLog, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("hello")
    done(life, log)
    done(life, log, lesson.turn(life, 1))
    assert "it is now progress-damaged-1.json" in log.write()
    assert sorted(os.listdir(path.parent)) == ["progress-damaged-1.json", "progress.json"]


def test_two_sessions_of_one_program_are_both_noted(life: Session, log: ProgressLog, path: Path) -> None:
    done(life, log)
    done(life, log, lesson.turn(life, 1))
    tour = load("tour")
    session = shown(Session(tour.start(), tour))
    done(session, log)
    done(session, log, lesson.turn(session, 1))
    log.write()
    assert {*read_progress(path).of(OWN_COURSE)} == {QUEUE, "tour"}


def test_without_a_file_the_log_ends_with_the_program(life: Session) -> None:
    log = ProgressLog()
    done(life, log)
    done(life, log, lesson.turn(life, 1))
    assert not log.note(life)
    assert log.write() == ""
    assert work(log).pages == {1, 2}
