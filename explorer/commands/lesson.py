"""The lesson's pages on the desk: what a page asks for, what its links do, what to press next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from engine.scenario.format import CENTRES
from engine.scenario.lesson import PANELS
from explorer.commands.host import Desk
from explorer.commands.keys import Keys
from explorer.commands.table import GROUPS, Command, offered, parse
from explorer.session import leaving
from explorer.session.learning import Asked
from explorer.session.next_scenarios import linked_scenarios, next_in_course
from explorer.session.own_run import other_words
from explorer.session.question_stops import due_unanswered
from explorer.session.questions import card_is_ahead, cover
from explorer.session.session import Session
from explorer.session.stepping import Motion
from explorer.views.lesson import LessonRow, lesson_row

_VERBS: Final = {
    "step": "goto", "field": "explain", "lens": "view", "code": "explain", "term": "explain",
    "scenario": "open", "experiment": "experiment",
}  # fmt: skip
"""The kinds of links that a command with the target as its argument follows."""

_CHANGES: Final = frozenset(one.id for name in ("Time", "Runs", "Branches") for one in GROUPS[name])
"""Commands after which the memory that is shown is another one."""

_STEPS: Final = ("step", "over", "finish", "line", "into", "event")
"""Commands that an answer carries out: it goes to the step that decides it; a run continues after that."""


_ASKS: Final = ("predict", "question")
"""Commands that ask a question: they are carried out when it is answered."""


def link_lines(session: Session, kind: str, target: str) -> tuple[str, ...]:
    """Return the console lines that follow a link of a page.

    Code is shown in its panel if the step at the cursor is in that function, and is explained otherwise.
    Errors: BadInput for a panel that does not exist, or another kind of link.
    """
    active = [frame.function for frame in session.frames]
    if kind == "code" and target in active:
        return f"frame {active.index(target)}", panel_line("code")
    if kind == "panel":
        return (panel_line("centre" if target in CENTRES else target),)
    if kind not in _VERBS:
        raise BadInput(f"{kind[:20]}:{target[:40]} is not a link of a lesson; see pageq help scenario")
    return (f"{_VERBS[kind]} {target}",)


def panel_line(name: str) -> str:
    """Return the console line that goes to a panel.

    Errors: BadInput if there is no such panel.
    """
    if name not in PANELS:
        raise BadInput(f"there is no panel {name[:20]!r}; the panels are: {', '.join(PANELS)}")
    return f"panel-{PANELS.index(name) + 1}"


# --- what a page asks for ---------------------------------------------------------------------------------


def carry_out(desk: Desk, command: Command, argument: str) -> Motion | None:
    """Execute a command; if the open page of the lesson asks for it, note when it was carried out.

    That never moves in time. A question that stops the command comes first: the command is carried out when
    it has continued from there.
    Errors: those of the command; BadInput for one that a guest cannot use.
    """
    session = desk.session
    if not offered(command, guest=session.guest):
        raise BadInput(f":{command.word} is not possible here: {command.guest}")
    number = session.reading.page(session.history)
    if not (asks_for(session, command, argument) or _continues(session, command, number)):
        if command.id in _CHANGES and command.id != "continue-past":
            session.reading.stopped = None
        return command.function(desk, argument)
    before = _Before(number, session.learning.asked, leaving.warning(session))
    motion = command.function(desk, argument)
    if motion is not None:
        return _noted(session, motion, before)
    _note(session, before)
    return None


@dataclass(frozen=True)
class _Before:
    """What was open before a command: the page and the question; and what leaving would have lost."""

    page: int
    asked: Asked | None
    loss: str


def _noted(session: Session, motion: Motion, before: _Before) -> Motion:
    """Drive a motion; note that it has come to its end."""
    yield from motion
    _note(session, before)


def _note(session: Session, before: _Before) -> None:
    """Note that what a page asks for was carried out, or that a question has stopped it."""
    if not before.loss:
        leaving.remember(session)  # a branch that the lesson asked for is not the user's work
    asked = session.learning.asked
    if asked is not None and asked is not before.asked:
        session.reading.stopped = before.page
    else:
        session.reading.carry_out(session.history, before.page)


def _continues(session: Session, command: Command, number: int) -> bool:
    """Whether a command completes the one that page `number` asks for and that a question has stopped.

    An answer goes to the step that decides it: that completes a step or a call, but not a run.
    """
    wanted = _asked(session)
    if wanted is None:
        return False
    if command.id == "answer":
        return wanted[0].id in (*_STEPS, *_ASKS)
    stopped = command.id == "continue-past" and session.reading.stopped == number
    return stopped and wanted[0].id not in _ASKS


def asks_for(session: Session, command: Command, argument: str) -> bool:
    """Whether the open page asks for a command: with this argument, if it names one."""
    wanted = _asked(session)
    if wanted is None or wanted[0] != command:
        return False
    incomplete = bool(command.argument) and not command.argument.startswith("[") and not argument
    return not incomplete and (not wanted[1] or wanted[1].split() == argument.split())


def remind(session: Session, keys: Keys) -> bool:
    """Remind a reader, once, who skips what the next page speaks of; return whether."""
    reading, history = session.reading, session.history
    number = reading.page(history)
    if reading.reminded == number or not _is_needed(session, number):
        return False
    reading.reminded = number
    line = reading.pages[number].do
    key = _key(line, keys)
    # Short, so that a screen of 80 columns shows all of it; the page itself says what the key does.
    first = f"press {key}" if key else do_words(line, keys)
    session.say(f"first {first}; {keys.call('lesson-next')} again reads on without it")
    return True


def _is_needed(session: Session, number: int) -> bool:
    """Whether the next page depends on what page `number` asks for, because turning does not move time."""
    reading, history = session.reading, session.history
    wanted = _asked(session)
    if wanted is None or wanted[0].id not in _CHANGES or reading.done or number + 1 == len(reading.pages):
        return False
    return reading.has_moment(history, number + 1) and not cover(session) and not due_unanswered(session)


def _asked(session: Session) -> tuple[Command, str] | None:
    """Return the command and the argument that the open page asks for; None if it asks for nothing."""
    reading = session.reading
    line = reading.pages[reading.page(session.history)].do if reading.pages else ""
    try:
        return parse(line.removeprefix(":")) if line else None
    except BadInput:
        return None


def asked_line(session: Session) -> str:
    """Return the console line that the open page asks for; "" if it asks for nothing."""
    wanted = _asked(session)
    return "" if wanted is None else " ".join((wanted[0].word, wanted[1])).strip()


# --- what to press next -----------------------------------------------------------------------------------


def row_of_lesson(session: Session, keys: Keys | None = None) -> LessonRow:
    """Return the open page of the lesson, with the user's keys for what comes next."""
    reading, keys = session.reading, keys or Keys()
    number = reading.page(session.history)
    return lesson_row(
        session.scenario, number, hint_of(session, keys), _turn_words(session, keys),
        done=reading.done, values=session.lit.values, other=other_words(session),
    )  # fmt: skip


