"""Looking ahead: what whoever steps next is going to do, found out without going there.

Where the future is recorded it is read; where it is not, the run is extended and what was taken is forgotten.
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
"""Steps ahead after which a call counts as one whose end is not known."""

DEEPEST: Final = LIVE_STEPS
"""Steps into unfinished instructions beyond which they are too dear to perform again for a question."""

_CHUNK: Final = 128

Write = tuple[int, int, int, int]
"""A write as its column reads it: the step, the index, the old and the new value."""


@dataclass(frozen=True)
class Ahead:
    """What lies ahead of step `begin`.

    thread:  who steps next; None for an event.
    call:    its instruction as the script has it, or the event in words.
    steps:   its own steps up to `last`.
    done:    whether `last` ends the instruction; else it is as far as was looked.
    outcome: how the run ends, when it ends before the instruction does.
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
        """The writes to a column up to `last` by whoever steps next, in order."""
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
    """What lies ahead of the cursor, to be looked at within; None when nothing does, or it is too dear.

    Afterwards cursor, recorded steps and branches are as they were.
    Errors: InvariantViolation as Runner.take.
    """
    branch, cursor, total = history.branch, history.step, history.total
    ended = branch.outcome, branch.finding, branch.finding_stack
    try:
        yield _look(history)
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
    """The step that ends the instruction under way in thread `t`; the run is extended as far as it takes."""
    begin, address = history.step, history.vm.memory.address("thread.op_start", t)
    while (end := next_write(history, address, begin)) is None:
        left = begin + FARTHEST - history.total
        if left <= 0 or not _extend(history, min(_CHUNK, left)):
            return None
    return end if end <= begin + FARTHEST else None


def _extend(history: History, steps: int) -> bool:
    """Take some more steps; False when there are none: also where a script or a schedule goes wrong."""
    total = history.total
    if history.branch.outcome is not None:
        return False
    # What goes wrong in a script or a schedule is told to whoever really goes there.
    with suppress(BadInput, CapacityError):
        history.extend(steps)
    return history.total > total
