"""Moments of a run: a step, `start`, `end`, `when EXPR`, or a thread's first arrival at a line of its script.

A line is `THREAD:LINE`, or `THREAD:@ANCHOR` if it ends in the comment `#@ANCHOR`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.debug.expression_curve import expression_curve, work_out
from engine.debug.journal_search import writes_between
from engine.errors import BadInput
from engine.language.expressions import Expression, Unreadable, compile_expression
from engine.language.symbols import Names
from engine.machine.tables import PANICKED
from engine.run.history import History
from engine.run.program import Program
from engine.run.runner import PANIC
from engine.words import plural

STEPS: Final = 1_000_000
"""Default number of steps up to which a run is extended in search of a moment."""

FORMS: Final = "a step, start, end, THREAD:LINE, THREAD:@ANCHOR or when EXPR"

_LINE_FORMS: Final = "THREAD:LINE or THREAD:@ANCHOR"

_CHUNK: Final = 4096
_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)
_LINE: Final = re.compile(r"([A-Za-z_]\w*)\s*:\s*(?:(\d{1,9})|@([a-z][a-z0-9-]*))", re.ASCII)
_WHEN: Final = re.compile(r"when\b\s*(.*)", re.DOTALL)

Moment = str | int
"""A moment as it is written."""


@dataclass(frozen=True)
class AtStep:
    """The moment after step `number`."""

    number: int


@dataclass(frozen=True)
class AtEnd:
    """The end of the run."""


@dataclass(frozen=True)
class Arrival:
    """The first arrival of thread `t` at a line of its script."""

    t: int
    line: int


@dataclass(frozen=True)
class When:
    """The first step after which an expression holds; where it cannot be evaluated, it does not hold."""

    expression: Expression


Point = AtStep | AtEnd | Arrival | When
"""A moment that was read: it is valid for the programs of its run."""

# --- reading ------------------------------------------------------------------------------------------------


def step_number(moment: Moment) -> int | None:
    """Return the step of a moment given as a number; None for any other moment."""
    return int(moment) if isinstance(moment, int) or _NUMBER.fullmatch(moment) else None


def read_moment(
    moment: Moment, programs: Sequence[Program], names: Names | None = None, *, end: bool = True
) -> Point:
    """Read a moment of a run of these programs.

    names: those of the scenario, for `when EXPR`; without them it is refused.
    end:   whether `end` is allowed.
    Errors: BadInput if it is not a moment, the thread or the anchor does not exist, the line has no
    instruction, or EXPR is not one.
    """
    number = step_number(moment)
    if number is not None or isinstance(moment, int):
        return AtStep(number or 0)
    text = moment.strip()
    if text == "start":
        return AtStep(0)
    if text == "end" and end:
        return AtEnd()
    if (found := _WHEN.fullmatch(text)) and found[1] and names is not None:
        return When(_condition(found[1], names))
    forms = FORMS if end else FORMS.replace("end, ", "")
    return _thread_and_line(text, programs, f"is not a moment; write {forms}")


def _condition(text: str, names: Names) -> Expression:
    try:
        return compile_expression(text, names)
    except Unreadable as error:
        right = "write when EXPR, such as when count(FREE) < 40"
        raise BadInput(f"{text[:60]!r} is not an EXPR: {error.message}; {right}") from None


def read_line(text: str, programs: Sequence[Program]) -> Arrival:
    """Read a line of a script, `THREAD:LINE` or `THREAD:@ANCHOR`.

    Errors: BadInput if it is not one, the thread or the anchor does not exist, or the line has no
    instruction.
    """
    return _thread_and_line(text.strip(), programs, f"is not a line of a script; write {_LINE_FORMS}")


def _thread_and_line(moment: str, programs: Sequence[Program], otherwise: str) -> Arrival:
    """Read a line of a script; otherwise: what to say about a text that is not one."""
    match = _LINE.fullmatch(moment)
    by_name = {program.name: t for t, program in enumerate(programs)}
    if match is None:
        raise BadInput(f"{moment[:60]!r} {otherwise}")
    if match[1] not in by_name:
        known = ", ".join(by_name) or "none"
        raise BadInput(f"there is no thread {match[1][:40]!r}; the threads are: {known}")
    t = by_name[match[1]]
    line = _anchored(programs[t], match[3]) if match[3] else _with_code(programs[t], int(match[2]))
    return Arrival(t, line)


def _anchored(program: Program, name: str) -> int:
    if name not in program.anchors:
        known = ", ".join(f"@{anchor}" for anchor in program.anchors)
        there = f"its anchors are: {known}" if known else "it has none; end one of its lines with #@NAME"
        raise BadInput(f"{program.name} has no anchor @{name[:40]}; {there}")
    return program.anchors[name]


def _with_code(program: Program, line: int) -> int:
    lines = sorted({instruction.line for instruction in program.instructions})
    if line not in lines:
        known = ", ".join(map(str, lines[:40])) or "none"
        raise BadInput(f"line {line} of {program.name} has no code; the lines with code are: {known}")
    return line


# --- finding ------------------------------------------------------------------------------------------------


def find_step(history: History, at: Moment | Point, limit: int = STEPS, names: Names | None = None) -> int:
    """Return the step of a moment in the current branch, extending the run as far as needed.

    Does not move the cursor.
    limit: the maximum total number of steps of the run.
    names: as for read_moment.
    Errors: BadInput if the run never reaches the moment; those of read_moment and of Runner.take.
    """
    point = _point(history, at, names)
    cursor = history.step
    try:
        return _find(history, point, limit)
    finally:
        history.seek(cursor)


def find_after(history: History, at: Moment | Point, limit: int = STEPS, names: Names | None = None) -> int:
    """Return the first step after which the line `at` has completed or panicked.

    For any moment that is not a line, it is its step.

    Errors: as find_step.
    """
    point = _point(history, at, names, end=False)
    cursor = history.step
    try:
        if isinstance(point, Arrival):
            return _find_line(history, point, limit, leaving=True)
        return _find(history, point, limit)
    finally:
        history.seek(cursor)


def find_before(history: History, at: Moment | Point, limit: int = STEPS, names: Names | None = None) -> int:
    """Return the step after which the line `at` is next to run; for step n, the step before it.

    Errors: as find_step.
    """
    point = _point(history, at, names)
    step = find_step(history, point, limit)
    return max(step - 1, 0) if isinstance(point, AtStep) else step


def _point(history: History, at: Moment | Point, names: Names | None, *, end: bool = True) -> Point:
    return read_moment(at, history.programs, names, end=end) if isinstance(at, (str, int)) else at


def _find(history: History, point: Point, limit: int) -> int:
    match point:
        case AtStep(number):
            return _find_number(history, number, limit)
        case AtEnd():
            return _find_end(history, limit)
        case Arrival():
            return _find_line(history, point, limit, leaving=False)
        case When(expression):
            return _find_when(history, expression, limit)


def _find_number(history: History, step: int, limit: int) -> int:
    while history.total < step and _extend(history, min(limit, step)):
        pass
    if step > history.total:
        raise BadInput(f"there is no step {step}; the run has steps 0 to {history.total}")
    return step


def _find_end(history: History, limit: int) -> int:
    while _extend(history, limit):
        pass
    return history.total


def _find_when(history: History, expression: Expression, limit: int) -> int:
    while (step := first_holding(history, expression)) is None and _extend(history, limit):
        pass
    if step is None:
        raise BadInput(f"{expression.text[:60]!r} never holds; the run has {plural(history.total, 'step')}")
    return step


def first_holding(history: History, expression: Expression, most: int | None = None) -> int | None:
    """Return the first recorded step of the branch after which an expression holds; None without one.

    Where it cannot be evaluated, it does not hold. Does not move the cursor.
    most: evaluate it this number of times at most; the next call continues.
    """
    if (step := expression_curve(history, expression)[0].first_holding()) is not None:
        return step
    for _ in work_out(history, expression, most):
        if (step := expression_curve(history, expression)[0].first_holding()) is not None:
            return step
    return None


def _extend(history: History, limit: int) -> bool:
    """Take more steps; return False if there are none to take."""
    if history.branch.outcome is not None:
        return False
    left = min(_CHUNK, limit - history.total)
    return left > 0 and history.extend(left) > 0


def _find_line(history: History, at: Arrival, limit: int, *, leaving: bool) -> int:
    """Return the first step with the thread at a line, or, if `leaving`, the next one with it elsewhere."""
    program = history.programs[at.t]
    while True:
        arrived = False
        for step, pc in _positions(history, at.t):
            if arrived and program.line_at(pc) != at.line:
                return step
            if program.line_at(pc) == at.line:
                arrived = True
                if not leaving:
                    return step
        if not _extend(history, limit):
            break
    if arrived and history.branch.outcome == PANIC and _panicked_at(history, at):
        return history.total
    what = "never completes line" if arrived else "never reaches line"
    raise BadInput(f"{program.name} {what} {at.line}; the run has {plural(history.total, 'step')}")


def _panicked_at(history: History, at: Arrival) -> bool:
    """Whether the thread panicked at the line at the end of the run."""
    history.seek(history.total)
    state, pc = history.vm.thread.state[at.t], history.vm.thread.pc[at.t]
    return state == PANICKED and history.programs[at.t].line_at(pc) == at.line


def _positions(history: History, t: int) -> list[tuple[int, int]]:
    """List each (step, program counter) of the thread in the current branch."""
    journal, address = history.journal, history.vm.memory.address("thread.pc", t)
    writes = writes_between(history, (address,), 0, history.total)
    steps = journal.steps_of(writes)
    positions = [(int(step), journal.new[n]) for step, n in zip(steps, writes, strict=True)]
    # A thread starts at the first instruction; only its last position within a step counts.
    start = history.start_of(t)
    return [*([] if start is None else [(start, 0)]), *dict(positions).items()]
