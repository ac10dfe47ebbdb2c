"""A course as lines: headings, goals, prerequisites, and scenarios with their marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.scenario.library import OWN, Listing, open_course
from explorer.views.course import (
    course_lines,
    scenario_lines,
    taught_lines,
    time_words,
    unit_lines,
    unit_words,
)
from tests.engine.scenario.course_folder import write_course

ONE = Listing(
    "one", "The first one", "beginner", "document", (), "How a page is allocated, and how it is freed."
)
LONG = Listing("longer", "A title that does not fit into a line of forty columns", "beginner", "document", ())


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 minutes"), (1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (505, "8 hours 25 minutes")],
)
def test_a_time_is_in_hours_and_minutes(minutes: int, words: str) -> None:
    assert time_words(minutes) == words


def test_a_unit_has_its_goal_its_prerequisites_and_its_scenarios(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path))
    (first, listed), (second, others) = library.by_unit()
    assert course_lines(library.course, 80) == ["A short course", "2 units, 3 scenarios, 20 minutes"]
    assert list(unit_lines(library.course, first, listed, 80)) == [
        "1. The first unit (20 minutes)",
        "   You can allocate a page.",
        "   first  The scenario first",
        "   tour   A tour of the screen",
    ]
    assert list(unit_lines(library.course, second, others, 80, {"second": "•"})) == [
        "2. The second unit",
        "   Needs: 1. The first unit.",
        " • second  The scenario second",
    ]
    assert list(unit_lines(library.course, None, [ONE], 80)) == ["In no unit", "   one  The first one"]


def test_scenarios_are_aligned_and_a_long_title_is_broken_under_itself() -> None:
    assert list(scenario_lines([ONE, LONG], 40, {"one": "✓"})) == [
        " ✓ one     The first one",
        "   longer  A title that does not fit",
        "           into a line of forty columns",
    ]
    assert list(scenario_lines([], 40)) == []


def test_what_a_scenario_teaches_is_under_its_title() -> None:
    assert list(taught_lines([ONE], 40, {"one": "✓"})) == [
        " ✓ one: The first one",
        "     How a page is allocated, and how it",
        "     is freed.",
    ]


@pytest.mark.parametrize("width", [0, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for unit, listed in OWN.by_unit():
        lines = [*unit_lines(OWN.course, unit, listed, width), *taught_lines(listed, width)]
        assert max(map(len, lines)) <= max(width, 60), unit_words(unit)
        assert width < 80 or max(map(len, lines)) <= width
