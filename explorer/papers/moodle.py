"""Questions in the XML format that Moodle imports: choices, accepted answers, the reason, the moment.

A question's text has the screen at the moment when it is asked; the reason is the feedback after an answer.
See https://docs.moodle.org/en/Moodle_XML_format.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from html import escape
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from engine.scenario.loader import Scenario
from explorer.papers.accepted_answers import accepted_answers
from explorer.papers.exercise import Exercise, Exercises
from explorer.papers.paper_head import moment_words, settings_words
from explorer.papers.prose import html_of
from explorer.views.safe_text import without_controls

Picture = Callable[[Scenario, Exercise], str | None]
"""Makes the picture of the moment at which a question is asked, an SVG file; None for no picture."""

LONGEST_ID: Final = 100
"""Moodle's limit of an idnumber."""

LONGEST_NAME: Final = 255
"""Moodle's limit of a question's name."""


def moodle_xml(papers: Iterable[Exercises], picture: Picture) -> str:
    """Return the questions as one XML document; each scenario is a category.

    The exercises need their run.
    """
    quiz = Element("quiz")
    for paper in papers:
        if paper.asked:
            _category(quiz, paper)
        for exercise in paper.asked:
            _question(quiz, paper, exercise, picture(paper.scenario, exercise))
    indent(quiz, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(quiz, encoding="unicode")}\n'


def _category(quiz: Element, paper: Exercises) -> None:
    scenario = paper.scenario
    category = SubElement(quiz, "question", type="category")
    # A slash in a name is written twice.
    path = [name.replace("/", "//") for name in ("pageq", " ".join([scenario.title, *_settings(scenario)]))]
    _text(SubElement(category, "category"), "/".join(["$course$/top", *path]))
    _html(category, "info", f"<p>{escape(scenario.form.teaches)}</p>")


def _settings(scenario: Scenario) -> list[str]:
    words = settings_words(scenario)
    return [f"({', '.join(words)})"] if words else []


def _question(quiz: Element, paper: Exercises, exercise: Exercise, picture: str | None) -> None:
    scenario = paper.scenario
    question = SubElement(quiz, "question", type="multichoice" if exercise.choices else "shortanswer")
    name = f"{scenario.name} {exercise.number} {exercise.id}"
    _text(SubElement(question, "name"), name[-LONGEST_NAME:])
    _ask(question, scenario, exercise, picture)
    _html(question, "generalfeedback", html_of(exercise.why))
    for key, value in (("defaultgrade", "1"), ("penalty", "0.3333333"), ("hidden", "0")):
        SubElement(question, key).text = value
    SubElement(question, "idnumber").text = _id_of(scenario, exercise)
    if exercise.choices:
        _choices(question, exercise)
    else:
        _typed(question, paper, exercise)
    _tags(question, scenario)


def _id_of(scenario: Scenario, exercise: Exercise) -> str:
    """Return an id that no other question of the file has: scenario, values, question."""
    values = [f"{name}={value}" for name, value in scenario.changed_parameters.items()]
    return without_controls("/".join([scenario.name, *values, exercise.id]))[-LONGEST_ID:]


def _ask(question: Element, scenario: Scenario, exercise: Exercise, picture: str | None) -> None:
    """Add the text of a question, and the picture as a file in it."""
    moment = moment_words(exercise)
    place = f"<p><em>{escape(scenario.title)}{moment and f', {moment}'}</em></p>"
    file = f"{exercise.id}.svg"
    alt = escape(f"The screen of pageq at step {exercise.asked} of {scenario.name}")
    image = "" if picture is None else f'<p><img src="@@PLUGINFILE@@/{file}" alt="{alt}" width="100%"></p>'
    text = _html(question, "questiontext", place + image + html_of(exercise.ask))
    if picture is not None:
        part = SubElement(text, "file", name=file, path="/", encoding="base64")
        part.text = b64encode(picture.encode()).decode("ascii")


def _choices(question: Element, exercise: Exercise) -> None:
    for key, value in (("single", "true"), ("shuffleanswers", "true"), ("answernumbering", "abc")):
        SubElement(question, key).text = value
    for choice in exercise.choices:
        _answer(question, choice == exercise.answer, escape(choice), "html")


def _typed(question: Element, paper: Exercises, exercise: Exercise) -> None:
    """Add every spelling that is accepted; a `*` in one would stand for any text."""
    SubElement(question, "usecase").text = "0"
    assert paper.history is not None
    assert exercise.decided is not None
    paper.history.seek(exercise.decided)
    asked = paper.scenario.questions[exercise.number - 1]
    for spelling in accepted_answers(paper.scenario, asked, exercise.answer, paper.history):
        _answer(question, True, spelling.replace("*", r"\*"), "moodle_auto_format")


def _answer(question: Element, right: bool, text: str, form: str) -> None:
    answer = SubElement(question, "answer", fraction="100" if right else "0", format=form)
    _text(answer, text)


def _tags(question: Element, scenario: Scenario) -> None:
    tags = SubElement(question, "tags")
    for tag in (scenario.form.level, *scenario.form.covers):
        _text(SubElement(tags, "tag"), tag.replace("`", ""))


def _html(parent: Element, tag: str, html: str) -> Element:
    element = SubElement(parent, tag, format="html")
    _text(element, html)
    return element


def _text(parent: Element, text: str) -> None:
    """Add the text of an element without the characters that XML forbids."""
    SubElement(parent, "text").text = without_controls(text)
