"""The script instruction that a thread was executing at a step.

Cheaper to find than the active calls, which must be repeated; the same for every step of an operation.
"""

from __future__ import annotations

from copy import copy
from typing import Final

import numpy as np

from engine.debug.journal_search import writes_between
from engine.debug.per_history import Growing, Rows
from engine.memory.block import EVENT
from engine.memory.cells import Array
from engine.memory.distinct import distinct
from engine.run.history import History
from engine.run.program import Call

EXIT: Final = "exit1"
"""The kernel function that a thread calls at the end of its script."""


class Instructions:
    """For each thread, the steps that ended an instruction, and the next position after each."""

    def __init__(self, history: History) -> None:
        places = history.vm.memory.places
        self.pc, self.op_start = places["thread.pc"], places["thread.op_start"]
        self.ended: dict[int, Rows] = {}
        self.moved: dict[int, Rows] = {}

    def until(self, step: int) -> Instructions:
        """The instructions up to step `step`."""
        other = copy(self)
        other.ended = {t: rows.until(step) for t, rows in self.ended.items()}
        other.moved = {t: rows.until(step) for t, rows in self.moved.items()}
        return other

    def begun(self, t: int, steps: Array) -> Array:
        """For each step of thread `t`, the step that ended the previous instruction; 0 for none."""
        ended = self.ended[t].columns[0] if t in self.ended else np.zeros(0, np.int64)
        at = np.searchsorted(ended, steps)
        found: Array = np.concatenate([[0], ended])[at]
        return found

    def positions(self, t: int, steps: Array) -> Array:
        """For each step of thread `t`, the position of its instruction in the program."""
        if t not in self.moved:
            return np.zeros(steps.size, np.int64)
        at, to = self.moved[t].columns
        found: Array = np.concatenate([[0], to])[np.searchsorted(at, steps)]
        return found


def _extend(known: Instructions, history: History, first: int, last: int) -> None:
    journal = history.journal
    for place in (known.pc, known.op_start):
        writes = writes_between(history, (), first, last, (place.stretch,))
        threads = journal.address.at(writes) - place.base
        steps = journal.steps_of(writes)
        for t in map(int, distinct(threads)):
            own = threads == t
            if place is known.pc:
                known.moved.setdefault(t, Rows(2)).extend(steps[own], journal.new.at(writes[own]))
            else:
                known.ended.setdefault(t, Rows()).extend(steps[own])


_INSTRUCTIONS: Final = Growing(Instructions, _extend, Instructions.until)


def instructions_of(history: History) -> Instructions:
    """The instructions of the current branch."""
    return _INSTRUCTIONS.of(history)


def called(history: History, t: int, position: int) -> str:
    """The function called by the instruction at `position` of thread `t`'s script; "" if it calls none.

    After its script, the last thread of a process takes the steps of its exit.
    """
    instructions = history.programs[t].instructions
    if position >= len(instructions):
        return EXIT
    instruction = instructions[position]
    return instruction.name if isinstance(instruction, Call) else ""


def called_at(history: History, step: int) -> str:
    """The function that the script called in step `step` (1 .. total); "" for an event."""
    t = history.journal.thread(step)
    if t == EVENT:
        return ""
    position = instructions_of(history).positions(t, np.array([step]))
    return called(history, t, int(position[0]))
