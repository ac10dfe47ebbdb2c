"""Looking ahead: what the thread or event that steps next will do, without moving the cursor.

A recorded future is read; otherwise the run is extended, and the new steps are dropped afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from engine.debug.journal_search import next_write, steps_of_thread, steps_writing
from engine.errors import BadInput, CapacityError
from engine.run.events import Event
from engine.run.history import LIVE_STEPS, History
from engine.run.program import Call

FARTHEST: Final = 4096
"""Number of steps to look ahead; a call that takes longer counts as one without a known end."""

DEEPEST: Final = LIVE_STEPS
"""If unfinished instructions have taken more steps, performing them again is too slow for a question."""

_CHUNK: Final = 128

Write = tuple[int, int, int, int]
"""A write to a column: the step, the index, the old and the new value, with the column's bias added."""


@dataclass(frozen=True)
class Ahead:
    """The steps after step `begin`.

    thread:  the thread that steps next; None for an event.
    call:    its instruction as in the script, or the label of the event.
    steps:   its own steps up to `last`.
    last:    the last step that was examined.
    done:    whether `last` ends the instruction.
    outcome: the outcome of the run if it ends before the instruction does.
    """

    history: History
    begin: int
    thread: int | None
    call: str
    steps: tuple[int, ...]
    last: int
    done: bool
    outcome: str | None

    def writes(self, column: str) -> list[Write]:
        """Return the writes to a column up to `last` by the thread or event that steps next, in order."""
        memory, journal = self.history.vm.memory, self.history.journal
        place = memory.places[column]
        stretch = place.stretch
        steps = map(int, steps_writing(self.history, (), self.begin, self.last, (stretch,)))
        return [
            (step, address - place.base, old + place.spec.bias, new + place.spec.bias)
            for step in steps
            if step in self.steps
            for address, old, new in journal.writes_of(step)
            if stretch[0] <= address < stretch[1]
        ]


@contextmanager
def looking_ahead(history: History) -> Iterator[Ahead | None]:
    """Look ahead of the cursor inside the context; None if no step is next, or looking is too slow.

    Afterwards the cursor, the recorded steps and the branches are unchanged.
    Errors: InvariantViolation as Runner.take.
    """
    with unchanged(history):
        yield _look(history)


@contextmanager
def unchanged(history: History) -> Iterator[None]:
    """Extend the run and move the cursor inside the context; afterwards both are as they were."""
    branch, cursor, total = history.branch, history.step, history.total
    ended = branch.outcome, branch.finding, branch.finding_stack
    try:
        yield
    finally:
        if history.total > total:
            history.forget(total)
        if (branch.outcome, branch.finding, branch.finding_stack) != ended:
            branch.outcome, branch.finding, branch.finding_stack = ended
            history.live_at = None
        history.seek(cursor)


def _look(history: History) -> Ahead | None:
    begin = history.step
    if not history.is_near(DEEPEST):
        return None
    choice = history.next_choice()
    if isinstance(choice, Event):
        if history.total == begin and not _extend(history, 1):
            return None
        step = begin + 1
        return Ahead(history, begin, None, history.journal.label(step), (step,), step, True, None)
    return _look_at_thread(history, choice) if isinstance(choice, int) else None


def _look_at_thread(history: History, t: int) -> Ahead | None:
    begin, vm = history.step, history.vm
    program, pc = history.programs[t], vm.thread.pc[t]
    instruction = program.instructions[pc] if pc < len(program.instructions) else None
    if not isinstance(instruction, Call):
        return None
    end = _end_of_instruction(history, t)
    last = end if end is not None else min(history.total, begin + FARTHEST)
    steps = tuple(map(int, steps_of_thread(history, t, begin, last)))
    ended = history.branch.outcome if end is None and last == history.total else None
    return Ahead(history, begin, t, instruction.text, steps, last, end is not None, ended) if steps else None


def _end_of_instruction(history: History, t: int) -> int | None:
    """Return the step that ends thread `t`'s current instruction, extending the run if needed; or None."""
    begin, address = history.step, history.vm.memory.address("thread.op_start", t)
    while (end := next_write(history, address, begin)) is None:
        left = begin + FARTHEST - history.total
        if left <= 0 or not _extend(history, min(_CHUNK, left)):
            return None
    return end if end <= begin + FARTHEST else None


def _extend(history: History, steps: int) -> bool:
    """Take up to `steps` more steps; return False if there are none, or if a script or schedule fails."""
    total = history.total
    if history.branch.outcome is not None:
        return False
    # An error in a script or a schedule is reported when the run really gets there.
    with suppress(BadInput, CapacityError):
        history.extend(steps)
    return history.total > total
