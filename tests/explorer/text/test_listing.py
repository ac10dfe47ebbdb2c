"""Lists, runs and ranges in sentences."""

from __future__ import annotations

from explorer.text.listing import MOST, comma_list, listed, number_range, runs_of


def test_a_list_is_cut_after_its_first_items_and_the_rest_is_counted() -> None:
    names = [f"item {n}" for n in range(MOST + 1_000)]
    assert listed(names[:MOST], "items") == names[:MOST]
    assert listed(iter(names), "items") == [*names[:MOST], "And 1,000 more items."]
    assert comma_list(iter(names)) == ", ".join(names[:MOST]) + ", and 1,000 more"
    assert (comma_list(["one", "two"]), comma_list([]), listed([], "items")) == ("one, two", "", [])


def test_a_run_is_a_value_with_its_first_and_last_number() -> None:
    assert list(runs_of([7, 7, 0, 7], 10)) == [(7, 10, 11), (0, 12, 12), (7, 13, 13)]
    assert list(runs_of([], 10)) == []


def test_a_range_of_one_number_is_that_number() -> None:
    assert (number_range(5, 5), number_range(1_000, 2_000)) == ("5", "1,000 to 2,000")
    assert number_range(10, 11, hexadecimal=True) == "0xa to 0xb"
