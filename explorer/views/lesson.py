"""The lesson beside the screen: its text and its heading, at any width."""

from __future__ import annotations

from dataclasses import dataclass

from engine.scenario.loader import Scenario


@dataclass(frozen=True)
class LessonRow:
    """A text for the reader of the screen.

    title: what the text is, for the panel's heading.
    place: which page of a lesson it is, such as "3 of 8"; "" if there is only one.
    text:  Markdown; see `explorer.views.markdown`.
    hint:  what the reader can do next, under the text; "" for nothing.
    """

    title: str
    place: str = ""
    text: str = ""
    hint: str = ""


def lesson_row(scenario: Scenario | None, hint: str = "") -> LessonRow:
    """The lesson of a scenario; without a lesson, what the scenario is about.

    hint: what the reader can do next.
    """
    if scenario is None:
        return LessonRow("lesson", text="This run has no scenario, and so it has no lesson.", hint=hint)
    form = scenario.form
    if form.whole_lesson.strip():
        return LessonRow("lesson", text=form.whole_lesson.strip(), hint=hint)
    about = f"# {form.title}\n\n{form.teaches.strip()}".strip()
    return LessonRow("about", text=about or "This scenario has no lesson.", hint=hint)
