"""The limits of a TOML text: long keys, many tables and large integers cost neither time nor memory."""

from __future__ import annotations

import time
import tomllib
from typing import Any

import pytest

from engine.errors import BadInput
from engine.scenario.library import OWN
from engine.scenario.toml_limits import (
    MOST_PARTS,
    MOST_TABLES,
    TOO_LARGE,
    check_integers,
    check_size,
    too_large,
    unreadable_number,
)
from engine.scenario.toml_reader import parse_toml

LONG = ".".join(["a"] * 20_000)


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def refused(text: str) -> str:
    begun = time.monotonic()
    with pytest.raises(BadInput) as caught:
        parse_toml(text, "f.toml")
    assert time.monotonic() - begun < 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    sentences(
        ("a key", f"format = 1\n{LONG} = 1\n", 2),
        ("a table", f"[{LONG}]\n", 1),
        ("an array of tables", f"\n\n  [[{LONG}]]\n", 3),
        ("a key in quotes", " . ".join(['"a"'] * 20_000) + " = 1", 1),
        ("a key of an inline table", f"a = {{b = 1, {LONG} = 1}}", 1),
        ("a key of a later inline table", f"a = [{{b = 1}},\n{{{LONG} = 1}}]", 2),
    ),
)
def test_a_key_of_many_parts_is_refused_at_once(text: str, line: int) -> None:
    assert refused(text) == f"f.toml:{line}: this key has more than {MOST_PARTS} parts; use a shorter one"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"[a{n}.b.c.d]" for n in range(70_000)),
        "\n".join(f"a{n}.b.c.d = 1" for n in range(70_000)),
        "\n".join(["[[thread]]"] * 90_000),
        "a = [" + "{b.c.d.e = 1}," * 60_000 + "]",
    ],
    ids=["tables", "dotted keys", "arrays of tables", "inline tables"],
)
def test_too_many_tables_are_refused_at_once(text: str) -> None:
    assert refused(text) == f"f.toml:1: this file has more than {MOST_TABLES:,} tables; use fewer"


def test_text_with_many_dots_is_not_a_key() -> None:
    lesson = "a.b.c.d.e.f is one word. " * 40
    check_size(f'lesson = """\n{lesson}\n"""\nsettings = "machine.thresholds.v_free_min.x.y"', "f.toml")
    for path in OWN.path.glob("*.toml"):
        check_size(path.read_text(encoding="utf-8"), path.name)
    with pytest.raises(BadInput, match="this key has more than 4 parts"):
        check_size("a.b.c.d.e.f = 1", "f.toml")


@pytest.mark.parametrize("number", [1 << 64, -(1 << 63) - 1], ids=["above", "below"])
def test_an_integer_of_more_than_64_bits_is_refused_at_its_line(number: int) -> None:
    text = f"a = 1\nb = [1,\n {{c = {number}}}]\n"
    with pytest.raises(BadInput) as caught:
        check_integers(tomllib.loads(text), text, "f.toml")
    assert str(caught.value) == f"f.toml:3: b: {TOO_LARGE}"
    assert too_large(tomllib.loads(text)) == ("b", 1, "c")


def test_the_largest_and_the_smallest_integer_are_allowed() -> None:
    text = f"a = {(1 << 64) - 1}\nb = [{-(1 << 63)}, 0x7, true]"
    check_integers(tomllib.loads(text), text, "f.toml")
    assert too_large([(1 << 64) - 1, True, "9" * 99]) is None
    assert too_large(1 << 64) == ()


@pytest.mark.parametrize("digits", ["9" * 5000, "1_" * 4999 + "1", "0x" + "f" * 5000])
@pytest.mark.parametrize("form", ["{}", "[{}]", "-{}", "{{a = {}}}"])
def test_an_integer_of_thousands_of_digits_is_refused_at_its_line(digits: str, form: str) -> None:
    if form == "-{}" and digits.startswith("0x"):
        pytest.skip("TOML has no negative hexadecimal numbers")
    assert refused("a = 1\nb = " + form.format(digits)).startswith("f.toml:2: ")


def test_the_line_of_a_number_that_python_cannot_read() -> None:
    assert unreadable_number(f"a = 1\nb = {'9' * 4300}\n") == 2
    assert unreadable_number(f"a = {'9' * 4299}") is None
