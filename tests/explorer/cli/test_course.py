"""`pageq course`: the units with their goals and scenarios, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.scenario.library import OWN
from tests.engine.scenario.course_folder import write_course
from tests.explorer.cli.command_output import Run


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
    assert out.startswith("6. Busy (45 minutes)\n   You can say which thread gets a page")
    assert "7. " not in out


def test_a_unit_that_does_not_exist_is_a_message_with_the_nearest(run: Run) -> None:
    code, out, err = run("course", "bussy")
    assert (code, out) == (2, "")
    assert err == "pageq: this course has no unit 'bussy'; use 1 to 12, or a name such as busy\n"


def test_the_json_course_has_its_units_in_order(run: Run) -> None:
    code, out, _ = run("course", "--json")
    facts = json.loads(out)
    assert (code, list(facts)) == (0, ["format", "title", "units", "others"])
    assert [unit["number"] for unit in facts["units"]] == list(range(1, 13))
    assert list(facts["units"][0]) == ["number", "name", "title", "goal", "minutes", "needs", "scenarios"]
    assert facts["units"][0]["scenarios"][0] == {"name": "tour", "title": "A tour of the screen"}
    assert facts["others"] == []
    (unit,) = json.loads(run("course", "measuring", "--json")[1])["units"]
    assert unit == facts["units"][11]


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
    assert facts["others"] == [{"name": "extra", "title": "The scenario extra"}]
    assert facts["units"][1]["minutes"] is None


def test_what_is_wrong_in_a_course_file_is_a_message_with_its_line(run: Run, tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    (folder / "course.toml").write_text('format = 1\ntitle = "T"\nunits = 3\n')
    code, out, err = run("course", "--course", str(folder))
    assert (code, out) == (2, "")
    assert err == f"{folder / 'course.toml'}:3: 'units' is not a key of a course; use unit\n"
