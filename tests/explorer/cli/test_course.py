"""`pageq course`: the units with their goals and scenarios, as text and as JSON."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.scenario.library import OWN
from engine.scenario.outline import read_outline
from explorer.session.progress import OWN_COURSE, CourseKey, FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add, progress_path, read_progress
from tests.engine.scenario.course_folder import write_course
from tests.explorer.cli.command_output import Run, refused
from tests.explorer.pseudo_terminal import ROOT, terminal

WORK = ["done", "read", "pages", "answered", "questions", "right", "ended"]
"""The keys of what was done in a scenario."""


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print for a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_the_course_shows_each_unit_with_its_goal_and_scenarios(run: Run) -> None:
    code, out, _ = run("course")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "Physical page management in DragonFly BSD"
    assert lines[1].startswith("12 units, 73 scenarios, ")
    said = " ".join(out.split())
    for unit in OWN.course.units:
        assert f"{unit.number}. {unit.title} ({unit.minutes} minutes) {unit.goal}" in said
    for one in OWN.listings():
        assert f"{one.name} {one.title}" in said
    assert "Needs: 3. Allocation; 5. Valid and dirty." in said
    assert max(map(len, lines)) <= 80


def test_one_unit_is_shown_by_its_number_or_name(run: Run) -> None:
    code, out, _ = run("course", "6")
    assert (code, out) == (0, run("course", "busy")[1])
    assert out.startswith("6. Busy (50 minutes)\n   You can say which thread gets a page")
    assert "7. " not in out


def test_a_unit_that_does_not_exist_is_a_message_with_the_nearest(run: Run) -> None:
    code, out, err = run("course", "bussy")
    assert (code, out) == (2, "")
    assert err == "pageq: this course has no unit 'bussy'; use 1 to 12, or a name such as busy\n"


def test_the_json_course_has_its_units_in_order(run: Run) -> None:
    code, out, _ = run("course", "--json")
    facts = json.loads(out)
    assert (code, list(facts)) == (0, ["format", "title", "next", "units", "others"])
    assert [unit["number"] for unit in facts["units"]] == list(range(1, 13))
    keys = ["number", "name", "title", "goal", "minutes", "needs", "done", "scenarios", "experiments"]
    assert list(facts["units"][0]) == keys
    tour = facts["units"][0]["scenarios"][0]
    assert list(tour) == ["name", "title", *WORK]
    assert (tour["name"], tour["title"]) == ("tour", "A tour of the screen")
    assert facts["others"] == []
    (unit,) = json.loads(run("course", "measuring", "--json")[1])["units"]
    assert unit == facts["units"][11]
    assert unit["experiments"][0] == {"name": "contention", "title": "Contention against colours"}


def test_the_course_of_a_folder_is_shown(run: Run, tmp_path: Path) -> None:
    folder = str(write_course(tmp_path, names=("first", "second", "extra")))
    _, out, _ = run("course", "--course", folder)
    assert out.splitlines() == [
        "A short course",
        "2 units, 3 scenarios, 20 minutes",
        "",
        "1. The first unit (20 minutes)",
        "   You can allocate a page.",
        "   first  The scenario first",
        "   tour   A tour of the screen",
        "",
        "2. The second unit",
        "   Needs: 1. The first unit.",
        "   second  The scenario second",
        "",
        "In no unit",
        "   extra  The scenario extra",
    ]
    facts = json.loads(run("course", "--course", folder, "--json")[1])
    assert [(one["name"], one["title"]) for one in facts["others"]] == [("extra", "The scenario extra")]
    assert facts["units"][1]["minutes"] is None


def test_what_is_wrong_in_a_course_file_is_a_message_with_its_line(run: Run, tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    (folder / "course.toml").write_text('format = 1\ntitle = "T"\nunits = 3\n')
    code, out, err = run("course", "--course", str(folder))
    assert (code, out) == (2, "")
    assert err == f"{folder / 'course.toml'}:3: 'units' is not a key of a course; use unit\n"


# --- progress ---------------------------------------------------------------------------------------------


def keep(*parts: Progress) -> None:
    for part in parts:
        add(progress_path(), part)


def whole(name: str) -> Progress:
    """Return the progress of a scenario of the library that is done; one answer is wrong."""
    outline = read_outline(OWN.find(name))
    answers = tuple(
        FirstAnswer(question, f"PQ_{number}", number > 0, None, number)
        for number, question in enumerate(outline.questions)
    )
    return record(OWN_COURSE, name, Work(frozenset(range(1, outline.pages + 1)), answers=answers))


def test_progress_is_marked_and_counted(run: Run) -> None:
    keep(whole("tour"), record(OWN_COURSE, "life-of-a-page", Work(frozenset({1, 2}))))
    lines = run("course")[1].splitlines()
    assert lines[2] == "1 of 73 scenarios done; next is life-of-a-page, unit 1: First look"
    assert "1. First look (40 minutes; 1 of 5 scenarios done)" in lines
    assert [line.split()[:2] for line in lines if line[1:2].strip() and line[:1] == " "] == [
        ["✓", "tour"],
        ["•", "life-of-a-page"],
    ]
    assert max(map(len, lines)) <= 80
    listed = run("list")[1].splitlines()
    assert " ✓ tour: A tour of the screen" in listed
    assert any(line.startswith(" • life-of-a-page ") for line in run("list", "--by-level")[1].splitlines())


def test_a_unit_that_is_done_says_so(run: Run) -> None:
    keep(*map(whole, OWN.course.units[0].scenarios))
    assert run("course", "1")[1].splitlines()[0] == "1. First look (40 minutes; done)"
    facts = json.loads(run("course", "--json")[1])
    assert [unit["done"] for unit in facts["units"]] == [True] + [False] * 11
    assert facts["next"] == OWN.course.units[1].scenarios[0]


def test_the_json_course_counts_what_was_done(run: Run) -> None:
    keep(whole("tour"), record(OWN_COURSE, "life-of-a-page", Work(frozenset({1, 2}), ended=True)))
    (unit,) = json.loads(run("course", "1", "--json")[1])["units"]
    found = {one["name"]: [one[key] for key in WORK] for one in unit["scenarios"]}
    tour, life, after = (read_outline(OWN.find(name)) for name in ("tour", "life-of-a-page", "page-queues"))
    count = len(tour.questions)
    assert found["tour"] == [True, tour.pages, tour.pages, count, count, count - 1, False]
    assert found["life-of-a-page"] == [False, 2, life.pages, 0, len(life.questions), 0, True]
    assert found["page-queues"] == [False, 0, after.pages, 0, len(after.questions), 0, False]


def test_a_course_of_a_folder_has_progress_of_its_own(run: Run, tmp_path: Path) -> None:
    folder = write_course(tmp_path / "c")
    key = CourseKey(str(folder), "A short course")
    keep(
        record(key, "first", Work(frozenset({1}), answers=(FirstAnswer("queue", "PQ_NONE", True, None, 1),)))
    )
    assert "1 of 3 scenarios done; next is tour" in run("course", "--course", str(folder))[1]
    assert " ✓ first: The scenario first" in run("list", "--course", str(folder))[1]
    assert "done" not in run("course")[1].split("\n\n")[0]


def test_answers_are_printed_or_written_as_grade_reads_them(run: Run, tmp_path: Path) -> None:
    seeded = Work(answers=(FirstAnswer("tail", "PQ_ACTIVE", True, 7, 9),))
    keep(whole("tour"), record(OWN_COURSE, "page-queues", seeded))
    code, out, err = run("course", "--answers", "--name", "Bo Li")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "# name: Bo Li"
    assert lines[-2:] == ["# seed: 7", "page-queues\ttail\tPQ_ACTIVE"]
    path = tmp_path / "bo.txt"
    count = sum("\t" in line for line in lines)
    code, said, _ = run("course", "--answers", "--name", "Bo Li", "-o", str(path))
    assert (code, said) == (0, f"wrote {count} answers to {path}\n")
    assert path.read_text(encoding="utf-8") == out
    assert run("course", "2", "--answers")[1] == ""
    assert run("course", "1", "--answers")[1].splitlines() == lines[1:]


def test_without_answers_that_is_said(run: Run) -> None:
    code, out, err = run("course", "--answers")
    assert (code, out) == (0, "")
    assert "no answer is kept yet" in err


def test_without_answers_a_file_with_those_from_before_stays(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bo.txt"
    path.write_text("tour\t1\tPQ_NONE\n")
    refused(run("course", "--answers", "-o", str(path)), "no answer is kept yet")
    assert path.read_text() == "tour\t1\tPQ_NONE\n"


def test_a_course_is_forgotten_when_that_is_confirmed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("course", "--forget")[:2] == (0, f"there is no progress in the course {OWN.course.title}\n")
    keep(whole("tour"))
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, _, err = run("course", "--forget")
    assert (code, err) == (2, "pageq: there is no terminal to ask on; add --yes to forget the progress\n")
    assert read_progress(progress_path()) == whole("tour")
    code, out, _ = run("course", "--forget", "--yes")
    assert code == 0
    aside = progress_path().with_name("progress-forgotten-1.json")
    assert str(aside) in out
    assert read_progress(aside) == whole("tour")
    assert not progress_path().exists()


@pytest.mark.parametrize(("typed", "left"), [(b"n\r", True), (b"\x04", True), (b"y\r", False)])
def test_on_a_terminal_it_asks_first(typed: bytes, left: bool) -> None:
    keep(whole("tour"))
    with terminal("course", "--forget") as shown:
        shown.wait_for("[y/N]")
        shown.type(typed)
        assert shown.wait() == 0
    assert progress_path().exists() is left


WRONG = [
    (("--name", "Bo"), "--name and --out belong to the answers; add --answers"),
    (("-o", "x"), "--name and --out belong to the answers; add --answers"),
    (("--yes",), "--yes belongs to --forget; remove it, or add --forget"),
    (("1", "--forget"), "--forget forgets the whole course; remove the unit"),
    (("--answers", "--name", " "), "' ' is not a name; use one with letters"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_options_that_do_not_belong_together_are_refused(
    run: Run, words: tuple[str, ...], message: str
) -> None:
    assert run("course", *words) == (2, "", f"pageq: {message}\n")


def test_a_damaged_progress_file_is_a_message_and_the_course_is_shown(run: Run) -> None:
    keep(whole("tour"))
    progress_path().write_text("{")
    for command in ("course", "list"):
        code, out, err = run(command)
        assert code == 0
        assert "1. First look (40 minutes)" in out
        assert "progress.json:1: this is not JSON" in err
        assert err.endswith("; no progress is shown\n")
    assert run("course", "--answers")[0] == 2


def test_the_marks_are_words_where_the_output_is_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(whole("tour"), record(OWN_COURSE, "boot", Work(frozenset({1, 2}))))
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "explorer.cli", "course"]
    out = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    assert " yes tour " in out
    assert " * boot " in out
