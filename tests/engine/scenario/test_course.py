"""Course files: each key is checked, and the library's own course has every scenario once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from engine.errors import BadInput
from engine.scenario.course import MOST_UNITS, Course, Unit, read_course
from engine.scenario.library import OWN
from tests.engine.scenario.course_folder import COURSE

KNOWN: Final = ("first", "second", "third", "tour")


def read(tmp_path: Path, text: str) -> Course:
    path = tmp_path / "course.toml"
    path.write_text(text, encoding="utf-8")
    return read_course(path, KNOWN)


def test_a_course_has_its_units_in_order(tmp_path: Path) -> None:
    course = read(tmp_path, COURSE)
    assert course.title == "A short course"
    assert course.units == (
        Unit(1, "one", "The first unit", "You can allocate a page.", 20, (), ("first", "tour")),
        Unit(2, "two", "The second unit", "", None, ("one",), ("second",)),
    )
    assert course.scenarios == ("first", "tour", "second")


def test_a_course_says_what_comes_after_a_scenario(tmp_path: Path) -> None:
    course = read(tmp_path, COURSE)
    assert course.after("first", 1) == ("tour",)
    assert course.after("tour", 2) == ("second",)
    assert course.after("second", 2) == ()
    assert course.after("third", 2) == ()
    assert course.unit_of("second") == course.units[1]
    assert course.unit_of("third") is None


def test_a_unit_is_found_by_its_number_or_name(tmp_path: Path) -> None:
    course = read(tmp_path, COURSE)
    assert course.unit("2") is course.unit("two") is course.units[1]
    with pytest.raises(BadInput, match=r"^this course has no unit 'tow'; use 1 to 2, or a name such as two$"):
        course.unit("tow")
    for word in ("3", "0", "", "\0", "x" * 100_000):
        with pytest.raises(BadInput, match=r"this course has no unit .*; use 1 to 2"):
            course.unit(word)


HEAD: Final = 'format = 1\ntitle = "T"\n'
UNIT: Final = '[[unit]]\nname = "a"\ntitle = "A"\nscenarios = ["first"]\n'
B: Final = '[[unit]]\nname = "b"\ntitle = "B"\nscenarios = ["tour"]\n'
LIST: Final = '["first"]'

WRONG: Final = {
    "no format": ('title = "T"\n', 1, "a course has no format; add format = 1"),
    "another format": ('format = 2\ntitle = "T"\n', 1, "format = 2 is not supported"),
    "not TOML": ("format = 1\ntitle =\n", 2, "this is not TOML"),
    "no title": (f"format = 1\n{UNIT}", 1, 'a course has no title; add title = "..."'),
    "no unit": (HEAD, 1, "a course has one unit or more; add a [[unit]] with name, title and scenarios"),
    "an unknown key": (f"{HEAD}minuets = 4\n{UNIT}", 3, "'minuets' is not a key of a course; use"),
    "a slip": (f"{HEAD}{UNIT}minuets = 4\n", 7, "'minuets' is not a key of [[unit]]; use minutes"),
    "one table for all": (f'{HEAD}[unit]\nname = "a"\n', 3, "unit = "),
    "no name": (HEAD + UNIT.replace('name = "a"', ""), 3, "[[unit]] has no name"),
    "a name with a space": (HEAD + UNIT.replace('"a"', '"A b"'), 4, "'A b' is not an id; use a lower-case"),
    "a name twice": (f"{HEAD}{UNIT}{UNIT}", 8, "the name 'a' is taken; choose another"),
    "minutes out of range": (f"{HEAD}{UNIT}minutes = 0\n", 7, "minutes = 0 is out of range; use 1 to 600"),
    "minutes in words": (f'{HEAD}{UNIT}minutes = "45"\n', 7, "minutes = '45' has the wrong type"),
    "no scenarios": (HEAD + UNIT.replace(f"scenarios = {LIST}", ""), 3, "[[unit]] has no scenarios; add"),
    "an empty list": (
        HEAD + UNIT.replace(LIST, "[]"),
        6,
        "scenarios is empty; list the scenarios of the unit",
    ),
    "an unknown scenario": (
        HEAD + UNIT.replace(LIST, '[\n"first",\n"secnod",\n]'),
        8,
        "there is no scenario 'secnod'; use second",
    ),
    "a scenario like no other": (
        HEAD + UNIT.replace("first", "0x77"),
        6,
        "there is no scenario '0x77'; put NAME.toml into the folder of the course",
    ),
    **{
        f"a scenario that no file of answers can name, {name!r}": (
            HEAD + UNIT.replace("first", name),
            6,
            "the name ",
        )
        for name in ("#first", " first", "first ", r"fi\trst", r"first\u0007", r"\u202efirst")
    },
    "a scenario twice in a unit": (
        HEAD + UNIT.replace(LIST, '["first", "tour", "first"]'),
        6,
        "the scenario 'first' is already in this unit; remove one",
    ),
    "a scenario in two units": (
        f"{HEAD}{UNIT}{B.replace('tour', 'first')}",
        10,
        "the scenario 'first' is already in the unit 'A'; remove one",
    ),
    "a unit that needs itself": (
        f'{HEAD}{UNIT}needs = ["a"]\n',
        7,
        "needs: 'a' is not the name of an earlier unit; the first unit needs none",
    ),
    "two units that need each other": (
        f'{HEAD}{UNIT}needs = ["b"]\n{B}needs = ["a"]\n',
        7,
        "needs: 'b' is not the name of an earlier unit; the first unit needs none",
    ),
    "an experiment twice": (
        f'{HEAD}{UNIT}experiments = ["numa", "numa"]\n',
        7,
        "experiments: 'numa' occurs twice; remove one",
    ),
    "an experiment without a name": (
        f'{HEAD}{UNIT}experiments = [" "]\n',
        7,
        "experiments: ' ' is not a name; write one such as contention",
    ),
    "a unit that needs an unknown one": (
        f'{HEAD}{UNIT}{B}needs = ["c"]\n',
        11,
        "needs: 'c' is not the name of an earlier unit; use a",
    ),
    "a unit that needs another twice": (
        f'{HEAD}{UNIT}{B}needs = ["a", "a"]\n',
        11,
        "needs: 'a' occurs twice; remove one",
    ),
    "too many units": (HEAD + UNIT * (MOST_UNITS + 1), 3, "[[unit]] occurs 101 times; the limit is 100"),
}
"""What is wrong -> the file, the line of the message, and how the message starts."""


@pytest.mark.parametrize(("text", "line", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_course_file_is_a_message_with_its_line(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'course.toml'}:{line}: {words}")


# --- the library's own course -----------------------------------------------------------------------------


def test_each_scenario_of_the_library_is_in_one_unit() -> None:
    assert sorted(OWN.course.scenarios) == OWN.names


def test_the_course_has_twelve_units_with_a_goal_and_prerequisites() -> None:
    units = OWN.course.units
    assert len(units) == 12
    assert [unit.needs for unit in units if unit.number > 1 and not unit.needs] == []
    # A goal is one sentence or two.
    assert [unit.name for unit in units if not re.fullmatch(r"You can [^\n]{40,300}\.", unit.goal)] == []


def test_a_new_user_starts_with_the_first_unit() -> None:
    assert {"life-of-a-page", "tour"} <= set(OWN.course.units[0].scenarios)


def minutes_of(name: str) -> float:
    """Estimate the minutes of a scenario: 150 words a minute, and half a minute to think about a question."""
    file = tomllib.loads(OWN.find(name).read_text(encoding="utf-8"))
    texts = [file.get("lesson", ""), *(page["say"] for page in file.get("page", ()))]
    texts += [f"{one['ask']} {one['why']}" for one in file.get("question", ())]
    return sum(len(text.split()) for text in texts) / 150 + len(file.get("question", ())) / 2


def test_a_unit_takes_as_long_as_it_says() -> None:
    for unit in OWN.course.units:
        assert unit.minutes is not None
        assert 35 <= unit.minutes <= 50, unit.name
        assert abs(unit.minutes - sum(map(minutes_of, unit.scenarios))) <= 3, unit.name


def test_a_unit_starts_with_one_of_its_easiest_scenarios() -> None:
    order = ("beginner", "intermediate", "expert")
    for unit in OWN.course.units:
        levels = [order.index(OWN.listing(name).level) for name in unit.scenarios]
        assert levels[0] == min(levels), unit.name
