"""The outline of a scenario file: the same pages and questions as the loaded scenario, without loading it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.scenario.library import OWN
from engine.scenario.loader import load_text
from engine.scenario.outline import Outline, outline_of, read_outline, sections_of

TEXT = '''
format = 1
title = "Two ways to write a lesson"
lesson = """
# First

A page.

## Second

Another page.
"""

[[object]]
name = "heap"

[[thread]]
name = "app"
cpu = 0
script = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"

[[page]]
say = "A third page."

[[question]]
id = "queue"
after = "app:1"
ask = "Which queue?"
choices = ["PQ_NONE", "PQ_FREE"]
answer = "PQ_NONE"
value = "queue_of(app.m)"

[[question]]
after = "app:1"
ask = "Busy?"
choices = ["yes", "no"]
answer = "yes"
value = "app.m.busy_count != 0"
'''


@pytest.mark.parametrize("name", OWN.names)
def test_the_outline_is_that_of_the_tables_in_the_file(name: str) -> None:
    path = OWN.find(name)
    text = path.read_text(encoding="utf-8")
    outline = read_outline(path)
    assert outline.pages == text.count("\n[[page]]\n")
    assert len(outline.questions) == text.count("\n[[question]]\n")
    assert len(set(outline.questions)) == len(outline.questions)


def test_the_outline_is_that_of_the_loaded_scenario(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    scenario = load_text(TEXT)
    assert read_outline(path) == Outline(3, ("queue", "2"))
    assert read_outline(path).pages == len(scenario.pages)
    assert read_outline(path).questions == tuple(question.id for question in scenario.questions)


@pytest.mark.parametrize(
    "document",
    [{}, {"page": "one", "question": 3, "lesson": ["x"]}, {"page": [1, 2], "question": {"id": "x"}}],
)
def test_what_has_the_wrong_type_counts_as_absent(document: dict[str, Any]) -> None:
    assert outline_of(document) == Outline()


def test_a_file_that_is_not_toml_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("title = ", encoding="utf-8")
    with pytest.raises(BadInput, match=r"bad\.toml:1: this is not TOML: Invalid value"):
        read_outline(path)


def test_a_lesson_is_split_at_its_second_level_headings_outside_of_blank_pages() -> None:
    assert sections_of("# A\n\nx\n\n## B\ny\n\n## C\n") == ["# A\n\nx", "## B\ny", "## C"]
    assert sections_of(" \n\n") == []
