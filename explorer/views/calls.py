"""The active calls at each step: from the history, or noted during a live step so as not to repeat it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.debug.active_calls import ActiveCalls, Call, Stack
from engine.debug.call_stack import LONGEST, frames, frames_with_values
from engine.debug.journal_search import steps_of_thread
from engine.debug.whynot import function_of
from engine.memory.block import EVENT
from engine.run.history import LIVE_STEPS, History
from engine.run.suspended import kernel_calls, kernel_function

MOST: Final = 5_000
"""Number of steps whose calls are kept."""

_Seen = dict[tuple[int, int], Stack]


@dataclass
class _Noting:
    """What is noted about a thread's live calls, and the last step for which it was."""

    calls: ActiveCalls
    last: int


@dataclass(frozen=True)
class Ahead:
    """The calls of a thread before a live step, and their frames if the thread takes it."""

    calls: list[Call]
    stack: Stack
    begun: int


@dataclass
class Calls:
    """The active calls at each step of a session's history.

    seen: (branch, step) -> the stack at the step.
    """

    seen: _Seen = field(default_factory=dict)
    _live: dict[int, _Noting] = field(default_factory=dict)

    def of(self, history: History, step: int) -> tuple[str, ...]:
        """The active kernel functions at step `step` (1 .. total), outermost first; () for an event."""
        return kernel_calls(self.stack(history, step))

    def innermost(self, history: History, step: int) -> str:
        """The kernel function that took step `step`; "" if the script line called none."""
        return next(reversed(self.of(history, step)), "")

    def stack(self, history: History, step: int) -> Stack:
        """The active calls at step `step` (1 .. total), outermost first.

        () for an event, and if more than LIVE_STEPS steps would have to be repeated; see `knows`.
        """
        key = (history.current, step)
        if key not in self.seen and _is_near(history, step, LIVE_STEPS):
            self.note(*key, frames(history, step))
        return self.seen.get(key, ())

    def function(self, history: History, step: int) -> str:
        """The kernel function that took step `step`; "" if there is none, or it is too far in a long call."""
        stack = self.seen.get((history.current, step))
        return kernel_function(stack) if stack else function_of(history, step)

    def knows(self, history: History, step: int) -> bool:
        """Whether the calls at a step are known; call it after `stack`."""
        return (history.current, step) in self.seen

    def stack_with_values(self, history: History, step: int) -> Stack:
        """As `stack`, with the local variables of the calls if at most LONGEST steps find them."""
        stack = self.stack(history, step)
        if stack and stack[-1].values is None and _is_near(history, step, LONGEST):
            stack = frames_with_values(history, step)
            self.note(history.current, step, stack)
        return stack

    def forget(self, branch: int) -> None:
        """Forget what is known about a branch."""
        self.seen = {key: stack for key, stack in self.seen.items() if key[0] != branch}

    def note(self, branch: int, step: int, stack: Stack) -> None:
        """Record the active calls at a step."""
        if len(self.seen) >= MOST:
            self.seen.clear()
        self.seen[branch, step] = stack

    # --- live steps ---------------------------------------------------------------------------------------

    def ahead(self, history: History) -> dict[int, Ahead]:
        """The calls of each thread before the next step, if they are known without repeating them."""
        if history.live_at != history.step:
            return {}
        found = {}
        for live in history.runner.live:
            calls = live.calls()
            stack = self._noting(live.thread).calls.frames(calls, history.step + 1)
            found[int(live.thread)] = Ahead(calls, stack, history.vm.thread.op_start[live.thread])
        return found

    def took(self, history: History, t: int, ahead: Ahead) -> None:
        """Note that thread `t` took the step at the cursor; `ahead` are its calls from before it."""
        noting, step, stack = self._noting(t), history.step, ahead.stack
        if not ahead.calls:
            return
        known = noting.calls.knows(ahead.calls[0])
        since = noting.last if known else ahead.begun
        if steps_of_thread(history, t, since, step - 1).size:
            # Steps were taken that were not noted, so the calls' first steps are not known.
            stack = self._caught_up(history, step, ahead)
        noting.calls.adopt(ahead.calls, stack)
        noting.last = step
        self.note(history.current, step, stack)

    def _noting(self, t: int) -> _Noting:
        return self._live.setdefault(t, _Noting(ActiveCalls(), 0))

    def _caught_up(self, history: History, step: int, ahead: Ahead) -> Stack:
        """The frames at `step` from the history; if it is too long, the noted ones are the best known."""
        if not _is_near(history, step, LONGEST):
            return ahead.stack
        stack = frames_with_values(history, step)
        return stack if len(stack) == len(ahead.calls) else ahead.stack


def _is_near(history: History, step: int, most: int) -> bool:
    """Whether the calls at a step are found by repeating at most `most` steps."""
    t = history.journal.thread(step)
    if t == EVENT:
        return True
    begun = history.writer(history.vm.memory.address("thread.op_start", t), step - 1) or 0
    return step - begun <= most or steps_of_thread(history, t, begun, step).size <= most
