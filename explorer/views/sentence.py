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
from engine.run.program import Assign, Branch
from engine.run.runner import PANIC
from engine.run.suspended import Frame
from explorer.views import because_daemon, because_locks, because_memory, because_pages
from explorer.views.calls import Calls
from explorer.views.changes import changes, writes
from explorer.views.doing import Reason, about_to
from explorer.views.labels import Labels
from explorer.views.rows import Change

REASONS: Final[Mapping[str, Reason]] = {
    **because_pages.REASONS,
    **because_locks.REASONS,
    **because_memory.REASONS,
    **because_daemon.REASONS,
}
"""The reason of each deciding action, by function and number of the action: `vm_page_alloc#1`."""

_ALSO: Final = frozenset({"clear", "decide", "lower", "set"})
"""The verbs that come second in an announcement."""

MOST: Final = 3
"""Maximum number of changed cells in a sentence."""


def step_sentence(history: History, labels: Labels, calls: Calls, step: int) -> str:
    """Say what step `step` (0 .. total) did and because of what, without a full stop.

    Leaves the cursor where it is.
    """
    if step == 0:
        return "the machine after boot and setup"
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
    with about_to(history, labels, step, frame.values) as doing:
        return reason(doing)


def _script_fact(history: History, labels: Labels, step: int) -> str:
    """What an instruction of a script did: the variables that it set, its condition; "" for a call."""
    t = history.journal.thread(step)
    wrote = [(f"{place.table}.{place.name}", n, old, new) for place, n, old, new in writes(history, step)]
    moves = [(old, new) for cell, n, old, new in wrote if cell == "thread.pc" and n == t]
    instructions = history.programs[t].instructions
    if not moves or moves[0][0] >= len(instructions):
        return ""
    instruction = instructions[moves[0][0]]
    if isinstance(instruction, Branch):
        holds = moves[0][1] == instruction.next
        return f'tests "{instruction.text.rstrip(":")}": it {"holds" if holds else "does not hold"}'
    if not isinstance(instruction, Assign):
        return ""
    sets = [
        f"{labels.variable(n)[1]} to {labels.variable_value(n, new)}"
        for cell, n, _, new in wrote
        if cell == "variable.value"
    ]
    return f"sets {', '.join(sets)}" if sets else "assigns: the variable keeps its value"


def _fact(history: History, labels: Labels, step: int, innermost: Sequence[Frame]) -> str:
    """The announcement in the third person, and the cells that changed, else the page that it is about."""
    action = history.journal.label(step)
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
    shown = [change for change in changed if not change.plumbing]
    parts = []
    for subject, own in groupby(shown[:MOST], key=lambda change: change.subject):
        cells = [f"{change.cell} {change.difference or f'{change.old} to {change.new}'}" for change in own]
        parts.append(f"{subject} {', '.join(cells)}")
    more = len(shown) - MOST
    return ", ".join(parts) + (f", and {more} more" if more > 0 else "")


def third_person(announcement: str) -> str:
    """An announcement, which is an order, as what a thread does: `read busy_count` -> `reads busy_count`."""
    words = announcement.split(" ")
    joined = [before.endswith(",") or before in ("and", "or") for before in words[:-1]]
    also = [joins and word in _ALSO for joins, word in zip(joined, words[1:], strict=True)]
    return " ".join(_does(word) if does else word for word, does in zip(words, [True, *also], strict=True))


def _does(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"
