"""Numbers written as people do, and who is named when a description is refused."""

from __future__ import annotations

import pytest

from engine.inputs.hardware.survey import LONGEST_LIST, listed
from tests.engine.inputs.hardware.surveys import survey_of


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([5], "5"),
        ([3, 2, 1, 0, 8], "0-3,8"),
        ([1, 3, 5], "1,3,5"),
        ([0, 1], "0-1"),
        (range(0, 2 * LONGEST_LIST, 2), "0,2,4,6,8,10,12,14"),
        (range(0, 2 * LONGEST_LIST + 1, 2), "0,2,4,6,8,10,12,14,..."),
        (range(1000), "0-999"),
    ],
)
def test_numbers_are_listed_in_stretches(numbers: list[int], text: str) -> None:
    assert listed(numbers) == text


def test_a_refusal_names_the_file_and_the_line_of_the_machine() -> None:
    assert str(survey_of([1]).refuse("no cpu; at least one")) == "made-up.xml:7: no cpu; at least one"
