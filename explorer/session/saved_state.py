"""The content of a saved session: each entry is a field of SessionState.

To add an entry, add a field: it defines the value in the file, how to take it from a session, and how to
restore it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from engine.constants import NULL
from engine.debug.stop_syntax import parse_break, parse_watch
from engine.errors import BadInput
from engine.inputs.shapes import Shape, is_count, is_flag, is_number, is_text, list_of, or_null, row_of
from engine.saved.state_string import encode, token_of
from engine.scenario.library import OWN, Library, open_course
from explorer.session.leaving import remember
from explorer.session.questions import take_back
from explorer.session.score import Given
from explorer.session.session import Session
from explorer.views.values import watched

Value = Any
"""A JSON value, with tuples for lists."""


@dataclass(frozen=True)
class Entry:
    """The definition of an entry.

    wanted:  a description of valid values, for messages about invalid ones.
    suits:   whether a value from a file is valid.
    of, put: take it from a session, and restore it; put raises BadInput for a thing missing from this run.
    """

    wanted: str
    suits: Shape
    of: Callable[[Session], Value]
    put: Callable[[Session, Value], None]


def _put_nothing(session: Session, value: Value) -> None:
    """Do nothing: the state string has restored the entry already."""


def _entry(
    wanted: str,
    suits: Shape,
    of: Callable[[Session], Value],
    put: Callable[[Session, Value], None] = _put_nothing,
    default: Value = MISSING,
) -> Value:
    return field(default=default, metadata={"entry": Entry(wanted, suits, of, put)})


# --- taking and restoring ---------------------------------------------------------------------------------


def token(session: Session, *, every_branch: bool) -> str:
    """The state string of the moment; with `every_branch`, also of the branches that do not lead to it.

    Errors: BadInput for a run without a scenario.
    """
    if session.scenario is None:
        raise BadInput("this run has no scenario, so it cannot be opened again")
    return encode(token_of(session.scenario, session.history, every_branch=every_branch))


_READERS = {"break": parse_break, "watch": parse_watch}


def _is_stop(value: Value) -> bool:
    return is_text(value) and value.partition(" ")[0] in _READERS and " " in value


def _put_stops(session: Session, texts: Value) -> None:
    for number, text in enumerate(texts, 1):
        word, _, rest = text.partition(" ")
        session.stops.append(_READERS[word](rest, number, session.history, session.names))


def _pinned(session: Session) -> Value:
    return None if session.pinned is None else session.vm.page_number(session.pinned)


def _pin(session: Session, number: Value) -> None:
    if number is None:
        return
    m = session.vm.page_index(number)
    if m == NULL:
        raise BadInput(f"the session pins page {number:#x}, which this machine does not have")
    session.pin(m)


def _chosen(session: Session) -> Value:
    return None if session.chosen is None else session.history.programs[session.chosen].name


def _choose(session: Session, name: Value) -> None:
    session.chosen = None if name is None else session.thread_named(name)


def _put_watched(session: Session, texts: Value) -> None:
    session.watched = [watched(text, session.names) for text in texts]


def _answers(session: Session) -> Value:
    """The answers; a saved session counts branches without the dropped ones, whose answers have branch -1."""
    saved = {number: at for at, (number, _) in enumerate(session.history.kept())}
    answers = session.score.answers.items()
    return tuple((saved.get(branch, -1), step, ask, right) for (branch, step, ask), right in answers)


def _put_answers(session: Session, rows: Value) -> None:
    session.score.answers.update({(branch, step, ask): right for branch, step, ask, right in rows})


def _given(session: Session) -> Value:
    """The answers to the scenario's questions that are decided."""
    return tuple((name, one.text, one.right) for name, one in session.score.given.items())


def _put_given(session: Session, rows: Value) -> None:
    session.score.given.update({name: Given(text, right) for name, text, right in rows})


def _kept(session: Session) -> Value:
    """The answers that are not decided yet."""
    return tuple((name, one.text) for name, one in session.learning.replies.items())


def _put_kept(session: Session, rows: Value) -> None:
    for name, text in rows:
        take_back(session, name, text)


