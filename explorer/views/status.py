"""The status line, and the end of a run in words."""

from __future__ import annotations

from typing import Final

from engine.constants import NULL, PQ_FREE, V_FREE_MIN, V_FREE_RESERVED
from engine.debug.call_stack import stacks_of
from engine.errors import KernelPanic, LockOrderViolation
from engine.machine.tables import SLEEPING
from engine.memory.block import EVENT
from engine.memory.journal import JournalFullError
from engine.run.history import History
from engine.run.livelock import blocked_text
from engine.run.suspended import kernel_calls
from engine.run.threads import BLOCKED, Deadlock
from engine.scenario.loader import Scenario
from engine.scenario.parameters import value_words
from explorer.views.labels import Labels
from explorer.views.panics import panic_string
from explorer.views.rows import RunEnd, StatusRow
from explorer.views.threads import thread_rows
from explorer.views.timeline import is_finding

_WORDS = {
    "completed": ("COMPLETED", "every thread has ended"),
    "blocked": ("BLOCKED", ""),
    "deadlock": ("DEADLOCK", "threads wait for each other in a cycle"),
    "livelock": ("LIVELOCK", "the run repeats itself, or a call does not return"),
    "panic": ("PANIC", "the modelled kernel panicked"),
    "unlock_order": ("UNLOCK ORDER", "a script released its locks in the wrong order"),
    "leak": ("LEAK", "every thread has ended, and something was not given back"),
    "bound": ("BOUND", "the run has reached the step limit of its scenario"),
    "stopped": ("STOPPED", "the run cannot continue"),
}


def status_row(
    history: History,
    chosen: int | None,
    labels: Labels,
    activity: str = "",
    score: str = "",
    scenario: Scenario | None = None,
    question: tuple[str, bool] = ("", False),
) -> StatusRow:
    """The status line at the cursor.

    activity: a run or playback in progress. question: which one of how many, and whether it is due.
    """
    vm = history.vm
    count = vm.vmstats.count
    lcnt = vm.memory.vector("queue.lcnt")
    return StatusRow(
        step=history.step,
        total=history.total,
        open=history.branch.outcome is None,
        branch=history.branch.name,
        branches=len(history.kept()),
        thread=_last(history),
        stepping="" if chosen is None else labels.thread(chosen),
        free=int(lcnt[PQ_FREE : PQ_FREE + vm.colors].sum()),
        reserved=count[V_FREE_RESERVED],
        minimum=count[V_FREE_MIN],
        outcome=history.outcome or "",
        activity=activity,
        score=score,
        machine=vm.config.hardware.name,
        rules=vm.rules.name(),
        own=scenario is None or not scenario.other_than_schedule,
        parameters="" if scenario is None else value_words(scenario.changed_parameters),
        question=question[0],
        due=question[1],
    )


def _last(history: History) -> str:
    if history.step == 0:
        return history.beginning
    t = history.journal.thread(history.step)
    if t == EVENT:
        return "event"
    return f"cpu{history.programs[t].cpu}:{history.programs[t].name}"


def _stacks(history: History, finding: KernelPanic) -> tuple[str, ...]:
    """The calls that took the held lock, and those that request the other, outermost first."""
    titles = {"held": "the held lock was taken in", "now": "the other lock is requested in"}
    stacks = stacks_of(history, finding)
    named = {kind: " › ".join(kernel_calls(stack)) for kind, stack in stacks.items()}
    return tuple(f"{title} {named[kind]}" for kind, title in titles.items() if named.get(kind))


def run_end(history: History, labels: Labels) -> RunEnd | None:
    """The end of the run, if the cursor is there; None if the run can continue."""
    outcome = history.outcome
    if outcome is None:
        return None
    title, meaning = _WORDS.get(outcome, (outcome.upper(), ""))
    states = [history.vm.thread.state[t] for t in range(len(history.programs))]
    if outcome == "completed" and SLEEPING in states:
        meaning = "every thread has ended, or is a kernel thread with nothing to do"
    finding = history.branch.finding
    if outcome == BLOCKED and finding is None:
        meaning = blocked_text(history.runner.threads, history.journal)
    bad = is_finding(outcome)
    if isinstance(finding, KernelPanic):
        page = "" if finding.page == NULL else f", page {labels.page(finding.page)}"
        calls = _stacks(history, finding) if isinstance(finding, LockOrderViolation) else ()
        return RunEnd(f"{title} in {finding.function}(){page}", _panic(finding), _hint(history), bad, calls)
    if isinstance(finding, Deadlock):
        return RunEnd(title, _circle(history, labels, finding), _hint(history), bad)
    return RunEnd(title, str(finding) if finding is not None else meaning, _hint(history), bad)


def _circle(history: History, labels: Labels, deadlock: Deadlock) -> str:
    """The threads of a deadlock, each with its lock and the holder."""
    rows = thread_rows(history, labels, None)
    return "; ".join(f"{rows[t].name} waits for {rows[t].waits}" for t in deadlock.threads)


def _panic(panic: KernelPanic) -> str:
    printed = panic_string(panic)
    return f"{panic.condition}; the kernel prints: {printed}" if printed else panic.condition


ROOM: Final = ":drop BRANCH frees a branch, --history SIZE allows more"
"""What a user can do when the history is full."""

FIXED_ROOM: Final = ":drop BRANCH frees a branch; pageq tui --open on your own computer allows more"
"""The same where the limit is that of a server."""


def _room(history: History) -> str:
    return FIXED_ROOM if history.budget.fixed else ROOM


def how_it_ended(history: History) -> str:
    """Why the run does not continue at the cursor: its outcome; if the history is full, also what to do."""
    if isinstance(history.branch.finding, JournalFullError) and history.outcome is not None:
        return f"{history.branch.finding}; {_room(history)}"
    return history.outcome or "nothing can run"


def _hint(history: History) -> str:
    if isinstance(history.branch.finding, JournalFullError):
        return _room(history)
    return "S steps back" if history.step else "nothing ran"
