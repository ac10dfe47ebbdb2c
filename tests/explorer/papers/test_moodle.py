"""Moodle XML, read again: right answers, reasons, pictures."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text
from explorer.papers.exercise import Exercise, exercises_of
from explorer.papers.moment_pictures import MomentCamera, question_picture
from explorer.papers.moodle import moodle_xml
from explorer.session.answer_value import RightAnswer
from tests.explorer.papers.small_lessons import HOSTILE, LESSON
from tests.tiers import only_fast


def quiz(scenarios: Iterable[Scenario], picture: str | None = None) -> Element:
    """The questions of scenarios, written and read again."""
    papers = (exercises_of(scenario, run=True) for scenario in scenarios)
    return ElementTree.fromstring(moodle_xml(papers, lambda *_: picture).encode())


def questions(root: Element) -> Iterator[Element]:
    """Those that are not categories."""
    return (one for one in root.findall("question") if one.get("type") != "category")


def answers(question: Element, fraction: str = "100") -> list[str]:
    """The answers with a fraction."""
    found = (one for one in question.findall("answer") if one.get("fraction") == fraction)
    return [one.findtext("text", "") for one in found]


def test_a_scenario_is_a_category_with_its_questions() -> None:
    root = quiz([load_text(LESSON, "small", seed=1)])
    assert [one.get("type") for one in root] == ["category", "multichoice", "shortanswer", "multichoice"]
    assert root.findtext("question/category/text") == "$course$/top/pageq/A small lesson (seed 1, n = 3)"
    first = root[1]
    wanted = {"idnumber": "small/n=3/where", "single": "true", "shuffleanswers": "true",
              "answernumbering": "abc", "name/text": "small 1 where"}  # fmt: skip
    assert {key: first.findtext(key) for key in wanted} == wanted
    assert first.findtext("generalfeedback/text") == "<p>It was <strong>asked</strong> for it.</p>"
    assert "Which <code>pindex</code>?" in first.findtext("questiontext/text", "")
    assert [tag.text for tag in first.findall("tags/tag/text")] == ["beginner", "vm_page_alloc()"]
    assert (answers(first), answers(first, "0")) == (["3"], ["2", "4"])


def test_a_question_without_choices_accepts_the_spellings_of_the_screen() -> None:
    question = quiz([load_text(LESSON, "small")])[2]
    assert {"PBUSY_LOCKED", "LOCKED", "0x80000000", "2147483648"} <= {*answers(question)}
    assert answers(question, "0") == []
    assert question.findtext("usecase") == "0"


def test_a_slash_in_a_title_does_not_make_a_category() -> None:
    root = quiz([load_text(LESSON.replace("A small lesson", "read/write"), "small")])
    assert root.findtext("question/category/text") == "$course$/top/pageq/read//write (n = 2)"


def test_a_picture_is_a_file_of_the_question() -> None:
    root = quiz([load_text(LESSON, "small")], "<svg/>")
    for question in questions(root):
        file = question.find("questiontext/file")
        assert file is not None
        assert f'src="@@PLUGINFILE@@/{file.get("name")}"' in question.findtext("questiontext/text", "")
        assert (file.get("path"), b64decode(file.text or "")) == ("/", b"<svg/>")


def test_no_text_of_a_file_becomes_markup() -> None:
    root = quiz([load_text(HOSTILE, "small")])
    html = (element.findtext("text", "") for element in root.iter() if element.get("format") == "html")
    tags = {tag for text in html for tag in re.findall(r"<(\w+)", text)}
    assert tags <= {"p", "em", "code"}
    text = ElementTree.tostring(root, encoding="unicode")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


def checked(scenario: Scenario, question: Element) -> None:
    """Check a question by the model: evaluate its value at the step that decides it."""
    name = (question.findtext("idnumber") or "").rpartition("/")[2]
    asked = next(one for one in scenario.questions if one.id == name)
    history = scenario.start()
    history.seek(asked.step(history, scenario.steps))
    right = RightAnswer(scenario, asked, history, "")
    for fraction, is_right in (("100", True), ("0", False)):
        for text in answers(question, fraction):
            assert right.equals(text) is is_right, f"{name}: {text}"
    assert answers(question)
    assert len((question.findtext("generalfeedback/text") or "").strip()) > 20, name


def pictured(camera: MomentCamera, scenario: Scenario) -> Element:
    """The questions with their pictures, read again."""

    def picture(scenario: Scenario, exercise: Exercise) -> str | None:
        return question_picture(camera, scenario, exercise)

    return ElementTree.fromstring(moodle_xml([exercises_of(scenario, run=True)], picture).encode())


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names[::12])
def test_every_question_of_the_library_has_its_picture(name: str) -> None:
    with MomentCamera() as camera:
        found = [*questions(pictured(camera, load(name)))]
    for question in found:
        svg = b64decode(question.findtext("questiontext/file") or "")
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert len(svg) < 100_000


@pytest.mark.parametrize("name", only_fast(OWN.names, "second-chance", "lost-wakeup"))
def test_every_question_of_the_library_is_right_and_has_its_reason(name: str) -> None:
    scenario = load(name)
    found = [*questions(quiz([scenario]))]
    assert len(found) == len(scenario.questions)
    for question in found:
        checked(scenario, question)
    ids = [question.findtext("idnumber") for question in found]
    assert len({*ids}) == len(ids)
