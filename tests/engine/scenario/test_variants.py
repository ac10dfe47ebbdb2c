"""Each variant of a scenario is what its file promises: its questions are asked, and can be answered."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.scenario.variants import merged, question_faults
from tests.engine.scenario.some_pages import PAGES, pages


def faults(*sets: str, text: str = PAGES) -> list[str]:
    return [str(fault) for fault in question_faults(pages(*sets, text=text))]


@pytest.mark.parametrize("n", [4, 6, 8])
def test_a_question_about_a_parameter_is_right_in_each_variant(n: int) -> None:
    assert faults(f"n={n}") == []


def test_a_right_answer_that_is_not_a_choice_is_a_fault_of_the_question() -> None:
    text = PAGES.replace('"n - 1", "n", "{colors}"', '"4", "6", "7"').replace('answer = "n"', 'answer = "4"')
    assert faults(text=text) == []
    assert faults("n=6", text=text) == []
    line = PAGES.split("\n").index("[[question]]") + 1
    words = "the value is 8, and the right answer is not among the choices; add it to choices"
    assert faults("n=8", text=text) == [f"pages.toml:{line}: {words}"]


def test_an_answer_that_is_wrong_in_the_files_own_run_is_a_fault() -> None:
    text = PAGES.replace('choices = ["n - 1", "n", "{colors}"]\n', "").replace('answer = "n"', 'answer = "3"')
    assert "the value is 4, and the answer is 3; make them equal" in faults(text=text)[0]
    assert faults("n=6", text=text) == [], "without choices, the value is the answer"


def test_choices_that_are_equal_in_a_variant_are_a_fault_of_the_second() -> None:
    text = PAGES.replace('"n - 1", "n", "{colors}"', '"n",\n"6",\n"2 * n"')
    assert faults(text=text) == []
    line = PAGES.split("\n").index('choices = ["n - 1", "n", "{colors}"]') + 2
    assert faults("n=6", text=text)[0].startswith(f"pages.toml:{line}: the choices 'n' and '6' have the same")


def test_a_question_that_is_never_asked_is_a_fault() -> None:
    text = PAGES.replace('after = "when app.taken == n"', 'after = "when app.taken == 8"')
    assert "the question is not asked: " in faults("n=6", text=text)[0]


def test_the_same_error_of_several_variants_is_one_message() -> None:
    one, other = BadInput("a", file="f", line=1), BadInput("b", file="f", line=2)
    found = [({"n": 4}, one), ({"n": 6}, one), ({"n": 6}, other), ({"n": 8}, one)]
    assert [str(error) for error in merged(found, 3)] == ["f:1: a", "f:2: with n = 6: b"]
    assert [str(error) for error in merged(found, 4)] == [
        "f:1: with n = 4 and 2 other variants: a",
        "f:2: with n = 6: b",
    ]
