"""Other futures: forking, following another schedule, calling something by hand, and comparing."""

from __future__ import annotations

import re
from typing import Final

from engine.debug.compare import Difference, Moment
from engine.debug.compare import compare as compare_moments
from engine.debug.journal_search import steps_of_thread
from engine.errors import BadInput
from engine.run.schedule import parse_schedule
from engine.script.injected_call import compile_call, console_owner
from explorer.session import stepping
from explorer.session.session import Session, number_of
from explorer.session.stepping import Motion
from explorer.views.changes import change_of
from explorer.views.differences import differing_colors

_CPU: Final = re.compile(r"cpu\s+(\d{1,4})\s+(.*)", re.DOTALL)


def fork(session: Session, name: str) -> None:
    """Start a branch at the cursor that goes on as before until it is told otherwise.

    Errors: BadInput for a name that is taken, or is no name.
    """
    _check_name(session, name)
    history = session.history
    before = history.current
    history.fork(name=name or None)
    session.say(f"{history.branch.name} begins at step {history.step:,}; :branch {before} goes back")


def branch(session: Session, text: str) -> None:
    """Go to a branch by its number or name; without one, say which there are.

    Errors: BadInput when there is none.
    """
    history = session.history
    if not text:
        there = [f"{n} {one.name} (from step {one.fork_step:,})" for n, one in enumerate(history.branches)]
        session.say(f"branches: {', '.join(there)}; :branch N goes there")
        return
    history.switch(_numbered(session, text))
    session.say(f"{history.branch.name}: steps 0 to {history.total:,}")


def _numbered(session: Session, text: str) -> int:
    names = [one.name for one in session.history.branches]
    if text in names:
        return names.index(text)
    if not text.isdecimal():
        raise BadInput(f"there is no branch {text[:40]!r}; there are: {', '.join(names)}")
    return int(text)


def rename(session: Session, name: str) -> None:
    """Name the current branch.

    Errors: BadInput for a name that is taken, or is no name.
    """
    _check_name(session, name)
    session.history.branch.name = name
    session.say(f"this branch is called {name}")


def _check_name(session: Session, name: str) -> None:
    """A branch is found by its name before its number, so a name must not look like another's."""
    names = [one.name for one in session.history.branches]
    if name in names or name.isdecimal() or len(name) > 40:
        raise BadInput(f"{name[:40]!r} cannot be a branch's name; take one that is free and no number")


def reschedule(session: Session, text: str) -> None:
    """Start a branch at the cursor that follows another schedule.

    Errors: BadInput when it is none.
    """
    schedule = parse_schedule(text)
    schedule.check_names(session.vm.thread_names)
    session.history.fork(schedule)
    session.say(f"{session.history.branch.name} follows {schedule.text}; s steps, c runs")


def call(session: Session, text: str) -> Motion:
    """Call something by hand: a branch begins here in which a thread of its own runs it to its end.

    Errors: BadInput when it is no call.
    """
    given = _CPU.fullmatch(text)
    cpu, words = (number_of(given[1], "a cpu"), given[2]) if given else (session.vm.mycpu, text)
    history = session.history
    owner = console_owner(session.names)
    program, names = compile_call(words, session.names, cpu, owner)
    t = history.inject(program, f"{owner} at {history.step:,}")
    session.called[history.current] = names
    begin, chosen = history.step, session.chosen
    session.chosen = t
    yield from stepping.until_ended(session, t)
    session.chosen = chosen
    taken = int(steps_of_thread(history, t, begin, history.step).size)
    session.say(f"{owner} on cpu{cpu}: {words.strip()} took {taken} steps, in {history.branch.name}")


def compare(session: Session, text: str) -> None:
    """Compare two moments, or this one with a branch, and say how they differ.

    Errors: BadInput for a branch or a step that is not there.
    """
    left, right = _moments(session, text)
    session.compared = (left, right, tuple(compare_moments(session.history, left, right)))
    session.lens = "compare"
    found = session.compared[2]
    session.differing = differing_colors(session.vm, found)
    names = session.history.branches
    where = f"{names[left.branch].name}:{left.step:,} and {names[right.branch].name}:{right.step:,}"
    session.say(f"{where} differ in {len(found):,} cells{_example(session, found)}")


def _moments(session: Session, text: str) -> tuple[Moment, Moment]:
    here = Moment(session.history.current, session.history.step)
    words = text.split()
    if len(words) > 2:
        raise BadInput("compare takes at most two moments; write them as BRANCH or BRANCH:STEP")
    if len(words) == 2:
        return _moment(session, words[0]), _moment(session, words[1])
    if words:
        return here, _moment(session, words[0])
    parent = session.history.branch.parent
    if parent is None:
        raise BadInput("this branch has no parent; write what to compare with: BRANCH or BRANCH:STEP")
    total = session.history.branches[parent].timeline.journal.steps
    return here, Moment(parent, min(here.step, total))


def _moment(session: Session, word: str) -> Moment:
    name, colon, step = word.partition(":")
    number = _numbered(session, name)
    if not 0 <= number < len(session.history.branches):
        raise BadInput(f"there is no branch {number}; there are 0 to {len(session.history.branches) - 1}")
    total = session.history.branches[number].timeline.journal.steps
    return Moment(number, number_of(step, "a step") if colon else min(session.history.step, total))


def _example(session: Session, found: tuple[Difference, ...]) -> str:
    if not found:
        return ""
    change = change_of(session.labels, found[0].address, found[0].left, found[0].right)
    return f", first {change.subject} {change.cell}: {change.old} or {change.new}"