def _course(session: Session) -> Value:
    return None if session.library == OWN else str(session.library.path.resolve())


def _put_seed(session: Session, seed: Value) -> None:
    session.learning.seed = seed


@dataclass(frozen=True)
class SessionState:
    """The entries of a saved session.

    token:    the state string of the run with all its branches, at the step of the cursor.
    marks:    each marked step with its letter, or "".
    stops:    breakpoints and watchpoints as they were written, `break ...` or `watch ...`.
    pinned:   the physical number of the pinned page, or None.
    chosen:   the name of the thread that the user steps, or None to follow the schedule.
    branches: the names of the branches, for a list of sessions; the state string has them too.
    watching: the expressions of the lens `watching`.
    answers:  each made-up question, by branch, step and text, and whether the answer was right.
    given:    each answer to a question of the scenario: the question's id, the choice, whether it was right.
    seed:     of the order of the choices.
    kept:     each answer that is not decided yet: the question's id and the choice.
    course:   the folder of the course whose library the session uses, or None for the built-in one.
    """

    token: str = _entry(
        "the state string as a string", is_text, lambda session: token(session, every_branch=True)
    )
    marks: tuple[tuple[int, str], ...] = _entry(
        'a list of [step, "letter"]',
        list_of(row_of(is_count, is_text)),
        lambda session: tuple(sorted(session.marks.items())),
        lambda session, marks: session.marks.update(marks),
        (),
    )
    stops: tuple[str, ...] = _entry(
        "a list of `break ...` and `watch ...`",
        list_of(_is_stop),
        lambda session: tuple(f"{stop.word} {stop.text}" for stop in session.stops),
        _put_stops,
        (),
    )
    pinned: int | None = _entry("a page number or null", or_null(is_number), _pinned, _pin, None)
    chosen: str | None = _entry("a thread's name or null", or_null(is_text), _chosen, _choose, None)
    branches: tuple[str, ...] = _entry(
        "a list of names",
        list_of(is_text),
        lambda session: tuple(branch.name for _, branch in session.history.kept()),
        default=("main",),
    )
    answers: tuple[tuple[int, int, str, bool], ...] = _entry(
        "a list of [branch, step, question, right]",
        list_of(row_of(is_number, is_number, is_text, is_flag)),
        _answers,
        _put_answers,
        (),
    )
    given: tuple[tuple[str, str, bool], ...] = _entry(
        "a list of [question id, answer, right]",
        list_of(row_of(is_text, is_text, is_flag)),
        _given,
        _put_given,
        (),
    )
    seed: int = _entry("a number", is_count, lambda session: session.learning.seed, _put_seed, 0)
    kept: tuple[tuple[str, str], ...] = _entry(
        "a list of [question id, answer]", list_of(row_of(is_text, is_text)), _kept, _put_kept, ()
    )
    watching: tuple[str, ...] = _entry(
        "a list of expressions",
        list_of(is_text),
        lambda session: tuple(one.text for one in session.watched),
        _put_watched,
        (),
    )
    course: str | None = _entry("a folder or null", or_null(is_text), _course, default=None)


ENTRIES: dict[str, Entry] = {part.name: part.metadata["entry"] for part in fields(SessionState)}
"""The entries of a session file by name, in order."""


def course_of(state: SessionState) -> Library:
    """The library that a saved session used; the built-in one if its course does not open any more."""
    if state.course is not None:
        with suppress(BadInput):
            return open_course(state.course)
    return OWN


def state_of(session: Session) -> SessionState:
    """The state of a session, to save.

    Errors: BadInput for a run without a scenario.
    """
    return SessionState(**{name: entry.of(session) for name, entry in ENTRIES.items()})


def restore(session: Session, state: SessionState) -> None:
    """Restore a saved state into a session whose history is already open.

    Errors: BadInput for a breakpoint, a page or a thread that this run does not have.
    """
    for name, entry in ENTRIES.items():
        entry.put(session, getattr(state, name))
    remember(session)
    session.say(f"session restored at step {session.history.step:,}; ? for help", "hint")
    if state.course is not None and session.library == OWN:
        session.say(f"the course {state.course} does not open any more; --course DIR gives another", "error")
