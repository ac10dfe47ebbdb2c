"""Reading tables of TOML: each key with its type and range, and no key left over."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.scenario.small_scenarios import CALL, WAKE, refused, sentences


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("TOML that is none", 'title = "t"', "title = t", 2, "this is not TOML"),
        ("a string that never ends", 'that = "app.m != NULL"', 'that = """app', 22, "not TOML"),
        ("a key given twice", 'title = "t"', 'title = "t"\ntitle = "u"', 3, "not TOML"),
        ("a format in words", "format = 1", 'format = "1"', 1, "is not a whole number"),
        ("a title of two lines", 'title = "t"', 'title = "a\\nb"', 2, "one line of text"),
        ("a level that is none", 'title = "t"', 'title = "t"\nlevel = "hard"', 3, "beginner, intermediate"),
        ("a key that is none", 'title = "t"', 'title = "t"\ntitel = "t"', 3, "'titel' is no key of a scenario"),
        ("a table that is none", "[[object]]", "[[objekt]]", 6, "'objekt' is no key of a scenario; there is object"),
        ("covers with a number", 'title = "t"', 'title = "t"\ncovers = [\n"a",\n3]', 5, "3 is not a string"),
        ("a misspelt key", "script =", "scirpt =", 11, "'scirpt' is no key of [[thread]]; write script"),
        ("no script", f'script = """\n{CALL}\n{WAKE}\n"""\n', "", 8, "[[thread]] has no script"),
        ("a name used twice", 'name = "app"', 'name = "heap"', 9, "is taken"),
        ("an object with a bad name", 'name = "heap"', 'name = "my heap"', 7, "is no name"),
        ("an object called like a constant", 'name = "heap"', 'name = "PQ_FREE"', 7, "has a meaning already"),
    ),
)  # fmt: skip
def test_a_key_that_is_not_right_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)
