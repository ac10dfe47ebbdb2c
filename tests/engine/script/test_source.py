"""A script's lines in its file, and the words that nothing may be called."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.run.schedule import WORDS
from engine.script.source import MOST_CHARACTERS, MOST_LINES, RESERVED, Script, check_length


def test_a_line_of_a_script_is_a_line_of_its_file() -> None:
    script = Script("a\nb\nc", "f.toml", lambda: [12, 13, 17])
    assert [script.line(number) for number in (1, 2, 3)] == [12, 13, 17]


def test_a_line_outside_a_script_is_its_nearest_line() -> None:
    script = Script("a\nb", "f.toml", lambda: [12, 13])
    assert (script.line(0), script.line(-5), script.line(3)) == (12, 12, 13)


def test_a_line_is_worked_out_only_when_it_is_needed() -> None:
    asked = []

    def lines() -> list[int]:
        asked.append(1)
        return [12]

    line = Script("a", "f.toml", lines).at(1)
    assert not asked
    assert callable(line)
    assert (line(), asked) == (12, [1])


def test_words_with_a_meaning_are_reserved() -> None:
    assert WORDS < RESERVED
    for word in ("setup", "biodone", "NULL", "PQ_FREE", "FREE", "queue_of", "page", "range", "end"):
        assert word in RESERVED, word
    assert {"app", "heap", "m"}.isdisjoint(RESERVED)


def test_scripts_that_are_too_long_are_refused_at_the_one_that_exceeds_a_limit() -> None:
    short = Script("x = 1", "f.toml", lambda: [3])
    check_length([short] * 1000)
    lines = Script("x = 1\n" * (MOST_LINES - 10), "f.toml", lambda: [7])
    check_length([lines, *[short] * 9])
    for longer in (
        Script("x = 1\n" * 10, "f.toml", lambda: [99]),
        Script("x = 1;" * 10, "f.toml", lambda: [99]),
        Script("x" * MOST_CHARACTERS, "f.toml", lambda: [99]),
    ):
        with pytest.raises(BadInput, match="the scripts are too long; use at most 5,000 lines") as error:
            check_length([short, lines, longer, short])
        assert (error.value.file, error.value.line) == ("f.toml", 99)
