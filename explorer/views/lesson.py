"""A page of the lesson beside the screen: its heading, its text, and what the reader can do next."""

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
    turn:  the key that reads on and what it does, such as "r next", for the heading; on the last page the
           key alone, or "".
    done:  whether what the page asked for was carried out; the hint says so.
    values: the cells that the page asks to look at, each with its value.
    """

    title: str
    place: str = ""
    text: str = ""
    hint: str = ""
    turn: str = ""
    done: bool = False
    values: tuple[tuple[str, str], ...] = ()


def lesson_row(
    scenario: Scenario | None,
    number: int = 0,
    hint: str = "",
    turn: str = "",
    *,
    done: bool = False,
    values: tuple[tuple[str, str], ...] = (),
    other: str = "",
) -> LessonRow:
    """A page of the lesson of a scenario; without a lesson, what the scenario is about.

    number: that of the page, from 0. hint, turn, done, values: as in LessonRow. other: as in page_place.
    """
    if scenario is None:
        return LessonRow("lesson", text="This run has no scenario, and so it has no lesson.", hint=hint)
    form, pages = scenario.form, scenario.pages
    if pages:
        place, text = page_place(scenario, number, other), pages[number].say.strip()
        return LessonRow("lesson", place, text, hint, turn, done, values)
    about = f"# {form.title}\n\n{form.teaches.strip()}".strip()
    return LessonRow("about", text=about or "This scenario has no lesson.", hint=hint)


def page_place(scenario: Scenario, number: int, other: str = "") -> str:
    """Which page of the lesson page `number` is, and what of the run is not the scenario's own.

    other: such as `other rules and schedule`; "" if the run is its own.
    """
    count = len(scenario.pages)
    return " · ".join(filter(None, (f"{number + 1} of {count}" if count > 1 else "", other)))
