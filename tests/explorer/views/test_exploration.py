"""The letters and words for sets of outcomes."""

from __future__ import annotations

import itertools

import pytest

from explorer.views.exploration import UNDECIDED, left_words, short_names, signs

NAMES = ("completed", "panic:vm_page_alloc", "panic:vm_page_free", "deadlock")


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        pytest.param([("completed",), ("panic",)], "c p", id="one outcome is its first letter"),
        pytest.param([("completed", "panic")], "P", id="several are a capital"),
        pytest.param([()], UNDECIDED, id="none is known"),
    ],
)
def test_a_set_of_outcomes_has_a_letter(sets: list[tuple[str, ...]], expected: str) -> None:
    found = signs(sets, ("completed", "panic"))
    assert " ".join(found[left] for left in sets) == expected


def test_no_two_sets_have_the_same_letter_in_either_case() -> None:
    every = [left for n in range(5) for left in itertools.combinations(NAMES, n)]
    found = signs(every, NAMES)
    assert len({sign.lower() for sign in found.values()}) == len(every) == 16
    assert all(found[left].islower() == (len(left) == 1) for left in every if left)


def test_a_panic_is_named_by_its_function_only_beside_another_panic() -> None:
    assert short_names(NAMES[:2]) == {"completed": "completed", "panic:vm_page_alloc": "panic"}
    assert short_names(NAMES)["panic:vm_page_free"] == "panic:vm_page_free"


def test_the_outcomes_left_are_words() -> None:
    names = short_names(NAMES[:2])
    assert left_words(NAMES[:1], names) == "only completed"
    assert left_words(NAMES[:2], names) == "completed or panic"
    assert left_words((), names) == "none of these"


def test_of_a_bounded_search_it_says_only_what_was_found() -> None:
    names = short_names(NAMES[:2])
    assert left_words(NAMES[:1], names, complete=False) == "completed found"
    assert left_words((), names, complete=False) == "none found yet"
