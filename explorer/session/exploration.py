"""The exploration of a session's scenario: its search, and the branches in which its outcomes are opened.

It is about the scenario with the rules, machine and settings of the session, not about the cursor. A saved
session does not keep it: another search finds the same.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from engine.errors import BadInput, InvariantViolation
from engine.explore.exploration import Exploration, Found
from engine.explore.prepared import STEPS
from engine.run.branches import kept
from engine.run.schedule import parse_schedule
from engine.words import plural
from explorer.session import stepping
from explorer.session.schedule_search import Explored, Opened, search_of
from explorer.session.search_options import read_options
from explorer.session.session import Session
from explorer.session.stepping import Motion
from explorer.session.typed_number import number_of
from explorer.session.typed_word import word_of
from explorer.views.exploration_words import head_words

LENS: Final = "explore"

USAGE: Final = "use explore [OPTIONS], explore again [OPTIONS], explore open OUTCOME or explore depth N"

# --- the search -------------------------------------------------------------------------------------------


def begin(session: Session, text: str) -> bool:
    """Start a search, unless this scenario has been searched already; return whether one was started.

    text: options; after the word `again`, those of another search.
    Errors: BadInput for an invalid option, a session without a scenario, or while a search runs.
    """
    word, _, rest = text.partition(" ")
    again = word == "again"
    options = read_options(rest if again else text)
    if session.scenario is None:
        raise BadInput("this run has no scenario whose schedules could be searched; open a scenario first")
    if session.search is not None:
        if text:
            raise BadInput("a search is running; Esc stops it, then explore again")
        session.look_through(LENS)
        return False
    known = session.explored
    session.look_through(LENS)
    if known is not None and not text and not known.stopped:
        session.say(f"{head_words(known.exploration)}; :explore again searches again")
        return False
    computer = session.computer
    session.search = search_of(session.scenario, computer.search_options(options), computer.seconds)
    session.say("searching every schedule; Esc stops and keeps what was found")
    return True


def stop(session: Session) -> bool:
    """Let the running search end; return whether there is one."""
    if session.search is None:
        return False
    session.search.stop()
    session.say("the search ends; what it has found is kept")
    return True


def take(session: Session) -> None:
    """Take the result of a search that has ended.

    Errors: those of the search: BadInput, CapacityError, InvariantViolation.
    """
    search = session.search
    if search is None or not search.done:
        return
    session.search = None
    session.explored = search.result()
    exploration = session.explored.exploration
    how = "every schedule is searched" if exploration.complete else f"bounded (by {exploration.bound})"
    session.say(f"{how}: {plural(len(exploration.outcomes), 'outcome')}")


# --- an outcome as branches -------------------------------------------------------------------------------


def open_outcome(session: Session, text: str) -> Motion:
    """Open an outcome: its simplest schedule as a branch, beside it the one that differs in one choice.

    The cursor is at the point of no return; if there is none, or it is not known, at the end.
    text: the number of the outcome, its name, or the beginning of its name.
    Errors: BadInput for another text, JournalFullError.
    """
    explored = _explored(session)
    number = _number(explored.exploration, text)
    found, opened = explored.exploration.outcomes[number - 1], explored.opened.get(number)
    if opened is None or not _is_kept(session, opened):
        opened = yield from _opened(session, explored, number)
        explored.opened.pop(number, None)  # the one that was opened last comes last
        explored.opened[number] = opened
    session.history.switch(opened.branch)
    session.history.seek(opened.step)
    session.look_through(LENS)
    session.say(_opened_words(session, found, opened))


def go_to_depth(session: Session, text: str) -> None:
    """Go to a step of the outcome that was opened last, or whose branch is the current one.

    Errors: BadInput without an opened outcome.
    """
    step = number_of(text, "a depth")
    opened = opened_here(session)
    if opened is None:
        raise BadInput("no outcome is open; explore open OUTCOME opens one, then a depth is a step of it")
    history = session.history
    if history.current not in (opened.branch, opened.beside):
        history.switch(opened.branch)
    history.seek(max(min(step, history.total), 0))


def opened_here(session: Session) -> Opened | None:
    """The opened outcome whose branches have the cursor, else the one that was opened last, else None."""
    number = opened_number(session)
    return None if number is None or session.explored is None else session.explored.opened[number]


def opened_number(session: Session) -> int | None:
    """The number of the outcome of `opened_here`."""
    if session.explored is None:
        return None
    there = {number: one for number, one in session.explored.opened.items() if _is_kept(session, one)}
    current = session.history.current
    here = [number for number, one in there.items() if current in (one.branch, one.beside)]
    return next(reversed(here or list(there)), None)


def _explored(session: Session) -> Explored:
    if session.explored is None:
        raise BadInput("nothing is explored yet; explore searches every schedule")
    return session.explored


def _number(exploration: Exploration, text: str) -> int:
    """The number of an outcome that is named by it, by its name, or by the beginning of its name."""
    names = tuple(found.outcome for found in exploration.outcomes)
    if text.isdecimal() and 1 <= number_of(text, "an outcome") <= len(names):
        return int(text)
    name = word_of(text, names)
    if not name:
        known = ", ".join(f"{n} {one}" for n, one in enumerate(names, 1))
        raise BadInput(f"{text[:40]!r} is not an outcome that was found; there are {known or 'none'}")
    return names.index(name) + 1


def _is_kept(session: Session, opened: Opened) -> bool:
    there = kept(session.history.branches)
    return opened.branch in there and opened.beside in (None, *there)


def _opened(session: Session, explored: Explored, number: int) -> Generator[None, None, Opened]:
    """Make the branches of an outcome; it returns where they are."""
    history, found = session.history, explored.exploration.outcomes[number - 1]
    if not _has_room(session, found.steps):
        more = f"open the scenario with --set {STEPS}={found.steps + 1}"
        right = "open another outcome" if session.guest else more
        raise BadInput(f"its {found.steps:,} steps are more than {STEPS} allows; {right}")
    history.switch(0)
    history.seek(0)
    yield from _run(session, found.schedule, found.steps, _free_name(session, found.outcome))
    branch = history.current
    _check_end(session, found.schedule, found.outcome)
    at = found.inevitable
    opened = Opened(branch, None, at.step if at is not None and at.thread else history.total)
    beside = explored.way_beside(number)
    if beside is not None and _has_room(session, opened.step - 1 + beside.steps):
        history.seek(opened.step - 1)
        name = _free_name(session, f"{_short(beside.outcome)}-instead")
        yield from _run(session, beside.schedule, beside.steps, name)
        _check_end(session, beside.schedule, beside.outcome)
        opened.beside = history.current
        session.beside[branch], session.beside[opened.beside] = opened.beside, branch
    return opened


def _has_room(session: Session, steps: int) -> bool:
    """Whether a branch can take so many steps and then end."""
    most = session.history.max_steps
    return most is None or steps < most


def _run(session: Session, schedule: str, steps: int, name: str) -> Motion:
    """Start a branch at the cursor that follows a schedule, and take its steps."""
    history = session.history
    # Time passes only where the schedule says so, whatever the scenario's ticks are.
    timed = "tick:0," if session.vm.config.steps_per_tick and schedule else ""
    history.fork(parse_schedule(timed + schedule), name)
    end = history.step + steps
    while history.total < end and history.extend(min(stepping.SLICE, end - history.total)):
        yield
    stepping.settle(history)


ENDS: Final = ("completed", "blocked", "deadlock", "panic", "leak", "unlock_order")
"""The outcomes with which a branch ends as the search says."""


def _check_end(session: Session, schedule: str, said: str) -> None:
    kind, outcome = said.partition(":")[0], session.history.branch.outcome
    if kind in ENDS and outcome != kind:
        raise InvariantViolation(f"the schedule {schedule} ends as {outcome}; the search said {said}")


def _short(outcome: str) -> str:
    return outcome.partition(":")[0].replace(" ", "-")


def _free_name(session: Session, outcome: str) -> str:
    """A name for a branch that is not taken, without a colon."""
    name, names = _short(outcome), {one.name for _, one in session.history.kept()}
    return next(one for one in (name, *(f"{name}-{n}" for n in range(2, 1000))) if one not in names)


def _opened_words(session: Session, found: Found, opened: Opened) -> str:
    history, at = session.history, found.inevitable
    name = history.branches[opened.branch].name
    if at is None or not at.thread:
        return f"branch {opened.branch}, {name}, at its end: the simplest of these schedules"
    where = f"step {at.step:,} is the point of no return"
    if opened.beside is None:
        return where
    return f"{where}; compare compares it with {history.branches[opened.beside].name}"
