"""What a person did with a run, as little text as it takes to do it again: its course.

A run is deterministic, so the steps need not be kept but only what decided them. A course is a list of legs,
one a branch: where it left its parent, the schedule or the call that it began with, and its items - `*12`
for twelve steps as the schedule says, `app:5` for five that a person had the thread app take. Doing the same
again gives the same memory to the last cell, the schedule's own place included, so the run also goes on as
it would have gone on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from engine.language.symbols import Names
from engine.run.history import Branch, History
from engine.run.schedule import parse_schedule
from engine.scenario.loader import Scenario
from engine.script.injected_call import compile_call
from engine.words import thread_named

SCHEDULED: Final = "*"
MAIN: Final = "main"

_ITEM: Final = re.compile(r"\*(\d{1,10})|([A-Za-z_]\w*):(\d{1,10})", re.ASCII)


@dataclass(frozen=True)
class Call:
    """A call typed at the console: its thread's name and cpu, the first cell of its variables, its text."""

    owner: str
    cpu: int
    first: int
    text: str


@dataclass(frozen=True)
class Leg:
    """One branch: what it began with and the items of its own steps, as `*12,app:5`.

    parent:   the leg that it left, None for the first.
    fork:     the step at which it left.
    schedule: the SCHEDULE that begins there, None when the parent's goes on.
    call:     the call whose thread starts there; that it starts is a step, before those of the items.
    """

    parent: int | None = None
    fork: int = 0
    name: str = MAIN
    items: str = ""
    schedule: str | None = None
    call: Call | None = None


@dataclass(frozen=True)
class Course:
    """Every leg, a parent before its children; the current one; and the step at which the cursor stands."""

    legs: tuple[Leg, ...]
    current: int
    step: int


@dataclass(frozen=True)
class Replayed:
    """A history made again, and what each of its branches' names stand for."""

    history: History
    names: tuple[Names, ...]

    @property
    def current_names(self) -> Names:
        """The names in the current branch."""
        return self.names[self.history.current]


# --- taking it down ---------------------------------------------------------------------------------------


def course_of(history: History) -> Course:
    """Everything that was done: each branch to its end, and where the cursor stands."""
    legs = []
    for number, branch in enumerate(history.branches):
        parent = None if branch.parent is None else _origin(history, branch.parent, branch.fork_step)
        legs.append(_leg(history, number, parent, branch.timeline.journal.steps))
    return Course(tuple(legs), history.current, history.step)


def course_to_here(history: History) -> Course:
    """What it took to come to the cursor: the current branch and its parents, each as far as needed."""
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
    """Of a branch and its parents, the one that took `step`.

    at_fork: whether a branch that only begins there counts, unless what it begins with is a step.
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
    schedule = branch.schedule.text if branch.anew else None
    begin = branch.fork_step + (call is not None)
    return Leg(parent, branch.fork_step, branch.name, _items(branch, begin, end), schedule, call)


def _call(history: History, branch: Branch) -> Call | None:
    """The call that a branch began with."""
    if branch.parent is None:
        return None
    before = _origin(history, branch.parent, branch.fork_step)
    if len(branch.programs) == len(history.branches[before].programs):
        return None
    program = branch.programs[-1]
    first = min(program.names.values(), default=0)
    return Call(program.name, program.cpu, first, "\n".join(program.lines))


def _items(branch: Branch, begin: int, end: int) -> str:
    """The steps begin + 1 .. end of a branch, run-length encoded."""
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


# --- doing it again ---------------------------------------------------------------------------------------


def replay(scenario: Scenario, course: Course) -> Replayed:
    """Start the scenario and do again what its course says; the cursor stands where it stood.

    Errors: BadInput when that is not possible.
    """
    if not course.legs or not 0 <= course.current < len(course.legs):
        raise BadInput("the course has no current branch; it is damaged")
    history = scenario.start()
    names = [scenario.names]
    for number, leg in enumerate(course.legs):
        if number:
            names.append(_begin(history, leg, number, names))
        _take(history, leg)
    history.switch(course.current)
    history.seek(course.step)
    return Replayed(history, tuple(names))


def _begin(history: History, leg: Leg, number: int, names: list[Names]) -> Names:
    """Start the branch of a leg; what its names stand for."""
    if leg.parent is None or not 0 <= leg.parent < number:
        raise BadInput(f"{leg.name} has no parent among the branches before it; the course is damaged")
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
        if missing:
            raise BadInput(f"{leg.name} ends at step {history.total}, {missing} steps too early")


def read_items(text: str) -> Iterator[tuple[str | None, int]]:
    """Each item of a leg: the thread, None for whom the schedule says, and its number of steps.

    Errors: BadInput when one is none.
    """
    for word in text.split(",") if text else ():
        found = _ITEM.fullmatch(word)
        if found is None:
            raise BadInput(f"{word[:40]!r} is no item; it is *N or THREAD:N")
        yield found[2], int(found[1] or found[3])
