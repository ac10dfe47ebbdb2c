"""The row of the lesson's panel."""

from __future__ import annotations

from engine.scenario.loader import Scenario, load_text
from explorer.views.lesson import LessonRow, lesson_row


def scenario(lesson: str = "", teaches: str = "") -> Scenario:
    return load_text(f'format = 1\ntitle = "A page"\nteaches = "{teaches}"\nlesson = "{lesson}"\n')


def test_a_scenario_shows_its_lesson() -> None:
    assert lesson_row(scenario("\\n# One\\n", "two"), "press s") == LessonRow(
        "lesson", "", "# One", "press s"
    )


def test_a_scenario_without_a_lesson_says_what_it_is_about_and_what_to_press() -> None:
    assert lesson_row(scenario(" ", "Two."), "s steps") == LessonRow(
        "about", "", "# A page\n\nTwo.", "s steps"
    )
    assert lesson_row(scenario()).text == "# A page"


def test_a_run_without_a_scenario_has_no_lesson() -> None:
    row = lesson_row(None, "s steps")
    assert row.text == "This run has no scenario, and so it has no lesson."
    assert row.hint == "s steps"


def test_equal_rows_are_equal_so_that_a_frame_costs_nothing() -> None:
    one = scenario("text")
    assert lesson_row(one, "hint") == lesson_row(one, "hint")
