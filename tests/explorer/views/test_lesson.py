"""The row of the lesson's panel."""

from __future__ import annotations

from engine.scenario.loader import Scenario, load_text
from explorer.views.lesson import LessonRow, lesson_row, page_place
from tests.explorer.lesson_pages import PAGES, SCRIPTS


def scenario(lesson: str = "", teaches: str = "") -> Scenario:
    return load_text(f'format = 1\ntitle = "A page"\nteaches = "{teaches}"\nlesson = "{lesson}"\n')


def test_a_page_has_its_place_in_the_lesson() -> None:
    paged = load_text(SCRIPTS + PAGES)
    assert lesson_row(paged, 2, "press s", "r next", done=True) == LessonRow(
        "lesson", "3 of 5", "No thread waits.", "press s", "r next", True
    )


def test_a_lesson_in_one_piece_has_no_page_numbers() -> None:
    assert lesson_row(scenario("\\n# One\\n", "two"), hint="press s") == LessonRow(
        "lesson", "", "# One", "press s"
    )


def test_a_scenario_without_a_lesson_says_what_it_is_about_and_what_to_press() -> None:
    assert lesson_row(scenario(" ", "Two."), hint="s steps") == LessonRow(
        "about", "", "# A page\n\nTwo.", "s steps"
    )
    assert lesson_row(scenario()).text == "# A page"


def test_a_run_without_a_scenario_has_no_lesson() -> None:
    row = lesson_row(None, hint="s steps")
    assert row.text == "This run has no scenario, and so it has no lesson."
    assert row.hint == "s steps"


def test_what_is_not_the_scenarios_own_is_named_in_the_heading() -> None:
    paged = load_text(SCRIPTS + PAGES)
    assert page_place(paged, 0, "other rules and schedule") == "1 of 5 · other rules and schedule"
    assert lesson_row(paged, 0, other="other rules").place == "1 of 5 · other rules"
    assert lesson_row(scenario("One."), other="other rules").place == "other rules"


def test_equal_rows_are_equal_so_that_a_frame_costs_nothing() -> None:
    one = scenario("text")
    assert lesson_row(one, hint="hint") == lesson_row(one, hint="hint")
