"""Verdicts over rows, against sums that are done by hand."""

from __future__ import annotations

import math

import pytest

from engine.errors import BadInput
from engine.experiments.aggregates import INFINITE, Over, compile_statement, mean, median, total
from engine.experiments.arithmetic import Number
from engine.experiments.table import Row
from engine.experiments.values import Value
from engine.language.values import Place

VARY: dict[str, tuple[Value, ...]] = {
    "machine.colors": (1, 16),
    "rules": ("document", "source"),
    "on": (True, False),
    "x": (-1, 0.5, 8),
}
MEASURES = ("waited", "hits", "zero")


def row(colors: int, rules: str, waited: Number, hits: Number = 2) -> Row:
    settings: dict[str, Value] = {"machine.colors": colors, "rules": rules, "on": colors == 1, "x": -1}
    return Row(settings, {"waited": waited, "hits": hits, "zero": 0})


ROWS = (
    row(1, "document", 10),
    row(1, "source", 21, None),
    row(16, "document", None),
    row(16, "source", 4, 5),
)


def value(text: str, rows: tuple[Row, ...] = ROWS) -> tuple[Number, list[str]]:
    over = Over(rows)
    found = compile_statement(text, MEASURES, VARY, Place("e.toml", 3)).evaluate(over)
    return found, over.notes


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("mean(waited)", 35 / 3),
        ("mean(waited, 'machine.colors'=1)", 15.5),
        ("mean(waited, 'machine.colors' = 1, \"rules\"='source')", 21.0),
        ("min(waited) + max(waited)", 25),
        ("median(waited)", 10),
        ("median(hits)", 2),
        ("sum(hits, 'on'=false)", 7),
        ("sum(hits, 'x'=-1)", 9),
        ("sum(hits, 'x'=8)", None),
        ("ratio(waited, 'machine.colors', 1, 16)", 3.875),
        ("ratio(waited, 'machine.colors', 1, 16, 'rules'='source')", 5.25),
        ("ratio(waited, 'machine.colors', 1, 16, 'rules'='document')", None),
        ("ratio(zero, 'machine.colors', 1, 16)", None),
        ("ratio(waited, 'rules', 'document', 'source') < 1 and mean(hits) >= 2", 1),
    ],
)
def test_a_value(text: str, wanted: Number) -> None:
    assert value(text)[0] == wanted


def test_a_ratio_over_zero_is_infinite_and_says_so() -> None:
    rows = (row(1, "document", 3), row(16, "document", 0))
    assert value("ratio(waited, 'machine.colors', 1, 16)", rows) == (
        INFINITE,
        ["ratio(waited, 'machine.colors', 1, 16) is infinite: 3 / 0"],
    )
    assert value("ratio(waited, 'machine.colors', 1, 16) >= 100", rows)[0] == 1
    assert (
        value("ratio(waited, 'machine.colors', 1, 16) / ratio(waited, 'machine.colors', 1, 16)", rows)[0]
        is None
    )


def test_why_a_value_is_null_is_noted_once() -> None:
    assert value("sum(hits, 'x'=8) + sum(hits, 'x'=8)")[1] == ["there is no row with x = 8"]
    assert value("max(waited, 'machine.colors'=16, 'rules'='document')")[1] == [
        "max(waited, 'machine.colors'=16, 'rules'='document') is null: waited is null in every row"
    ]


def test_aggregates_whose_texts_start_alike_have_their_own_values() -> None:
    long = "a_measure_whose_name_is_so_long_that_a_message_truncates_it"
    rows = tuple(
        Row({"rules": rules}, {f"{long}_1": one, f"{long}_2": two})
        for rules, one, two in (("document", 1, 2), ("source", 3, 4))
    )
    measures = (f"{long}_1", f"{long}_2")
    terms = [f"mean({name}, 'rules'='{rules}')" for name in measures for rules in ("document", "source")]
    terms += [f"ratio({name}, 'rules', 'source', 'document')" for name in measures]
    text = " + ".join(f"{term} * {100**n}" for n, term in enumerate(terms))
    found = compile_statement(text, measures, {"rules": ("document", "source")}, Place())
    assert found.evaluate(Over(rows)) == 2_03_04_02_03_01


def test_names_alone_are_about_each_row_and_the_value_is_the_first_side() -> None:
    statement = compile_statement("100 > waited / hits and hits", MEASURES, VARY, Place())
    over = Over(ROWS, ROWS[3])
    assert (statement.of_rows, statement.evaluate(over), statement.shown(over)) == (True, 1, 0.8)
    assert not compile_statement("mean(waited) > 2", MEASURES, VARY, Place()).of_rows


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mean(waiting)", "not a measure"),
        ("colors > 1", "not a measure"),
        ("mean(waited + hits)", "not a measure"),
        ("mean()", "too few"),
        ("ratio(waited, 'rules', 'source')", "too few"),
        ("mean(waited, rules='source')", "write 'rules'=VALUE"),
        ("mean(waited, 'colors'=1)", "not a key"),
        ("mean(waited, 'machine.colors'=4)", "not a value"),
        ("mean(waited, 'machine.colors'=true)", "not a value"),
        ("mean(waited, 'machine.colors'=1, 'machine.colors'=16)", "twice"),
        ("ratio(waited, 'rules', 'source', 'document', 'rules'='source')", "rules is there twice"),
        ("mean(waited, 'machine.colors')", "does not choose rows"),
        ("mean(waited, 'machine.colors'>1)", "does not choose rows"),
        ("average(waited)", "not a function"),
        ("run.steps > 1", "not allowed"),
        ("'waited' == 1", "not a number"),
        ("mean(waited, *[1])", "does not choose rows"),
    ],
)
def test_what_is_not_a_verdict_says_what_would_be(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        compile_statement(text, MEASURES, VARY, Place("e.toml", 3))
    assert (caught.value.file, caught.value.line) == ("e.toml", 3)


def test_means_and_sums_are_rounded_once() -> None:
    assert mean([0.1] * 10) == 0.1
    assert mean([1 << 62, (1 << 62) + 2]) == float((1 << 62) + 1)
    assert total([1 << 62, 1 << 62, 1]) == (1 << 63) + 1
    assert total([1e16, 1, -1e16]) == 1.0
    assert total([1.7e308, 1.7e308]) == math.inf
    assert median([3, 1, 2, 10]) == 2.5
