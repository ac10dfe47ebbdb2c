"""The values of a key: as a file has them, and after `--vary KEY=`."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadInput
from engine.experiments.values import MOST_POINTS, parse_values, read_values, same, value_text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,16", (1, 16)),
        (" 0..3 ", (0, 1, 2, 3)),
        ("-2..-1", (-2, -1)),
        ("0.5, 0x10, true", (0.5, 16, True)),
        ("on,off", ("on", "off")),
        ("'a, b',\"c,d\"", ("a, b", "c,d")),
        ("16MiB:1x2x1", ("16MiB:1x2x1",)),
        ("made:zipf", ("made:zipf",)),
        ("1", (1,)),
    ],
)
def test_values_are_divided_by_commas_outside_of_quotes(text: str, values: tuple[Any, ...]) -> None:
    found = parse_values(text)
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


@pytest.mark.parametrize(
    "text", ["", " ", "1,1", "1,,2", "5..1", "0..9999999", "nan", "1e999", "1,2,", "1 << 70"]
)
def test_what_is_not_a_list_of_values_is_refused(text: str) -> None:
    if text == "1 << 70":
        assert parse_values(text) == (text,)
        return
    with pytest.raises(BadInput):
        parse_values(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,", "a value is missing after '1,'"),
        ("1, 2,,3", "a value is missing after '2,'"),
        (",1", "a value is missing before the comma"),
        ("1,''", "the string '' is empty"),
    ],
)
def test_a_value_that_is_missing_is_not_an_empty_one(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=f"^{words}"):
        parse_values(text)


@pytest.mark.parametrize(
    "written",
    [4, "monotone", [], [[1]], [{}], [1, 1], [""], ["a\x1b"], ["a" * 401], [float("nan")], True, None],
)
def test_a_file_gives_a_list_or_a_span(written: Any) -> None:
    with pytest.raises(BadInput):
        read_values(written)


def test_a_file_may_have_one_and_true_and_a_full_span() -> None:
    assert read_values([1, True, "1"]) == (1, True, "1")
    assert len(read_values(f"1..{MOST_POINTS}")) == MOST_POINTS


def test_true_is_not_1() -> None:
    assert same(1, 1.0)
    assert not same(1, True)
    assert not same("1", 1)
    assert [value_text(value) for value in (True, 1, 0.5, "a b")] == ["true", "1", "0.5", "a b"]
