"""Call stacks: the active calls at a step, and the first and last step of each call of an operation.

The journal records the steps of a run but not the functions to which they belong. So the steps of an
operation (one instruction of a thread's script) are repeated, and the stack is read before each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from engine.debug.active_calls import ActiveCalls, Stack
from engine.debug.journal_search import next_write, steps_of_thread
from engine.debug.per_history import PerHistory, Remembered
from engine.errors import KernelPanic
from engine.memory.block import EVENT
from engine.run.history import History
from engine.run.program import Call
from engine.run.suspended import Frame, Live

LONGEST: Final = 2_000
"""Maximum number of steps of an operation that is performed again: a longer one would delay a frame."""

_STACKS: Final = Remembered[int, Stack](most=50_000)
"""Cache: step -> its stack."""

NOTED: Final = 256
"""Number of an operation's last performed steps whose local variables are noted."""


@dataclass
class _Performance:
    """An operation that is performed again, suspended before step `at`, so that it can continue from there.

    key: the branch, the number of cuts, and the step after which the operation started.
    """

    key: tuple[int, int, int]
    live: list[Live]
    at: int = 0
    calls: ActiveCalls = field(default_factory=ActiveCalls)


_PERFORMANCES: Final[PerHistory[dict[int, _Performance]]] = PerHistory(lambda _: {})
"""The last operation of each thread that was performed again."""


@dataclass(frozen=True)
class Span:
    """A call of a function: its first and last step, and whether it returned at the last."""

    thread: int
    function: str
    kernel: bool
    depth: int
    entered: int
    last: int
    returned: bool


def operation_begin(history: History, t: int, step: int) -> int:
    """Return the step after which thread `t` started the instruction to which `step` belongs."""
    return history.writer(history.vm.memory.address("thread.op_start", t), step - 1) or 0


def operation_end(history: History, t: int, step: int) -> tuple[int, bool]:
    """Return the last recorded step of the instruction to which `step` belongs, and whether it completed."""
    done = next_write(history, history.vm.memory.address("thread.op_start", t), step - 1)
    if done is not None:
        return done, True
    return int(steps_of_thread(history, t, step - 1, history.total)[-1]), False


def performed_again(history: History, last: int) -> Iterator[tuple[int, Live]]:
    """Repeat the operation to which step `last` belongs, up to that step.

    Yields (step, the thread's suspended calls) before each of its steps. Moves the cursor; see `in_place`.
    """
    t = history.journal.thread(last)
    live = primed(history, t, last)
    for step in map(int, steps_of_thread(history, t, operation_begin(history, t, last), last)):
        yield step, live[t]
        history.repeat(step, live)


def primed(history: History, t: int, last: int) -> list[Live]:
    """Return calls of which thread `t`'s is at the start of the operation to which step `last` belongs."""
    live = [Live(other, program.cpu) for other, program in enumerate(history.programs)]
    own = steps_of_thread(history, t, operation_begin(history, t, last), last)
    history.timeline.seek(int(own[0]) - 1)
    history.runner.prime(live[t])
    return live


@contextmanager
def in_place(history: History) -> Iterator[None]:
    """Context manager that restores the cursor and the suspended calls on exit."""
    cursor, live_at = history.step, history.live_at
    try:
        yield
    finally:
        history.timeline.seek(cursor)
        history.live_at = live_at


def frames(history: History, step: int) -> Stack:
    """Return the active calls at step `step` (1 .. total), outermost first; () for an event.

    Repeats the operation once and caches the stacks of all its steps; continues from the last repeated step
    if that is an earlier one of the same operation.
    """
    return _STACKS.get(history, step, lambda: _stacks(history, step))


def frames_with_values(history: History, step: int) -> Stack:
    """As `frames`, with the local variables of the calls.

    Repeats the operation if only its frames are cached.
    """
    stack = frames(history, step)
    if stack and stack[-1].values is None:
        _PERFORMANCES.of(history).pop(history.journal.thread(step), None)
        stack = _stacks(history, step)[step]
    return stack


def _stacks(history: History, last: int) -> dict[int, Stack]:
    t = history.journal.thread(last)
    if t == EVENT:
        return {last: ()}
    found: dict[int, Stack] = {}
    with in_place(history):
        # An interrupted performance must not be continued.
        again = _PERFORMANCES.of(history).pop(t, None)
        key = (history.current, len(history.cuts), operation_begin(history, t, last))
        if again is None or again.key != key or again.at >= last:
            again = _Performance(key, primed(history, t, last))
        own = list(map(int, steps_of_thread(history, t, again.at or key[-1], last)))
        noted = own[-NOTED:][0]
        for step in own:
            if again.at:
                history.repeat(again.at, again.live)
            again.at = step
            found[step] = again.calls.note(again.live[t].calls(), step, values=step >= noted)
        _PERFORMANCES.of(history)[t] = again
    return found


def call_of_boot(history: History, step: int) -> Stack:
    """Return the function that the thread `boot` called in step `step`, without repeating its steps."""
    t = history.journal.thread(step)
    write = history.journal.last_write(history.vm.memory.address("thread.pc", t), step - 1)
    instruction = history.programs[t].instructions[0 if write is None else history.journal.new[write]]
    return (Frame(instruction.name, 0, kernel=True),) if isinstance(instruction, Call) else ()


def script_line(history: History, step: int) -> tuple[int, str]:
    """Return the script line to which step `step` belongs, and its text; 0 and "" for an event."""
    t = history.journal.thread(step)
    if t == EVENT:
        return 0, ""
    program = history.programs[t]
    write = history.journal.last_write(history.vm.memory.address("thread.pc", t), step - 1)
    line = program.line_at(0 if write is None else history.journal.new[write])
    return line, program.lines[line - 1].strip() if 0 < line <= len(program.lines) else ""


def spans(history: History, step: int) -> list[Span]:
    """List every call of the operation to which step `step` belongs, by its first step."""
    t = history.journal.thread(step)
    if t == EVENT:
        return []
    last, done = operation_end(history, t, step)
    start = operation_begin(history, t, step)
    found: dict[tuple[int, int], Span] = {}
    for at in map(int, steps_of_thread(history, t, start, last)):
        for depth, frame in enumerate(frames(history, at)):
            span = Span(t, frame.function, frame.kernel, depth, frame.entered, at, done or at < last)
            found[frame.entered, depth] = span
    return [span for _, span in sorted(found.items())]


def stacks_of(history: History, panic: KernelPanic) -> dict[str, Stack]:
    """Return the stacks of a panic: `now`, and for a lock order violation `held`, which took it."""
    held = getattr(panic, "held", None)
    stacks = {"now": history.branch.finding_stack}
    step = history.writer(held, history.total) if held is not None else None
    if step is not None:
        stacks["held"] = frames(history, step)
    return stacks
