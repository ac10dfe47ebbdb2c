"""A course as lines: headings, goals, prerequisites, and scenarios with their marks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.library import OWN, Listing, open_course
from explorer.views.course import (
    ORDERS,
    course_lines,
    grouped,
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
        "2. The second unit (0 of 1 scenario done)",
        "   Needs: 1. The first unit.",
        " • second  The scenario second",
    ]
    assert list(unit_lines(library.course, None, [ONE], 80)) == ["In no unit", "   one  The first one"]


def test_a_unit_has_its_experiments() -> None:
    unit = OWN.course.unit("measuring")
    lines = list(unit_lines(OWN.course, unit, (), 80))
    assert [line.split()[0] for line in lines[-7:]] == list(unit.experiments)
    assert lines[-8:-6] == [
        "   Measure it yourself (pageq experiment NAME):",
        "   contention     Contention against colours",
    ]
    with pytest.raises(BadInput, match="the unit measuring: there is no experiment 'numb'") as caught:
        list(unit_lines(OWN.course, replace(unit, experiments=("numb",)), (), 80))
    assert str(caught.value.file).endswith("course.toml")


def test_a_heading_says_what_is_done_as_soon_as_the_unit_was_begun(tmp_path: Path) -> None:
    course = open_course(write_course(tmp_path)).course
    unit = course.units[0]
    assert unit_words(unit, {"second": "✓"}) == "1. The first unit (20 minutes)"
    assert unit_words(unit, {"first": "✓"}) == "1. The first unit (20 minutes; 1 of 2 scenarios done)"
    assert unit_words(unit, {"first": "✓", "tour": "✓"}) == "1. The first unit (20 minutes; done)"
    assert course_lines(course, 80, {"first": "✓"}, "tour")[2:] == [
        "1 of 3 scenarios done; next is tour, unit 1: The first unit"
    ]
    done = dict.fromkeys(("first", "tour", "second"), "✓")
    assert course_lines(course, 80, done)[2:] == ["Done; nothing comes next"]


@pytest.mark.parametrize("order", ORDERS)
def test_every_scenario_is_under_a_heading_of_each_order(order: str) -> None:
    groups = grouped(OWN, order)
    assert {one.name for _, listed in groups for one in listed} == {*OWN.names}
    assert len({heading for heading, _ in groups}) == len(groups)


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
