"""Anchors: names for the lines of a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.scenario.small_scenarios import CALL, THREAD, WAKE, refused, scenario_of

SCRIPT = """\
x = 1  #@first
if x == 1:  #@test
    y = vm_page_busy_try(page[70],
        0)  #@try-it
z = "#@no"  #@last-1
"""


def test_an_anchor_is_the_line_at_which_its_statement_starts() -> None:
    script = SCRIPT.replace('"#@no"', "3")
    (program,) = scenario_of(rest=THREAD.format(script)).programs
    assert program.anchors == {"first": 1, "test": 2, "try-it": 3, "last-1": 5}


def test_the_script_is_shown_without_them() -> None:
    script = "x = 1  #@first\ny = 2  # two\nz = 3  # not an anchor: # @z"
    (program,) = scenario_of(rest=THREAD.format(script)).programs
    assert program.lines == ("x = 1", "y = 2  # two", "z = 3  # not an anchor: # @z")
    assert [one.text for one in program.instructions] == ["x = 1", "y = 2", "z = 3"]


def test_an_instruction_has_its_text_without_the_anchor() -> None:
    (program,) = scenario_of(
        rest=THREAD.format("  x = 1  #@first\n  y = vm_page_busy_try(page[7], 0)  #@try")
    ).programs
    assert [one.text for one in program.instructions] == ["x = 1", "page[7]", "vm_page_busy_try(page[7], 0)"]


def test_they_do_not_change_what_a_run_depends_on() -> None:
    plain, named = (scenario_of(rest=THREAD.format(f"x = 1{anchor}\ny = 2")) for anchor in ("", "  #@first"))
    assert plain.sha256 == named.sha256


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (CALL, f"{CALL}  #@Taken", 12, "'Taken' is not a name of an anchor; use a lower-case letter"),
        (CALL, f"{CALL}  #@", 12, "'' is not a name of an anchor"),
        (WAKE, f"x = 1  #@a\n{WAKE}  #@a", 14, "there are two anchors @a in app; rename one of them"),
        (WAKE, f"#@alone\n{WAKE}", 13, "the anchor @alone is on a line without a statement"),
        (CALL, f"{CALL}  #@taken #@b", 12, "one anchor, and this one has #@taken and #@b; keep one of them"),
        (CALL, f"{CALL}  # text #@x", 12, "the anchor #@x is not the whole comment; end the line with it"),
        (CALL, f"{CALL}  #@taken here", 12, "the anchor #@taken is not the whole comment; end the line"),
        (CALL, f"{CALL}  # see #@x above", 12, "end the line with it alone, or write the name without #@"),
    ],
)
def test_a_bad_anchor_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


def test_two_threads_may_have_the_same_anchor() -> None:
    both = THREAD.format("x = 1  #@here") + THREAD.format("y = 2\nz = 1  #@here").replace('"app"', '"other"')
    assert [program.anchors for program in scenario_of(rest=both).programs] == [{"here": 1}, {"here": 2}]
