"""Touches by scripts: `read`, `write` and `touch`.

Each try of an access announces a load or a store. The try that the page table permits ends the instruction
in that same step; any other continues with a fault. So a touch is such a step that also ends its instruction,
and a hit one that is the first step of its instruction.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.constants import PAGE_SHIFT
from engine.debug.journal_search import own_step_before, steps_labelled, writes_between
from engine.figures.touch_source import Touched, Touches, TouchSource
from engine.kernel.process.page_table import page_of_pte, pte_at
from engine.kernel.process.process import process_named
from engine.run.history import History
from engine.run.program import Call
from engine.script.process_verbs import LOAD, STORE


def script_touches(history: History) -> Touches:
    """Return the touches by scripts up to the end of the current branch."""
    journal = history.journal
    tries = steps_labelled(history, (LOAD, STORE), 0, history.total)
    ends = writes_between(
        history, (), 0, history.total, (history.vm.memory.places["thread.op_start"].stretch,)
    )
    ended = journal.steps_of(ends)
    place = np.searchsorted(ended, tries)
    done = np.append(ended, -1)[place] == tries
    steps = tries[done]
    # The instruction began at the end of the step that its thread wrote into op_start before.
    began = journal.old.at(ends[place[done]])
    hits = own_step_before(history, steps) <= began
    ones = np.ones(len(steps), np.int64)
    return Touches(steps, journal.threads_at(steps), ones, hits.astype(np.int64))


def script_touched(history: History) -> Touched:
    """Return the page that each touch by a script found; views each of them, and then the cursor's step."""
    touches = script_touches(history)
    pages, cursor = [], history.step
    try:
        for step, t in zip(touches.steps.tolist(), touches.threads.tolist(), strict=True):
            history.seek(step - 1)
            pages.append(_page(history, t))
    finally:
        history.seek(cursor)
    return Touched(touches.threads, np.array(pages, np.int64))


def _page(history: History, t: int) -> int:
    """Return the page that thread `t` touches with the access that it is about to do."""
    vm = history.vm
    access = history.programs[t].instructions[vm.thread.pc[t]]
    assert isinstance(access, Call)
    address, pid = [*(value(vm) for value in access.arguments), 0][:2]
    p = process_named(vm, pid) if pid else vm.thread.process[t]
    return page_of_pte(vm, pte_at(vm, p, address >> PAGE_SHIFT))


SCRIPTS: Final = TouchSource(script_touches, script_touched)
