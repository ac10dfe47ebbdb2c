"""Branches: forking, following another schedule, calling a function by hand, and comparing moments."""

from __future__ import annotations

import re
from typing import Final

from engine.constants import NULL
from engine.debug.compare import Difference, Moment
from engine.debug.compare import compare as compare_moments
from engine.debug.journal_search import steps_of_thread
from engine.errors import BadInput
from engine.run.branches import check_can_drop, check_number
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.script.injected_call import compile_call, console_owner
from engine.words import byte_size, plural
from explorer.session import stepping
from explorer.session.session import Session
from explorer.session.stepping import Motion
from explorer.session.typed_number import number_of
from explorer.views.changes import change_of
from explorer.views.differences import differing_colors, differing_pages
from explorer.views.threads import thread_rows

_CPU: Final = re.compile(r"cpu\s+(\d{1,4})\s+(.*)", re.DOTALL)


def fork(session: Session, name: str) -> None:
    """Start a branch at the cursor that follows the same schedule.

    Errors: BadInput for a name that is taken or invalid.
    """
    _check_name(session, name)
    history = session.history
    before = history.current
    history.fork(name=name or None)
    session.say(f"{history.branch.name} starts at step {history.step:,}; :branch {before} goes back")


def branch(session: Session, text: str) -> None:
    """Go to a branch by its number or name; without one, list the branches.

    Errors: BadInput for an unknown branch.
    """
    history = session.history
    if not text:
        there = [f"{n} {one.name} (from step {one.fork_step:,})" for n, one in history.kept()]
        session.say(f"branches: {', '.join(there)}; :branch N goes to one")
        return
    history.switch(_numbered(session, text))
    session.say(f"{history.branch.name}: steps 0 to {history.total:,}")


def _numbered(session: Session, text: str) -> int:
    names = {one.name: number for number, one in session.history.kept()}
    if text in names:
        return names[text]
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise BadInput(f"there is no branch {text[:40]!r}; there are: {', '.join(names)}")
    return int(text)


def rename(session: Session, name: str) -> None:
    """Rename the current branch.

    Errors: BadInput for a name that is taken or invalid.
    """
    _check_name(session, name)
    session.history.branch.name = name
    session.say(f"this branch is now called {name}")


def drop(session: Session, text: str) -> None:
    """Give up a branch and free its history.

    Errors: BadInput for an unknown branch, the first branch, or a branch from which others started.
    """
    history, number = session.history, _numbered(session, text)
    check_can_drop(history.branches, number)
    name = history.branches[number].name
    session.called.pop(number, None)
    session.calls.forget(number)
    session.beside.pop(session.beside.pop(number, number), None)
    if session.compared is not None and number in (moment.branch for moment in session.compared[:2]):
        session.compared, session.differing, session.differing_pages = None, {}, frozenset()
    history.drop(number)
    used, limit = byte_size(history.budget.bytes), byte_size(history.limit)
    session.say(f"{name} is dropped; the history takes {used} of {limit}")


def _check_name(session: Session, name: str) -> None:
    """Check a name; a branch is looked up by name first, and `:compare` reads a colon as BRANCH:STEP."""
    names = [one.name for _, one in session.history.kept()]
    if ":" in name:
        raise BadInput(
            f"{name[:40]!r} is not a valid branch name; use one without a colon: BRANCH:STEP is a moment"
        )
    if name in names or name.isdecimal() or len(name) > 40 or not name.isprintable():
        raise BadInput(f"{name[:40]!r} is not a valid branch name; use a free name that is not a number")


def reschedule(session: Session, text: str) -> None:
    """Start a branch at the cursor that follows another schedule.

    Errors: BadInput for an invalid schedule.
    """
    schedule = parse_schedule(text)
    schedule.check_names(session.vm.thread_names)
    session.history.fork(schedule)
    session.say(f"{session.history.branch.name} follows {schedule.text}; s steps, c runs")


def call(session: Session, text: str) -> Motion:
    """Call a function by hand: start a branch here, in which a new thread runs the call to its end.

    The thread gets the cpu that is named, or the first that can run it, beginning with that of the last step.

    Errors: BadInput if the text is not a call.
    """
    given = _CPU.fullmatch(text)
    history = session.history
    cpu, words = (number_of(given[1], "a cpu"), given[2]) if given else (_free_cpu(history), text)
    owner = console_owner(session.names)
    program, names = compile_call(words, session.names, cpu, owner)
    t = history.inject(program, f"{owner} at {history.step:,}")
    session.called[history.current] = names
    begin, chosen = history.step, session.chosen
    session.chosen = t
    yield from stepping.until_ended(session, t)
    session.chosen = chosen
    taken = int(steps_of_thread(history, t, begin, history.step).size)
    took = f"took {plural(taken, 'step')} in {history.branch.name}" if taken else "has not run yet"
    session.say(f"{owner} on cpu{cpu}: {words.strip()} {took}{_why_unfinished(session, t)}")


