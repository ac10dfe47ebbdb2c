"""One plain sentence for a step: what happened, and because of what.

The tables REASONS know the deciding actions; any other step gets the fact: the announcement, and the cells
that changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from engine.constants import NULL
from engine.debug.function_source import action_at
from engine.machine.tables import ENDED
from engine.memory.block import EVENT
from engine.run.history import History
from engine.run.program import Assign, Branch, Call
from engine.run.runner import PANIC
from engine.run.suspended import Frame
from engine.script.verbs import LOOK
from explorer.views import (
    because_boot,
    because_busy,
    because_checks,
    because_daemon,
    because_locks,
    because_memory,
    because_pages,
)
from explorer.views.announced import third_person
from explorer.views.calls import Calls
from explorer.views.changes import changes, net_writes
from explorer.views.doing import Doing, Reason, about_to
from explorer.views.labels import Labels
from explorer.views.rows import Change

REASONS: Final[Mapping[str, Reason]] = {
    **because_busy.REASONS,
    **because_pages.REASONS,
    **because_locks.REASONS,
    **because_memory.REASONS,
    **because_daemon.REASONS,
    **because_checks.REASONS,
    **because_boot.REASONS,
}
"""The reason of each deciding action, by function and number of the action: `vm_page_alloc#1`."""

MOST: Final = 3
"""Maximum number of changed cells in a sentence."""


def at_start(history: History) -> str:
    """Where a machine is at step 0: `after boot`, or `at power-on` if its boot is stepped."""
    return f"{'after' if history.beginning == 'boot' else 'at'} {history.beginning}"


def start_sentence(history: History) -> str:
    """What step 0 is, without a full stop."""
    return f"the machine {at_start(history)}{' and setup' if history.beginning == 'boot' else ''}"


def step_sentence(history: History, labels: Labels, calls: Calls, step: int) -> str:
    """Say what step `step` (0 .. total) did and because of what, without a full stop.

    Leaves the cursor where it is.
    """
    if step == 0:
        return start_sentence(history)
    t = history.journal.thread(step)
    action = history.journal.label(step)
    if t == EVENT:
        return _with_effect(action, _effect(changes(history, labels, step)))
    stack = calls.stack_with_values(history, step)
    said = _reason(history, labels, step, stack[-1]) if stack else ""
    said = said or _script_fact(history, labels, step) or _fact(history, labels, step, stack[-1:])
    return f"{history.programs[t].name} {said}{_ending(history, step)}"


def _ending(history: History, step: int) -> str:
    """Whether the kernel panics in this step, or its thread ends."""
    if history.branch.outcome == PANIC and step == history.total:
        return "; the kernel panics"
    t = history.journal.thread(step)
    ended = (history.vm.memory.address("thread.state", t), ENDED)
    bias = history.vm.memory.places["thread.state"].spec.bias
    wrote = history.journal.writes_of(step)
    return "; the thread ends" if any((cell, new + bias) == ended for cell, _, new in wrote) else ""


def _reason(history: History, labels: Labels, step: int, frame: Frame) -> str:
    """The reason of a deciding action; "" for any other."""
    action = action_at(frame.code, frame.line)
    reason = None if action is None else REASONS.get(f"{frame.function}#{action.number}")
    if reason is None or frame.values is None:
        return ""
    with about_to(history, labels, step, frame.values, frame) as doing:
        return reason(doing)


def _script_fact(history: History, labels: Labels, step: int) -> str:
    """What an instruction of a script did: its variables, its condition; "" for a kernel function's step."""
    t = history.journal.thread(step)
    program = history.programs[t]
    pc = history.vm.memory.address("thread.pc", t)
    moves = [(old, new) for cell, old, new in net_writes(history.journal.writes_of(step)) if cell == pc]
    if not moves or moves[0][0] >= len(program.instructions):
        return ""
    instruction = program.instructions[moves[0][0]]
    with about_to(history, labels, step, {}) as doing:
        if isinstance(instruction, Branch):
            return _tests(doing, instruction, moves[0][1] == instruction.next)
        if isinstance(instruction, Assign):
            return _assigns(doing, instruction)
        if isinstance(instruction, Call) and history.journal.label(step) == LOOK:
            return f"asks {instruction.text}: {_results(doing, instruction.slots)}"
    return ""


def _tests(doing: Doing, instruction: Branch, holds: bool) -> str:
    text = instruction.text.rstrip(":")
    counted = [slot for slot, _ in instruction.stores if not doing.labels.is_hidden(slot)]
    if not instruction.stores:
        return f'tests "{text}": it {"holds" if holds else "does not hold"}'
    return f'repeats "{text}": {_results(doing, counted)}' if holds else f'ends "{text}"'


def _assigns(doing: Doing, instruction: Assign) -> str:
    slots = [instruction.slot, *(slot for slot, _ in instruction.more)]
    if doing.labels.is_hidden(instruction.slot):
        return f"evaluates {instruction.text}: {_results(doing, slots)}"
    named = [f"{doing.labels.variable(slot)[1]} {_kept_or_set(doing, slot)}" for slot in slots]
    return f"sets {', '.join(named)}"


def _kept_or_set(doing: Doing, slot: int) -> str:
    """The value that a variable gets, and whether it had that value before."""
    old, new = doing.vm.variable.value[slot], doing.after("variable.value", slot)
    return f"to {doing.labels.variable_value(slot, new)}{', as before' if new == old else ''}"


def _results(doing: Doing, slots: Sequence[int]) -> str:
    """The values that a step gives to variables; a hidden variable has only its value."""
    found = []
    for slot in slots:
        value = doing.labels.variable_value(slot, doing.after("variable.value", slot))
        found.append(
            value if doing.labels.is_hidden(slot) else f"{doing.labels.variable(slot)[1]} is {value}"
        )
    return ", ".join(found)


def _fact(history: History, labels: Labels, step: int, innermost: Sequence[Frame]) -> str:
    """The announcement in the third person, and the cells that changed, else the page that it is about."""
    action = history.action(step)
    own_state = (labels.thread(history.journal.thread(step)), "state")
    changed = [
        change for change in changes(history, labels, step) if (change.subject, change.cell) != own_state
    ]
    values = (innermost[0].values if innermost else None) or {}
    about = values.get("m", NULL) if " page" in f" {action}" else NULL
    page = f"page {labels.page(about)}" if about != NULL else ""
    return _with_effect(third_person(action), _effect(changed) or page)


def _with_effect(said: str, effect: str) -> str:
    return f"{said}: {effect}" if effect else said


def _effect(changed: Sequence[Change]) -> str:
    """The cells that changed, by their owners: `page 0xc03 dirty 00 to ff, act_count 5 to 4`."""
    shown = [change for change in changed if not change.plumbing and change.old != change.new]
    parts = []
    for subject, own in groupby(shown[:MOST], key=lambda change: change.subject):
        cells = [f"{change.cell} {change.difference or f'{change.old} to {change.new}'}" for change in own]
        parts.append(f"{subject} {', '.join(cells)}")
    more = len(shown) - MOST
    return ", ".join(parts) + (f", and {more} more" if more > 0 else "")
