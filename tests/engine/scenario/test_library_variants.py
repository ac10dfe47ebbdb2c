"""Each variant of each scenario of the library that has parameters: its run, its questions and its texts."""

from __future__ import annotations

import re
from typing import Final

import pytest

from engine.language.expressions import same_value
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load
from engine.scenario.parameters import Values, value_words
from engine.scenario.settings import setting
from engine.scenario.variants import question_faults

WITH_PARAMETERS: Final = [
    load(name) for name in OWN.names if "[parameters]" in OWN.find(name).read_text(encoding="utf-8")
]

VARIANTS: Final = [
    pytest.param(scenario.name, values, id=f"{scenario.name}: {value_words(values)}")
    for scenario in WITH_PARAMETERS
    for values in scenario.variants
]

NUMBERS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)


def variant(name: str, values: Values) -> Scenario:
    return load(name, settings=tuple(setting(*pair) for pair in values.items()))


def test_some_scenarios_have_parameters() -> None:
    assert len(WITH_PARAMETERS) >= 2
    assert all(scenario.is_own and len(scenario.variants) >= 3 for scenario in WITH_PARAMETERS)


@pytest.mark.parametrize(("name", "values"), VARIANTS)
def test_a_variant_does_what_the_file_expects(name: str, values: Values) -> None:
    scenario = variant(name, values)
    assert scenario.is_variant
    history = scenario.start()
    outcome = scenario.run(history)
    assert scenario.expects(outcome)
    assert [check.that for check in scenario.check_expectations(history) if check.ok is False] == []


@pytest.mark.parametrize(("name", "values"), VARIANTS)
def test_each_question_of_a_variant_is_asked_and_right(name: str, values: Values) -> None:
    scenario = variant(name, values)
    assert list(question_faults(scenario)) == []
    history = scenario.start()
    for question, answered in zip(scenario.questions, scenario.answers(history), strict=True):
        assert answered.answer == question.answer, "the file's own answer is right, and so is its reason"
        assert len(question.choices) == len(set(question.choices)) >= 2


@pytest.mark.parametrize(("name", "values"), VARIANTS)
def test_an_answer_of_a_variant_is_not_known_when_it_is_asked(name: str, values: Values) -> None:
    scenario = variant(name, values)
    history = scenario.start()
    for question in scenario.questions:
        history.seek(question.asked_step(history, scenario.steps))
        value = question.value.show(history.vm)
        known = same_value(value, question.expected.show(history.vm))
        assert question.stays or question.about_all or not known, question.id


@pytest.mark.parametrize("scenario", WITH_PARAMETERS, ids=lambda scenario: scenario.name)
def test_an_answer_depends_on_the_parameters(scenario: Scenario) -> None:
    answers = [
        tuple(question.answer for question in variant(scenario.name, values).questions)
        for values in scenario.variants
    ]
    assert len(set(answers)) == len(answers), "two students with other values have other answers"


@pytest.mark.parametrize(("name", "values"), VARIANTS)
def test_no_text_of_a_variant_has_the_number_of_another(name: str, values: Values) -> None:
    # The texts are compared as they are written: a number that does not change is not a parameter's.
    written = OWN.find(name).read_text(encoding="utf-8")
    said = re.sub(r"(?s)\[\[(?:thread|expect|object)\]\].*?(?=\n\[\[)|script = '''.*?'''", "", written)
    texts = re.findall(r'(?s)^(?:say|ask|why) = ("""(?:.*?)"""|"[^\n]*")$', said, re.MULTILINE)
    assert texts
    for value in values.values():
        # Small numbers in words also count other things.
        words = [str(value), *([NUMBERS[value]] if 5 < value < len(NUMBERS) else [])]
        found = [text for text in texts if any(re.search(rf"\b{word}\b", text, re.I) for word in words)]
        assert found == []