def _free_cpu(history: History) -> int:
    """The first cpu, beginning with that of the last step, that can run a new thread at once."""
    history.go_live()
    last, count = history.vm.mycpu, history.vm.ncpus
    order = [(last + offset) % count for offset in range(count)]
    return next((cpu for cpu in order if history.runner.threads.accepts(cpu)), last)


def _why_unfinished(session: Session, t: int) -> str:
    """Why a called thread has not ended, as the end of a sentence; "" if it has."""
    history = session.history
    row = thread_rows(history, session.labels, None)[t]
    if row.state == "ended":
        return ""
    if row.waits:
        return f"; it waits for {row.waits}"
    keeper = history.vm.cpu.current[row.cpu]
    if row.state == "in queue" and keeper != NULL:
        who = session.labels.thread(keeper)
        return f"; it is queued: {who} spins or holds a spinlock and keeps cpu{row.cpu}"
    return f"; it is {row.state}"


def compare(session: Session, text: str) -> None:
    """Compare two moments, or this one with a branch, and report how they differ.

    Errors: BadInput for a branch or a step that does not exist.
    """
    left, right = _moments(session, text)
    session.compared = (left, right, tuple(compare_moments(session.history, left, right)))
    session.look_through("compare")
    found = session.compared[2]
    session.differing = differing_colors(session.vm, found)
    session.differing_pages = differing_pages(session.vm, found)
    names = session.history.branches
    where = f"{names[left.branch].name}:{left.step:,} and {names[right.branch].name}:{right.step:,}"
    on = runs_on(session, left, right)
    session.say(f"{where} differ in {_differences(session, found)}{f'; {on}' if on else ''}")


def _moments(session: Session, text: str) -> tuple[Moment, Moment]:
    here = Moment(session.history.current, session.history.step)
    words = text.split()
    if len(words) > 2:
        raise BadInput("compare takes at most two moments; write them as BRANCH or BRANCH:STEP")
    if len(words) == 2:
        return _moment(session, words[0]), _moment(session, words[1])
    if words:
        return here, _moment(session, words[0])
    history = session.history
    other = session.beside.get(history.current, history.branch.parent)
    if other is None:
        raise BadInput("this branch has no parent; give a moment to compare with: BRANCH or BRANCH:STEP")
    return here, _beside(session, other)


def _beside(session: Session, number: int) -> Moment:
    """The moment of a branch to set beside the cursor: the same step, or its end if both have ended."""
    branch = session.history.branches[number]
    both = session.history.outcome is not None and branch.outcome is not None
    return Moment(number, branch.total if both else min(session.history.step, branch.total))


def runs_on(session: Session, left: Moment, right: Moment) -> str:
    """How far one of two moments is from its branch's end if the other is at its own; "" if neither is so."""
    branches = session.history.branches
    rest = [branches[moment.branch].total - moment.step for moment in (left, right)]
    ended = [not n and branches[moment.branch].outcome for n, moment in zip(rest, (left, right), strict=True)]
    for n, moment, other in zip(rest, (left, right), reversed(ended), strict=True):
        if n and other:
            branch = branches[moment.branch]
            to = "to its end" if branch.outcome else "and has not ended"
            return f"{branch.name} runs on: {plural(n, 'step')} more, {to}"
    return ""


def _moment(session: Session, word: str) -> Moment:
    name, colon, step = word.partition(":")
    number = _numbered(session, name)
    check_number(session.history.branches, number)
    if colon and step == "end":
        return Moment(number, session.history.branches[number].total)
    return Moment(number, number_of(step, "a step")) if colon else _beside(session, number)


def _differences(session: Session, found: tuple[Difference, ...]) -> str:
    """How many cells differ, the first one, and how many cells of bookkeeping, which the lens leaves out."""
    changes = [change_of(session.labels, one.address, one.left, one.right) for one in found]
    shown = [change for change in changes if not change.plumbing]
    words = plural(len(shown), "cell")
    if shown:
        words += f", first {shown[0].subject} {shown[0].cell}: {shown[0].old} vs {shown[0].new}"
    hidden = len(changes) - len(shown)
    return f"{words}; {hidden:,} of bookkeeping" if hidden else words
