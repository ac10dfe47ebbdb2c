"""The keys of a text are found where a parser would give up."""

from __future__ import annotations

import json

import pytest

from engine.inputs.file_head import HEAD
from engine.inputs.written_keys import json_keys, toml_keys


def test_the_keys_of_toml_are_those_above_the_first_table() -> None:
    found = toml_keys(
        '# [no.table]\nformat = 1\n"title" = "[no]"\nlesson = """\n[vary]\nclaim = 3 \\"""\n[measure]\n"""\n'
        "machine.memory = 4  # '''\ncovers = [\n  \"x\",\n]\n[machine.thresholds]\nx = 1\n [[thread]] \n"
    )
    assert found.keys == {"format", "title", "lesson", "machine", "covers"}
    assert found.tables == {"machine", "thread"}


def test_toml_that_is_cut_or_wrong_has_keys_too() -> None:
    found = toml_keys('format = \ntitle = "x\n[[thread]]\nscript = """\n[vary]\n')
    assert found.keys == {"format", "title"}
    assert found.tables == {"thread"}


VALUE = {
    "format": 1,
    "token": 'pq1-"x\\',
    "deep": {"no": [1, {"none": 2}]},
    "list": [{"no": 1}],
    "last": None,
}
VALUES = {"format": "1", "token": 'pq1-\\"x\\\\', "deep": "", "list": "", "last": "null"}


@pytest.mark.parametrize("indent", [None, 1])
def test_the_keys_of_json_are_those_of_the_first_object(indent: int | None) -> None:
    text = json.dumps(VALUE, indent=indent)
    for listed, written in ((False, text), (False, f"{text}\n{{}}"), (True, f"[{text}, {{}}]")):
        found = json_keys(written)
        assert found is not None
        assert (found.values, found.listed) == (VALUES, listed)
    cut = json_keys(text[: text.index('"none"')])
    assert cut is not None
    assert list(cut.values) == ["format", "token", "deep"]


@pytest.mark.parametrize("text", ["", "[", "[1, 2]", "[thread]\nx = 1", "x", '"{"', "[[{", "}"])
def test_what_does_not_start_with_an_object_is_not_json_with_keys(text: str) -> None:
    assert json_keys(text) is None


def test_one_long_word_is_read_in_a_moment() -> None:
    # Quadratic, it would take minutes.
    for text in ("[" + "a" * HEAD, "a" * HEAD, "[" + " " * HEAD + "x", "a" + " " * HEAD + "x"):
        assert toml_keys(text).tables == frozenset()


def test_hostile_texts_are_read_in_a_moment() -> None:
    for part in ('"""\\', "'''", "[" * 9, '{"a":', '"\\', "a." * 9, "#", "a\n=", '"' * 3):
        text = (part * HEAD)[:HEAD]
        assert not toml_keys(text).tables
        assert json_keys("{" + text) is not None
