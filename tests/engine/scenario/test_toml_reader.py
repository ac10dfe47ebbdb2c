"""Reading tables of TOML: each key with its type and range, and no key left over."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import Key, Section, parse_toml, read_all
from tests.engine.scenario.small_scenarios import CALL, WAKE, refused, sentences


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("bad TOML", 'title = "t"', "title = t", 2, "this is not TOML"),
        ("a string that never ends", 'that = "app.m != NULL"', 'that = """app', 22, "not TOML"),
        ("a key given twice", 'title = "t"', 'title = "t"\ntitle = "u"', 3, "not TOML"),
        ("a format in words", "format = 1", 'format = "1"', 1, "must be an integer"),
        ("a title of two lines", 'title = "t"', 'title = "a\\nb"', 2, "one line of text"),
        ("an unknown level", 'title = "t"', 'title = "t"\nlevel = "hard"', 3, "beginner, intermediate"),
        ("an unknown key", 'title = "t"', 'title = "t"\ntitel = "t"', 3, "'titel' is not a key of a scenario"),
        ("an unknown table", "[[object]]", "[[objekt]]", 6, "'objekt' is not a key of a scenario; use object"),
        ("covers with a number", 'title = "t"', 'title = "t"\ncovers = [\n"a",\n3]', 5, "3 is not a string"),
        ("a misspelt key", "script =", "scirpt =", 11, "'scirpt' is not a key of [[thread]]; use script"),
        ("no script", f'script = """\n{CALL}\n{WAKE}\n"""\n', "", 8, "[[thread]] has no script"),
        ("a name used twice", 'name = "app"', 'name = "heap"', 9, "is taken"),
        ("an object with a bad name", 'name = "heap"', 'name = "my heap"', 7, "is not a name"),
        ("an object called like a constant", 'name = "heap"', 'name = "PQ_FREE"', 7, "is reserved"),
    ),
)  # fmt: skip
def test_a_bad_key_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


# --- one table --------------------------------------------------------------------------------------------


def section(text: str) -> Section:
    """The table of a document, called a thing."""
    return Section("a thing", parse_toml(text, "f.toml"), (), Places(text), "f.toml")


def message(read: Callable[[], object]) -> str:
    """What is said when something cannot be read."""
    with pytest.raises(BadInput) as caught:
        read()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    sentences(
        ("a bad value", "a = 1\nb = = 2\n", 2),
        ("a string that never ends", 'a = 1\n\nb = """x\n', 3),
        ("lists in lists in lists", "a = 1\nb = " + "[" * 9999, 1),
    ),
)
def test_bad_toml_is_refused_with_file_and_line(text: str, line: int) -> None:
    assert message(lambda: parse_toml(text, "f.toml")).startswith(f"f.toml:{line}: this ")


def test_a_key_that_is_missing_has_its_default_or_is_asked_for() -> None:
    top = section("stesp = 3\n")
    assert (top.number("size", 1, 9, 77), top.text("name", ""), top.flag("on", False)) == (77, "", False)
    assert (top.texts("words"), top.size("memory", 0, 9, 5), top.subs("row", 9)) == ((), 5, [])
    assert (
        message(lambda: top.number("steps", 0, 9)) == "f.toml:1: 'stesp' is not a key of a thing; use steps"
    )
    assert message(lambda: top.text("title")) == 'f.toml:1: a thing has no title; add title = "..."'


READ: list[tuple[str, str, Callable[[Section], Any], Any]] = [
    ("the least number", "k = 1", lambda top: top.number("k", 1, 3), 1),
    ("the greatest number", "k = 3", lambda top: top.number("k", 1, 3), 3),
    ("a word of a choice", 'k = "b"', lambda top: top.choice("k", ("a", "b")), "b"),
    ("true", "k = true", lambda top: top.flag("k", False), True),
    ("off", 'k = "off"', lambda top: top.flag("k", True), False),
    ("one line", 'k = "a b"', lambda top: top.one_line("k"), "a b"),
    ("a size in words", 'k = "16 MiB"', lambda top: top.size("k", 0, 1 << 30), 16 << 20),
    ("a size in bytes", "k = 4096", lambda top: top.size("k", 4096, 4096), 4096),
    ("strings", 'k = ["a", ""]', lambda top: top.texts("k"), ("a", "")),
]


