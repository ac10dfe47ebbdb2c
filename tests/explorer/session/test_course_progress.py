"""What is done in a course, what comes next, and the answers to hand in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.scenario.library import OWN, open_course
from engine.scenario.outline import read_outline
from explorer.session.answer_file import GivenAnswer, read_answers, write_answers
from explorer.session.course_progress import CourseProgress, course_key, words_to_continue
from explorer.session.progress import OWN_COURSE, CourseKey, FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add, read_progress
from tests.engine.scenario.course_folder import scenario_text, write_course


def whole(name: str) -> Progress:
    """Return the progress of a scenario of the library that is done."""
    outline = read_outline(OWN.find(name))
    answers = tuple(FirstAnswer(question, "x", True, None, 1) for question in outline.questions)
    return record(OWN_COURSE, name, Work(frozenset(range(1, outline.pages + 1)), answers=answers))


FIRST = OWN.course.units[0]


def test_without_progress_the_first_scenario_comes_next() -> None:
    course = CourseProgress(OWN, Progress())
    assert course.next == (FIRST, FIRST.scenarios[0])
    assert course.marks == {}
    assert course.done_in(FIRST) == 0
    assert course.answers() == []


def test_the_next_scenario_is_the_first_that_is_not_done() -> None:
    first, second, third, *_ = FIRST.scenarios
    begun = record(OWN_COURSE, second, Work(frozenset({1})))
    course = CourseProgress(OWN, whole(first) | begun | whole(third))
    assert course.next == (FIRST, second)
    assert course.marks == {first: "✓", second: "•", third: "✓"}
    assert course.done_in(FIRST) == 2
    assert not course.is_done(FIRST)


def test_a_scenario_that_was_begun_comes_before_those_of_its_unit_that_were_not() -> None:
    first, second, *_ = FIRST.scenarios
    later = OWN.course.units[1].scenarios[0]
    begun = [record(OWN_COURSE, name, Work(frozenset({1}))) for name in (second, later)]
    course = CourseProgress(OWN, begun[0] | begun[1])
    assert course.next == (FIRST, second)
    assert words_to_continue(course, second)[0] == f"continue with unit 1: {FIRST.title} (r reads on)"
    assert CourseProgress(OWN, begun[1]).next == (FIRST, first)


def test_a_unit_is_done_with_its_last_scenario_and_the_next_unit_follows() -> None:
    progress = Progress()
    for name in FIRST.scenarios:
        progress |= whole(name)
    course = CourseProgress(OWN, progress)
    assert course.is_done(FIRST)
    assert course.next == (OWN.course.units[1], OWN.course.units[1].scenarios[0])


def test_nothing_comes_after_the_last_scenario(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path / "c"))
    key = CourseKey(str(tmp_path / "c"), "A short course")
    answers = (FirstAnswer("queue", "PQ_NONE", True, None, 1),)
    done = whole("tour")
    for name in ("first", "second"):
        done |= record(key, name, Work(frozenset({1}), answers=answers))
    assert CourseProgress(library, done).next is None


def test_a_scenario_without_work_is_counted_too() -> None:
    done = CourseProgress(OWN, Progress()).done("life-of-a-page")
    outline = read_outline(OWN.find("life-of-a-page"))
    assert (done.read, done.pages) == (0, outline.pages)
    assert (done.answered, done.questions) == (0, len(outline.questions))


# --- which course -----------------------------------------------------------------------------------------


def test_a_scenario_belongs_to_the_course_in_whose_folder_it_is(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path / "c"))
    key = CourseKey(str(tmp_path / "c"), "A short course")
    assert course_key(library, library.find("first")) == key
    assert course_key(library, library.find("tour")) == OWN_COURSE
    assert course_key(OWN, OWN.find("tour")) == OWN_COURSE
    assert course_key(OWN, library.find("first")) is None
    assert course_key(library, tmp_path / "none.toml") is None


def test_a_folder_is_the_same_course_by_any_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_course(tmp_path / "c")
    (tmp_path / "link").symlink_to("c")
    monkeypatch.chdir(tmp_path)
    libraries = [open_course(path) for path in (tmp_path / "c", "c", "link", "./c/../c")]
    assert len({course_key(library, library.find("first")) for library in libraries}) == 1


def test_a_folder_whose_name_is_not_utf8_is_kept_too(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    library = open_course(write_course(folder))
    key = course_key(library, library.find("first"))
    assert key is not None
    add(tmp_path / "progress.json", record(key, "first", Work(frozenset({1}))))
    assert CourseProgress(library, read_progress(tmp_path / "progress.json")).marks == {"first": "•"}


def test_a_course_shows_the_work_in_the_librarys_scenarios_that_it_lists(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path / "c"))
    assert CourseProgress(library, whole("tour")).marks == {"tour": "✓"}


def test_a_course_has_no_work_and_no_answers_of_scenarios_that_are_not_in_it(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path / "c"))
    assert "boot" not in library.names
    course = CourseProgress(library, whole("boot"))
    assert (course.marks, course.answers()) == ({}, [])
    assert words_to_continue(course, "first") == ("", "")


def test_a_scenario_that_hides_one_of_the_library_has_its_own_work(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "c")
    (folder / "tour.toml").write_text(scenario_text("tour"), encoding="utf-8")
    library = open_course(folder)
    key = CourseKey(str(folder), "A short course")
    both = whole("tour") | record(key, "tour", Work(frozenset({1})))
    assert CourseProgress(library, both).marks == {"tour": "•"}
    assert CourseProgress(OWN, both).marks == {"tour": "✓"}


def test_another_course_with_the_same_names_has_no_work(tmp_path: Path) -> None:
    work = Work(frozenset({1}), answers=(FirstAnswer("queue", "PQ_NONE", True, None, 1),))
    done = record(CourseKey(str(tmp_path / "a"), "A short course"), "first", work)
    libraries = [open_course(write_course(tmp_path / name)) for name in "ab"]
    assert [CourseProgress(library, done).marks for library in libraries] == [{"first": "✓"}, {}]


def test_a_file_that_is_broken_by_now_is_not_done(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path / "c"))
    (tmp_path / "c" / "first.toml").write_text("title = ")
    done = record(CourseKey(str(tmp_path / "c"), "A short course"), "first", Work(frozenset({1})))
    assert CourseProgress(library, done).marks == {}


# --- answers ----------------------------------------------------------------------------------------------


def test_answers_are_in_the_order_of_the_course_by_seed() -> None:
    tour, life, *_ = FIRST.scenarios
    progress = record(
        OWN_COURSE,
        life,
        Work(
            answers=(
                FirstAnswer("b", "2", True, None, 1),
                FirstAnswer("a", "1", False, None, 2),
                FirstAnswer("a", "7", True, 9, 3),
            )
        ),
    ) | record(OWN_COURSE, tour, Work(answers=(FirstAnswer("c", "3", True, None, 4),)))
    answers = CourseProgress(OWN, progress).answers("Bo Li")
    assert answers == [
        GivenAnswer("Bo Li", None, tour, "c", "3"),
        GivenAnswer("Bo Li", None, life, "b", "2"),
        GivenAnswer("Bo Li", None, life, "a", "1"),
        GivenAnswer("Bo Li", 9, life, "a", "7"),
    ]
    text = write_answers(answers)
    assert text.count("# name: Bo Li\n") == text.count("# seed: 9\n") == 1
    read = read_answers(text, "x", "")
    assert [(one.name, one.seed, one.given) for one in read.answers] == [
        (one.name, one.seed, one.given) for one in answers
    ]


# --- where to continue ------------------------------------------------------------------------------------


def test_without_progress_nothing_says_where_to_continue() -> None:
    assert words_to_continue(CourseProgress(OWN, Progress()), "tour") == ("", "")


def test_the_next_scenario_is_named_with_its_unit() -> None:
    course = CourseProgress(OWN, whole(FIRST.scenarios[0]))
    name = FIRST.scenarios[1]
    assert words_to_continue(course, "tour") == (
        f"continue with unit 1: First look (:open {name})",
        f"unit 1: :open {name}",
    )
    assert words_to_continue(course, name) == (
        "continue with unit 1: First look (r reads on)",
        "unit 1: r reads on",
    )


def test_at_the_end_of_the_course_that_is_said(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path / "c"))
    work = Work(frozenset({1}), answers=(FirstAnswer("queue", "PQ_NONE", True, None, 1),))
    key = CourseKey(str(tmp_path / "c"), "A short course")
    done = whole("tour") | record(key, "first", work) | record(key, "second", work)
    whole_words, _ = words_to_continue(CourseProgress(library, done), "first")
    assert whole_words == "all units are done; :browse lists the scenarios"
