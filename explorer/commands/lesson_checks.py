"""Checks of a lesson that need the program around it: its commands and links, and the moments of its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, cast

from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.lesson import LessonPage, is_panel
from engine.scenario.loader import Scenario, load
from explorer.commands.host import Desk
from explorer.commands.lesson import link_lines
from explorer.commands.table import parse
from explorer.session import lesson
from explorer.session.session import REFUSALS, Session

_WRITE: Final = ("save", "token", "export")
"""Commands that are not tried, because they write files."""

_OPEN: Final[dict[str, Callable[[Session, str], object]]] = {
    "open": lambda session, name: session.library.find(name),
    "machine": lambda session, machine: load(session.name, machine=machine, library=session.library),
    "rules": lambda session, rules: load(session.name, rules=rules, library=session.library),
}
"""Commands that leave the run: what is tried instead, with the session and the argument."""


Key = tuple[str | int, ...]
Fault = tuple[Key, str]
"""The key of a page, as the path to it, and what is wrong with it."""


class NoScreen:
    """A desk on which commands act on the session alone: what is for the screen does nothing."""

    asks = plays = False
    panel_in_focus = "centre"

    def __init__(self, session: Session) -> None:
        self.session = session

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def lesson_faults(scenario: Scenario) -> Iterator[BadInput]:
    """Yield what is wrong with the pages of a scenario's lesson, in order, with file and line.

    The run comes to each moment, each link leads somewhere, and at its moment each cell can be read and what
    the page asks for can be done. Under other settings than the file's own, this is not tried: only the words
    of links and commands are checked.
    """
    history = scenario.start()
    for number, page in enumerate(scenario.pages):
        tried = _at_moment(scenario, history, page) if scenario.is_variant else ()
        for key, fault in (
            *tried,
            *_link_faults(scenario, history, page),
            *_do_faults(scenario, number, page),
        ):
            yield _at_key(scenario, number, key, fault)


def _at_key(scenario: Scenario, number: int, key: Key, fault: str) -> BadInput:
    """The error about a key of a page; the first pages may be sections of the key `lesson`."""
    form = scenario.form
    own = number - (len(scenario.pages) - len(form.pages))
    if own >= 0:
        return form.pages[own].section.error(fault, *key)
    lines = enumerate(form.source.split("\n"), 1)
    return BadInput(
        fault, file=str(form.path), line=next((n for n, at in lines if at.startswith("lesson")), 1)
    )


def _at_moment(scenario: Scenario, history: History, page: LessonPage) -> Iterator[Fault]:
    """Go to the moment of a page, which is that of the page before unless it has its own, and look there."""
    if page.at is not None:
        fault = _refused(partial(_go, scenario, history, page))
        if fault:
            words = f"the run does not come to this moment: {fault}; choose one to which it comes"
            yield ("at",), words
            return
    for n, text in enumerate(page.look):
        cell = None if is_panel(text) else scenario.expression(text)
        fault = "" if cell is None else _refused(partial(cell.show, history.vm))
        if fault:
            yield ("look", n), f"{text!r} cannot be read at this moment, step {history.step:,}: {fault}"


def _go(scenario: Scenario, history: History, page: LessonPage) -> None:
    step = page.step(history, scenario.steps)
    history.seek(step or 0)


def _link_faults(scenario: Scenario, history: History, page: LessonPage) -> Iterator[Fault]:
    for kind, target in page.links:
        if kind != "step":
            fault = _refused(partial(follow, Session(history, scenario), kind, target))
        else:
            fault = _refused(partial(scenario.find_step, history, target)) if scenario.is_variant else ""
        if fault:
            yield ("say",), f"({kind}:{target}): {fault}"


def _do_faults(scenario: Scenario, number: int, page: LessonPage) -> Iterator[Fault]:
    fault = _refused(partial(_try_at_page, scenario, number, page.do)) if page.do else ""
    if fault:
        yield ("do",), f"{page.do!r} cannot be carried out: {fault}"


def _refused(act: Callable[[], object]) -> str:
    """Return the message of what refuses to act; "" if it acts."""
    try:
        act()
    except REFUSALS as error:
        return error.message if isinstance(error, BadInput) else str(error)
    return ""


def follow(session: Session, kind: str, target: str) -> None:
    """Follow a link of a page, without a screen.

    Errors: BadInput if it leads nowhere.
    """
    for line in link_lines(session, kind, target):
        carry_out_alone(session, line)


def carry_out_alone(session: Session, line: str) -> None:
    """Carry out a console line without a screen, to its end; what writes a file is only parsed.

    Errors: those of the command.
    """
    command, argument = parse(line.removeprefix(":"))
    if command.id in _WRITE:
        return
    if command.id == "experiment":
        _check_experiment(argument)
        return
    if command.id in _OPEN and argument:
        _OPEN[command.id](session, argument)
    motion = command.function(cast(Desk, NoScreen(session)), argument)
    for _ in motion or ():
        pass
    if session.note.kind == "error":
        raise BadInput(session.note.text)


def _check_experiment(argument: str) -> None:
    """Check what is measured; it is not measured here, since that can take minutes.

    Errors: BadInput if there is no such experiment.
    """
    # Imported here: few lessons have an experiment.
    from engine.experiments.experiment import load_experiment  # noqa: PLC0415

    name, *vary = argument.split()
    load_experiment(name, vary)


def _try_at_page(scenario: Scenario, number: int, line: str) -> None:
    """Carry out a console line at the moment of a page.

    Errors: those of the command.
    """
    parse(line.removeprefix(":"))
    if not scenario.is_variant:
        return
    session = Session(scenario.start(), scenario)
    for _ in lesson.go_to_page(session, str(number + 1)):
        pass
    carry_out_alone(session, line)