def _turn_words(session: Session, keys: Keys) -> str:
    """The key that reads on, and to what; on the last page the key alone, for the rest of the page."""
    reading, key = session.reading, keys.word("lesson-next")
    further = reading.page(session.history) + 1 < len(reading.pages)
    what = "next" if further else "your score" if card_is_ahead(session) else ""
    return f"{key} {what}".rstrip() if key else ""


def hint_of(session: Session, keys: Keys) -> str:
    """What the reader can do on the open page: what it asks for, or, at the end, where to go from here.

    In learn mode, a question that is due comes before that.
    """
    reading = session.reading
    if not reading.pages:
        return ""
    number = reading.page(session.history)
    page = reading.pages[number]
    waiting = due_unanswered(session) if session.learning.on else []
    if waiting:
        key, name = keys.call("predict"), f"question {waiting[0].number} of {len(session.questions)}"
        first = page.do and not reading.done
        return f"press {key}: {name} comes first" if first else f"press {key}: answer {name}"
    if not reading.reaches(session.history):
        return "this run does not come to the moment of this page"
    if page.do:
        return f"{asked_line(session)}: done" if reading.done else do_words(page.do, keys)
    if number + 1 < len(reading.pages):
        return ""
    if card_is_ahead(session):
        to = "" if session.history.outcome else "to the end of the run, "
        return f"press {keys.call('lesson-next')}: {to}your score, and what to do next"
    return _further(session, keys)


def _further(session: Session, keys: Keys) -> str:
    """Say how to open one of the next scenarios."""
    following, panel, browse = next_in_course(session), keys.word("panel-9"), keys.word("browse")
    ways = [f"type :open {following} for the next scenario"] if following else []
    if linked_scenarios(session):
        ways.append("click one" if following else "click a scenario")
        ways += [f"press {panel}, →, Enter"] if panel else []
    elif not following and browse:
        ways.append(f"press {browse}: choose the next scenario")
    return ", or ".join(ways)


def do_words(line: str, keys: Keys) -> str:
    """Say how to carry out a console line: its key and what that does, else what to type."""
    key = _key(line, keys)
    if not key:
        return f"type :{line.removeprefix(':')}"
    command, _ = parse(line.removeprefix(":"))
    return f"press {key}: {command.help[0].lower()}{command.help[1:].removesuffix('.')}"


def _key(line: str, keys: Keys) -> str:
    """The key that carries out a console line; "" if there is none."""
    try:
        command, argument = parse(line.removeprefix(":"))
    except BadInput:
        return ""
    return "" if argument else keys.word(command.id)
