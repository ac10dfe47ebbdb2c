"""The pages of a scenario's lesson: compiled once, shown beside any run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.debug.moments import Point, find_step, read_moment
from engine.errors import BadInput
from engine.language.expressions import Unreadable, compile_expression
from engine.language.symbols import Names
from engine.run.history import History
from engine.run.program import Program
from engine.scenario.lesson_forms import Moment, PageForm
from engine.scenario.outline import sections_of
from engine.scenario.question import point_of
from engine.scenario.toml_reader import Section

LINKS: Final = ("step", "field", "lens", "panel", "code", "term", "scenario", "experiment")
"""The kinds of links of a page: `[words](KIND:TARGET)`."""

_OF_LINKS: Final = "a step, start, end, THREAD:LINE or THREAD:@ANCHOR"

PANELS: Final = ("centre", "page", "threads", "source", "log", "timeline", "console", "code", "lesson")
"""The panels of the screen, which a page can light, in the order of their number keys."""

_LINK: Final = re.compile(r"\[[^\]\n]*\]\((\w+:[^)\n]*)\)|(?<!\w)\[[^\]\n]*\]\(([^)\n]*)\)")
_TARGET: Final = re.compile(r"(\w+):(\S+)")
_CODE: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


@dataclass(frozen=True)
class LessonPage:
    """A page of a lesson.

    at:    the moment to which it belongs; None if it belongs to that of the page before.
    moment: the same as the file writes it; "" for None.
    say:   its text, Markdown.
    look:  cells, as EXPR, or panels that are lit while it is open.
    do:    a console line that the reader is asked to carry out; "" for none.
    """

    at: Point | None
    moment: Moment
    say: str
    look: tuple[str, ...] = ()
    do: str = ""

    def step(self, history: History, limit: int) -> int | None:
        """Return the step of its moment; None without one.

        Errors: as find_step.
        """
        return None if self.at is None else find_step(history, self.at, limit)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """The links in its text: (kind, target)."""
        parts = (_TARGET.fullmatch(text) for text in _written_links(self.say))
        return tuple((found[1], found[2]) for found in parts if found)


def _written_links(say: str) -> list[str]:
    """What is in the brackets of each link of a text; code has none, and `array[3](4)` is not one."""
    return [found[1] or found[2] for found in _LINK.finditer(_CODE.sub("", say))]


def compile_pages(
    lesson: str, forms: Iterable[PageForm], programs: tuple[Program, ...], names: Names
) -> tuple[LessonPage, ...]:
    """Compile the pages of a lesson: one for each section of the key `lesson`, then those of the file.

    Errors: BadInput with file and line for a bad moment, cell or link.
    """
    own = (LessonPage(None, "", text) for text in sections_of(lesson))
    return (*own, *(_compile_page(form, programs, names) for form in forms))


def _compile_page(form: PageForm, programs: tuple[Program, ...], names: Names) -> LessonPage:
    section = form.section
    at = None if form.at is None else point_of(section, "at", form.at, programs, names, end=True)
    for number, text in enumerate(form.look):
        if not is_panel(text):
            _check_cell(section, number, text, names)
    page = LessonPage(at, "" if form.at is None else form.at, form.say.strip(), form.look, form.do)
    for text in _written_links(page.say):
        _check_link(section, text, programs)
    return page


def is_panel(look: str) -> bool:
    """Whether an entry of `look` names a panel; any other one is an EXPR."""
    return look in PANELS


def _check_cell(section: Section, number: int, text: str, names: Names) -> None:
    """Check an entry of `look` that is not a panel.

    Errors: BadInput at the entry.
    """
    try:
        compile_expression(text, names, file=section.file, line=section.at("look", number))
    except BadInput as error:
        if not (isinstance(error, Unreadable) or text.isidentifier()):
            raise
        words = f"{text[:40]!r} is neither a cell, as EXPR, nor a panel; the panels are: {', '.join(PANELS)}"
        raise section.error(words, "look", number) from None


def _check_link(section: Section, text: str, programs: tuple[Program, ...]) -> None:
    """Check what is in the brackets of a link.

    Errors: BadInput at `say` for an unknown kind, no target or one with spaces, or a step that is not a
    moment of the run.
    """
    parts = _TARGET.fullmatch(text)
    kind, target = (parts[1], parts[2]) if parts else ("", "")
    if kind not in LINKS:
        kinds = ", ".join(f"{name}:..." for name in LINKS)
        right = f"use {kinds}" if parts or not text.startswith("step:") else f"use step: and {_OF_LINKS}"
        raise section.error(f"({text[:40]}) is not a link of a lesson; {right}", "say")
    if kind == "step":
        try:
            read_moment(target, programs)
        except BadInput as error:
            raise section.error(f"(step:{target[:40]}): {error.message}", "say") from None


def steps_of_pages(pages: Iterable[LessonPage], history: History, limit: int) -> Iterator[int]:
    """The step of each page, in order: that of its moment, or of the page before; 0 before the first moment.

    A moment that the run never reaches counts as none.
    """
    step = 0
    for page in pages:
        try:
            found = page.step(history, limit)
        except BadInput:
            found = None
        step = step if found is None else found
        yield step
