"""The variables of scripts: their names, and what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.scenario.small_scenarios import WAKE, refused, sentences


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("a variable that is two things", WAKE, "m = 3", 13, "m holds a page elsewhere and a number here"),
    ),
)  # fmt: skip
def test_a_variable_that_cannot_be_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)