@pytest.mark.parametrize(("text", "read", "value"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_a_value_is_read(text: str, read: Callable[[Section], Any], value: Any) -> None:
    found = read(section(text))
    assert (found, type(found)) == (value, type(value))


REFUSED: list[tuple[str, str, Callable[[Section], Any], str]] = [
    (
        "a number too small",
        "k = 0",
        lambda top: top.number("k", 1, 3),
        "k = 0 is out of range; use 1 to 3",
    ),
    (
        "a number too large",
        "k = 4",
        lambda top: top.number("k", 1, 3),
        "k = 4 is out of range; use 1 to 3",
    ),
    (
        "a truth value as a number",
        "k = true",
        lambda top: top.number("k", 0, 3),
        "k = True has the wrong type; it must be an integer",
    ),
    (
        "a fraction",
        "k = 1.0",
        lambda top: top.number("k", 0, 3),
        "k = 1.0 has the wrong type; it must be an integer",
    ),
    (
        "a word of no choice",
        'k = "c"',
        lambda top: top.choice("k", ("a", "b")),
        "k = 'c' is not possible; use one of a, b",
    ),
    (
        "a long word",
        f'k = "{"c" * 99}"',
        lambda top: top.choice("k", ("a",)),
        f"k = '{'c' * 56}... is not possible; use one of a",
    ),
    (
        "neither",
        'k = "maybe"',
        lambda top: top.flag("k", True),
        "k = 'maybe' is not possible; use true or false",
    ),
    (
        "a number as a truth value",
        "k = 1",
        lambda top: top.flag("k", True),
        "k = 1 has the wrong type; it must be true or false or a string",
    ),
    (
        "no line",
        'k = " "',
        lambda top: top.one_line("k"),
        "k is empty or has several lines; write one line of text",
    ),
    (
        "two lines",
        'k = "a\\nb"',
        lambda top: top.one_line("k"),
        "k is empty or has several lines; write one line of text",
    ),
    (
        "a size out of range",
        'k = "1 KiB"',
        lambda top: top.size("k", 4096, 8192),
        "'1 KiB' is out of range; use 4096 to 8192 bytes",
    ),
    (
        "a bad size",
        "k = [1]",
        lambda top: top.size_of([1], 0, 9, "k"),
        '[1] is not a size; write one such as "16 MiB", or bytes',
    ),
    (
        "a number among strings",
        'k = ["a", 3]',
        lambda top: top.texts("k"),
        "k: 3 is not a string; put it in quotes",
    ),
    (
        "a list as a table",
        "k = []",
        lambda top: top.sub("k", "[k]"),
        "k = [] has the wrong type; it must be a table",
    ),
    (
        "a table as a list of tables",
        "k = {}",
        lambda top: top.subs("k", 3),
        "k = {} has the wrong type; it must be a list",
    ),
    (
        "a number in a list of tables",
        "k = [3]",
        lambda top: top.subs("k", 3),
        "k must be a list of tables; write [[k]]",
    ),
    (
        "too many tables",
        "k = [{}, {}]",
        lambda top: top.subs("k", 1),
        "[[k]] occurs 2 times; the limit is 1",
    ),
]


@pytest.mark.parametrize(
    ("text", "read", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_bad_value_is_refused(text: str, read: Callable[[Section], Any], words: str) -> None:
    top = section(f"\n{text}\n")
    assert message(lambda: read(top)) == f"f.toml:2: {words}"


NAMES = [
    ("app", None),
    ("_9", None),
    ("a" * 40, None),
    ("a" * 41, f"the name {'a' * 40}... is too long; the limit is 40 characters"),
    ("9a", "'9a' is not a name; use letters, digits and _, as in app_1"),
    ("ä", "'ä' is not a name; use letters, digits and _, as in app_1"),
    ("while", "'while' is not a name; use letters, digits and _, as in app_1"),
    ("NULL", "the name 'NULL' is reserved; choose another name"),
    ("heap", "the name 'heap' is taken; choose another name"),
]


@pytest.mark.parametrize(
    ("word", "words"), NAMES, ids=[row[0][:8] + "." * (len(row[0]) - 40) for row in NAMES]
)
def test_a_name_is_an_identifier_neither_reserved_nor_taken(word: str, words: str | None) -> None:
    top = section(f'name = "{word}"')
    if words is None:
        assert top.name(["NULL"], ["heap"]) == word
    else:
        assert message(lambda: top.name(["NULL"], ["heap"])) == f"f.toml:1: {words}"


def test_a_key_that_was_not_asked_for_is_refused_with_the_nearest() -> None:
    top = section("level = 1\n\ntitel = 2\n")
    for key in ("title", "level", "lesson"):
        top.has(key)
    assert message(top.finish) == "f.toml:3: 'titel' is not a key of a thing; use title"
    other = section("zzz = 1")
    other.has("title")
    other.has("level")
    assert message(other.finish) == "f.toml:1: 'zzz' is not a key of a thing; use title, level"


def test_tables_within_a_table_have_their_lines() -> None:
    top = section('[[row]]\n[[row]]\nscript = """\na\nb"""\n[part]\nx = 9\n')
    first, second = top.subs("row", 2)
    assert (first.title, first.line(), second.line()) == ("[[row]]", 1, 2)
    assert second.text_lines("script") == [4, 5]
    assert first.text_lines("script") == [1]
    part = top.sub("part", "[part]")
    assert message(lambda: part.number("x", 0, 3)).startswith("f.toml:7: x = 9 ")
    assert top.sub("none", "[none]").table == {}


def test_a_value_that_was_set_is_named_by_its_setting() -> None:
    text = "n = 9"
    top = Section("a thing", {"n": 9}, (), Places(text, {("n",): "--set n"}), "f.toml")
    assert message(lambda: top.number("n", 0, 3)) == "--set n: n = 9 is out of range; use 0 to 3"


def test_of_several_tables_each_knows_those_before() -> None:
    seen = []

    def read(part: Section, found: list[str]) -> str:
        seen.append(list(found))
        return part.text("name")

    top = section('[[row]]\nname = "a"\n[[row]]\nname = "b"\nmore = 1\n')
    rows = top.subs("row", 9)
    assert (read_all(rows[:1], read), seen) == (("a",), [[]])
    assert message(lambda: read_all(rows, read)) == "f.toml:5: 'more' is not a key of [[row]]; use name"
    assert seen[1:] == [[], ["a"]]


# --- what the readers ask for -----------------------------------------------------------------------------


def test_a_reader_notes_the_type_the_range_and_the_default_of_its_key() -> None:
    thing = section("")
    thing.number("colors", 1, 1024, 16)
    thing.choice("level", ("easy", "hard"), "easy")
    thing.flag("loud", True)
    thing.size("memory", 1 << 20, 1 << 36, 16 << 20)
    thing.texts("covers")
    with pytest.raises(BadInput):
        thing.one_line("title")
    assert thing.asked == {
        "a thing": {
            "colors": Key("integer", "1 to 1,024", False, 16),
            "level": Key("string", '"easy", "hard"', False, "easy"),
            "loud": Key("boolean", "", False, True),
            "memory": Key("size", "1 MiB to 64 GiB", False, "16 MiB"),
            "covers": Key("list of strings", "", False, []),
            "title": Key("string", "", True, None),
        }
    }


def test_a_key_whose_presence_is_asked_first_is_not_required() -> None:
    thing = section("script = 'x'")
    assert thing.has("script")
    thing.text("script")
    assert thing.asked["a thing"]["script"] == Key("string", "", False, None)


def test_the_first_description_with_a_type_stays_over_all_tables_of_a_title() -> None:
    top = section("[[part]]\nname = 'a'\n[[part]]\nname = 'b'\nscript = 'x'")
    first, second = top.subs("part", 10)
    first.has("script")
    second.text("script")
    first.number("pid", 1, 9, 100)
    second.number("pid", 1, 9, 101)
    assert top.asked["[[part]]"] == {
        "script": Key("string", "", True, None),
        "pid": Key("integer", "1 to 9", False, 100),
    }
    assert top.asked["a thing"] == {"part": Key("list of tables", "", False, [])}
