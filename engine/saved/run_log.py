"""The run log of a session (a Course): the decisions of a run, as short text from which it can be replayed.

A run is deterministic, so only the decisions are kept, not the steps. A course is a list of legs, one per
branch:
the fork, the schedule or call that the branch started with, and its items: `*12` is twelve steps chosen by
the schedule, `app:5` is five steps for which the user chose thread app. A replay gives the same memory in
every cell, including the schedule's progress, so the run also continues in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from engine.language.symbols import Names
from engine.memory.journal import HISTORY_LIMIT
from engine.run.branches import Branch
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.scenario.loader import Scenario
from engine.script.injected_call import compile_call
from engine.words import plural, thread_named

SCHEDULED: Final = "*"
MAIN: Final = "main"

_ITEM: Final = re.compile(r"\*(\d{1,10})|([A-Za-z_]\w*):(\d{1,10})", re.ASCII)


@dataclass(frozen=True)
class Call:
    """A console call: its thread's name and cpu, the first cell of its variables, its text."""

    owner: str
    cpu: int
    first: int
    text: str


@dataclass(frozen=True)
class Leg:
    """One branch: what it started with, and the items of its own steps, such as `*12,app:5`.

    parent:   the leg that it forked from, None for the first leg.
    fork:     the step of the fork.
    schedule: the SCHEDULE that starts at the fork, None if the parent's continues.
    call:     the call whose thread starts at the fork; its start is a step before those of the items.
    """

    parent: int | None = None
    fork: int = 0
    name: str = MAIN
    items: str = ""
    schedule: str | None = None
    call: Call | None = None


@dataclass(frozen=True)
class Course:
    """All legs, parents before children; the current leg; and the step of the cursor."""

    legs: tuple[Leg, ...]
    current: int
    step: int


@dataclass(frozen=True)
class Replayed:
    """A replayed history, and the names (variables, objects) of each of its branches."""

    history: History
    names: tuple[Names, ...]

    @property
    def current_names(self) -> Names:
        """The names in the current branch."""
        return self.names[self.history.current]


# --- recording --------------------------------------------------------------------------------------------


def course_of(history: History) -> Course:
    """Return the complete course: each branch to its end, and the cursor. Dropped branches have no leg."""
    legs, leg_of = list[Leg](), dict[int, int]()
    for number, branch in history.kept():
        leg_of[number] = len(legs)
        parent = None if branch.parent is None else leg_of[_origin(history, branch.parent, branch.fork_step)]
        legs.append(_leg(history, number, parent, branch.total))
    return Course(tuple(legs), leg_of[history.current], history.step)


def course_to_here(history: History) -> Course:
    """Return the course that leads to the cursor: the current branch and its ancestors, as far as needed."""
    number, end = _origin(history, history.current, history.step, at_fork=True), history.step
    way = [(number, end)]
    while (parent := history.branches[number].parent) is not None:
        end = history.branches[number].fork_step
        number = _origin(history, parent, end)
        way.append((number, end))
    way.reverse()
    legs = [_leg(history, number, n - 1 if n else None, end) for n, (number, end) in enumerate(way)]
    return Course(tuple(legs), len(legs) - 1, history.step)


def _origin(history: History, number: int, step: int, *, at_fork: bool = False) -> int:
    """Return the branch, among branch `number` and its ancestors, that took `step`.

    at_fork: whether a branch that forks at `step` is returned too, unless it starts with a call.
    """
    while (parent := history.branches[number].parent) is not None:
        branch = history.branches[number]
        if step > branch.fork_step:
            break
        if at_fork and step == branch.fork_step and _call(history, branch) is None:
            break
        number = parent
    return number


def _leg(history: History, number: int, parent: int | None, end: int) -> Leg:
    branch = history.branches[number]
    call = _call(history, branch)
    schedule = branch.schedule.text if branch.restarts else None
    begin = branch.fork_step + (call is not None)
    return Leg(parent, branch.fork_step, branch.name, _items(branch, begin, end), schedule, call)


def _call(history: History, branch: Branch) -> Call | None:
    """Return the call that a branch started with, or None."""
    if branch.parent is None:
        return None
    before = _origin(history, branch.parent, branch.fork_step)
    if len(branch.programs) == len(history.branches[before].programs):
        return None
    program = branch.programs[-1]
    first = min(program.names.values(), default=0)
    return Call(program.name, program.cpu, first, "\n".join(program.lines))


def _items(branch: Branch, begin: int, end: int) -> str:
    """Return the steps begin + 1 .. end of a branch, run-length encoded."""
    journal, runs = branch.timeline.journal, list[tuple[str, int]]()
    at = begin
    for step in [chosen for chosen in branch.chosen if begin < chosen <= end]:
        if step - 1 > at:
            runs.append((SCHEDULED, step - 1 - at))
        name = branch.programs[journal.thread(step)].name
        again = runs and runs[-1][0] == name
        runs[-1:] = [(name, runs[-1][1] + 1)] if again else [*runs[-1:], (name, 1)]
        at = step
    if end > at:
        runs.append((SCHEDULED, end - at))
    return ",".join(f"*{n}" if name == SCHEDULED else f"{name}:{n}" for name, n in runs)


# --- replaying --------------------------------------------------------------------------------------------


def replay(scenario: Scenario, course: Course, limit: int = HISTORY_LIMIT) -> Replayed:
    """Start the scenario, replay its course, and move the cursor to the step of the course.

    limit: as for History.

    Errors: BadInput if that is not possible, JournalFullError if the history has no room for it.
    """
    if not course.legs or not 0 <= course.current < len(course.legs):
        raise BadInput("the run log has no current branch; it is damaged")
    history = scenario.start(limit)
    names = [scenario.names]
    for number, leg in enumerate(course.legs):
        if number:
            names.append(_begin(history, leg, number, names))
        _take(history, leg)
    history.switch(course.current)
    history.seek(course.step)
    return Replayed(history, tuple(names))


def _begin(history: History, leg: Leg, number: int, names: list[Names]) -> Names:
    """Start the branch of a leg; return its names."""
    if leg.parent is None or not 0 <= leg.parent < number:
        raise BadInput(f"the parent of {leg.name} is not an earlier branch; the run log is damaged")
    schedule = None if leg.schedule is None else parse_schedule(leg.schedule)
    history.switch(leg.parent)
    history.seek(leg.fork)
    if leg.call is None:
        history.fork(schedule, leg.name)
        return names[leg.parent]
    call = leg.call
    program, known = compile_call(call.text, names[leg.parent], call.cpu, call.owner, call.first)
    history.inject(program, leg.name, schedule)
    return known


def _take(history: History, leg: Leg) -> None:
    for thread, count in read_items(leg.items):
        before = history.total
        if thread is None:
            history.extend(count)
        else:
            t = thread_named(history.vm.thread_names, thread)
            while history.total - before < count and history.step_thread(t):
                pass
        missing = count - (history.total - before)
        if missing and history.budget.full:
            raise history.budget.error(history.total)
        if missing:
            raise BadInput(f"{leg.name} ends at step {history.total}, {plural(missing, 'step')} too early")


def read_items(text: str) -> Iterator[tuple[str | None, int]]:
    """Yield each item of a leg: the thread, None for the schedule's choice, and the number of steps.

    Errors: BadInput if a word is not an item.
    """
    for word in text.split(",") if text else ():
        found = _ITEM.fullmatch(word)
        if found is None:
            raise BadInput(f"{word[:40]!r} is not an item; use *N or THREAD:N")
        yield found[2], int(found[1] or found[3])
