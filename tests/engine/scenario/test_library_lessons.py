"""The form of the library's lessons: pages at moments, and questions that are asked before their answers."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from engine.debug.moments import step_number
from engine.errors import BadInput
from engine.language.expressions import same_value
from engine.run.history import History
from engine.scenario.lesson import is_panel, steps_of_pages
from engine.scenario.library import OWN
from engine.scenario.question import Question
from tests.engine.scenario.played import loaded, played

NAMES: Final = OWN.names

CODE: Final = re.compile(r"```.*?```|`[^`]*`|^\|.*$", re.DOTALL | re.MULTILINE)

SENTENCE: Final = re.compile(r"[.?!](?=[\s*_\"')\]]|$)")

LONGEST: Final = 640
"""Characters of a page: it is read beside the screen."""


def sentences(say: str) -> int:
    """The number of sentences of a page; code and the rows of tables do not count."""
    return len(SENTENCE.findall(CODE.sub(" ", say)))


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_four_to_twelve_short_pages_and_at_least_three_questions(name: str) -> None:
    form = loaded(name).form
    assert not form.lesson, "the key lesson is now [[page]]"
    assert 4 <= len(form.pages) <= 12
    assert len(form.questions) >= 3
    long = [page.say for page in form.pages if sentences(page.say) > 4 or len(page.say) > LONGEST]
    assert long == []


@pytest.mark.parametrize("name", NAMES)
def test_the_pages_follow_the_run(name: str) -> None:
    scenario, history = played(name)
    for page in scenario.pages:
        page.step(history, scenario.steps)  # BadInput if the run does not come there
    steps = list(steps_of_pages(scenario.pages, history, scenario.steps))
    assert steps == sorted(steps)
    assert len(set(steps)) >= min(3, history.total)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_that_a_page_links_to_is_reached(name: str) -> None:
    scenario, history = played(name)
    for page in scenario.pages:
        for kind, target in page.links:
            if kind == "step":
                assert scenario.find_step(history, target) <= history.total
            if kind == "scenario":
                assert OWN.find(target).is_file()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_looks_at_can_be_read_at_its_moment(name: str) -> None:
    scenario, history = played(name)
    steps = list(steps_of_pages(scenario.pages, history, scenario.steps))
    unreadable = []
    for page, step in zip(scenario.pages, steps, strict=True):
        history.seek(step)
        for text in (text for text in page.look if not is_panel(text)):
            try:
                scenario.expression(text).show(history.vm)
            except BadInput as error:
                unreadable.append((text, step, str(error)))
    assert unreadable == []


@pytest.mark.parametrize("name", NAMES)
def test_a_question_is_asked_before_the_step_that_decides_it_and_after_the_one_before(name: str) -> None:
    scenario, history = played(name)
    moments = []
    for question, form in zip(scenario.questions, scenario.form.questions, strict=True):
        assert form.asked is not None, question.ask
        assert not question.id.isdigit(), question.ask
        asked, decided = (found(history, scenario.steps) for found in (question.asked_step, question.step))
        moments.append(asked)
        if not question.about_all:
            assert asked < decided, (question.id, asked, decided)
            assert question.stays or not answered_already(question, history, asked), question.id
    assert moments == sorted(moments)


def answered_already(question: Question, history: History, asked: int) -> bool:
    """Whether the value already is the answer when the question is asked, so that the screen shows it."""
    history.seek(asked)
    try:
        return same_value(question.value.show(history.vm), question.expected.show(history.vm))
    except BadInput:
        return False


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_read_or_asked_between_a_question_and_its_answer(name: str) -> None:
    """An answer is decided before the next page and the next question: what they say cannot give it away."""
    scenario, history = played(name)
    pages = list(steps_of_pages(scenario.pages, history, scenario.steps))
    asked = [question.asked_step(history, scenario.steps) for question in scenario.questions]
    for question, first in zip(scenario.questions, asked, strict=True):
        decided = question.step(history, scenario.steps)
        assert [step for step in [*pages, *asked] if first < step < decided] == [], question.id


@pytest.mark.parametrize("name", NAMES)
def test_no_moment_is_a_bare_step_number(name: str) -> None:
    form = loaded(name).form
    moments: list[Any] = [page.at for page in form.pages if page.at is not None]
    moments += [moment for question in form.questions for moment in (question.moment, question.asked)]
    moments += [expect.at for expect in form.expects]
    targets = [target for page in loaded(name).pages for kind, target in page.links if kind == "step"]
    assert [
        moment for moment in [*moments, *targets] if moment is not None and step_number(moment) is not None
    ] == []
