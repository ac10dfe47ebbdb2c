"""What a replay found, in the words of the contract."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.inputs.traces.report import ABSENT, MAX_TEXT, Divergence, Tally, as_name, as_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(ABSENT, "absent"), (None, "null"), ({"page": 64, "list": [1, 2]}, '{"page":64,"list":[1,2]}')],
)
def test_a_value_is_compact_json_and_a_missing_one_is_absent(value: object, text: str) -> None:
    assert as_text(value) == text


def test_a_long_value_is_cut_and_says_how_long_it_was() -> None:
    fits = "x" * (MAX_TEXT - 2)  # and its quotes
    assert as_text(fits) == f'"{fits}"'
    assert as_text(fits + "x") == f'"{fits}x... ({MAX_TEXT + 1} characters)'


@pytest.mark.parametrize(
    ("name", "shown"),
    [("vm_page_free", "vm_page_free"), ("two words", '"two words"'), ("a\nb", '"a\\nb"'), ("", '""')],
)
def test_a_name_that_could_not_be_one_is_quoted(name: str, shown: str) -> None:
    assert as_name(name) == shown


def test_a_divergence_names_its_place_and_both_sides() -> None:
    found = Divergence("t.jsonl", 5, 1, "vm_page_activate", "ret", 5, ABSENT)
    assert str(found) == "t.jsonl:5: op 1 vm_page_activate: ret: trace 5, model absent"


def test_a_tally_sums_up_in_one_line() -> None:
    tally = Tally(1, 2, 3, 40, 5, Counter({"vm_page_juggle": 2, "do it": 4}))
    assert (
        tally.summary() == "1 files, 2 segments, 3 operations, 40 comparisons, 6 not covered, 5 divergences"
    )
    assert tally.uncovered() == 'not covered: "do it" 4, vm_page_juggle 2'


def test_a_tally_omits_not_covered_if_everything_was() -> None:
    assert Tally().uncovered() == ""
    assert (
        Tally().summary() == "0 files, 0 segments, 0 operations, 0 comparisons, 0 not covered, 0 divergences"
    )


def test_two_tallies_do_not_count_together() -> None:
    Tally().not_covered["x"] += 1
    assert Tally().not_covered == {}
