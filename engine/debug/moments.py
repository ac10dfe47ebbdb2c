"""Moments of a run: a step, `THREAD:LINE` (its first arrival), or `end`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engine.debug.journal_search import writes_between
from engine.errors import BadInput
from engine.machine.tables import PANICKED
from engine.run.history import History
from engine.run.program import Program
from engine.run.runner import PANIC
from engine.words import plural

STEPS: Final = 1_000_000
"""Default number of steps up to which a run is extended in search of a moment."""

_CHUNK: Final = 4096
_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)
_LINE: Final = re.compile(r"([A-Za-z_]\w*)\s*:\s*(\d{1,9})", re.ASCII)

Moment = str | int


def step_number(moment: Moment) -> int | None:
    """Return the step of a moment given as a number; None for any other moment."""
    return int(moment) if isinstance(moment, int) or _NUMBER.fullmatch(moment) else None


def check_moment(moment: Moment, programs: Sequence[Program], *, end: bool = True) -> None:
    """Check that a moment is valid for these programs.

    end: whether `end` is allowed.
    Errors: BadInput if it is not a moment, the thread does not exist, or the line has no instruction.
    """
    if isinstance(moment, int) or _NUMBER.fullmatch(moment) or (end and moment == "end"):
        return
    t, line = _thread_and_line(moment, programs)
    lines = sorted({instruction.line for instruction in programs[t].instructions})
    if line not in lines:
        lines_text = ", ".join(map(str, lines[:40])) or "none"
        raise BadInput(
            f"line {line} of {programs[t].name} has no code; the lines with code are: {lines_text}"
        )


def _thread_and_line(moment: str, programs: Sequence[Program]) -> tuple[int, int]:
    match = _LINE.fullmatch(moment.strip())
    names = [program.name for program in programs]
    if match is None:
        raise BadInput(f"{moment[:60]!r} is not a moment; write a step, THREAD:LINE, or end")
    if match[1] not in names:
        known = ", ".join(names) or "none"
        raise BadInput(f"there is no thread {match[1][:40]!r}; the threads are: {known}")
    return names.index(match[1]), int(match[2])


def find_step(history: History, at: Moment, limit: int = STEPS) -> int:
    """Return the step of a moment in the current branch, extending the run as far as needed.

    Does not move the cursor.
    at:    a step, as a number or in digits; `THREAD:LINE`; or `end`.
    limit: the maximum total number of steps of the run.
    Errors: BadInput if the run never reaches the moment; the errors of Runner.take.
    """
    check_moment(at, history.programs)
    cursor = history.step
    try:
        if isinstance(at, int) or _NUMBER.fullmatch(at):
            return _find_number(history, int(at), limit)
        if at == "end":
            return _find_end(history, limit)
        return _find_line(history, *_thread_and_line(at, history.programs), limit, leaving=False)
    finally:
        history.seek(cursor)


def find_after(history: History, at: Moment, limit: int = STEPS) -> int:
    """Return the first step after which the line `at` has completed or panicked; for a step, that step.

    Errors: as find_step.
    """
    check_moment(at, history.programs, end=False)
    if isinstance(at, int) or _NUMBER.fullmatch(at):
        return find_step(history, at, limit)
    cursor = history.step
    try:
        return _find_line(history, *_thread_and_line(at, history.programs), limit, leaving=True)
    finally:
        history.seek(cursor)


def find_before(history: History, at: Moment, limit: int = STEPS) -> int:
    """Return the step after which the line `at` is next to run; for step n, the step before it.

    Errors: as find_step.
    """
    step = find_step(history, at, limit)
    return step if isinstance(at, str) and not _NUMBER.fullmatch(at) else max(step - 1, 0)


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


def _extend(history: History, limit: int) -> bool:
    """Take more steps; return False if there are none to take."""
    if history.branch.outcome is not None:
        return False
    left = min(_CHUNK, limit - history.total)
    return left > 0 and history.extend(left) > 0


def _find_line(history: History, t: int, line: int, limit: int, *, leaving: bool) -> int:
    """Return the first step with the thread at `line`, or, if `leaving`, the next one with it elsewhere."""
    program = history.programs[t]
    while True:
        arrived = False
        for step, pc in _positions(history, t):
            if arrived and program.line_at(pc) != line:
                return step
            if program.line_at(pc) == line:
                arrived = True
                if not leaving:
                    return step
        if not _extend(history, limit):
            break
    if arrived and history.branch.outcome == PANIC and _panicked_at(history, t, line):
        return history.total
    what = "never completes line" if arrived else "never reaches line"
    raise BadInput(f"{program.name} {what} {line}; the run has {plural(history.total, 'step')}")


def _panicked_at(history: History, t: int, line: int) -> bool:
    """Whether the thread panicked at `line` at the end of the run."""
    history.seek(history.total)
    state, pc = history.vm.thread.state[t], history.vm.thread.pc[t]
    return state == PANICKED and history.programs[t].line_at(pc) == line


def _positions(history: History, t: int) -> list[tuple[int, int]]:
    """List each (step, program counter) of the thread in the current branch."""
    journal, address = history.journal, history.vm.memory.address("thread.pc", t)
    writes = writes_between(history, (address,), 0, history.total)
    steps = journal.steps_of(writes)
    positions = [(int(step), journal.new[n]) for step, n in zip(steps, writes, strict=True)]
    # A thread starts at the first instruction; only its last position within a step counts.
    start = history.start_of(t)
    return [*([] if start is None else [(start, 0)]), *dict(positions).items()]
