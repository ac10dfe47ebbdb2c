"""Runs of the library, walked step by step: what each step's sentence says, and what its thread does next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from engine.debug.active_calls import Stack
from engine.debug.function_source import action_at
from engine.machine.tables import READY, SLEEPING
from engine.memory.block import EVENT
from engine.scenario.loader import load
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.sentence import step_sentence

WALKS = {
    "waiting-leaves-a-footprint": 200,
    "trylock-skips": 100,
    "modified-bit-and-dirty-byte": 260,
    "wiring-done-right": 100,
    "severe-with-a-full-cache": 330,
    "hard-and-soft-busy": 60,
    "emergency-pager": 700,
    "lost-wakeup": 60,
    "debugger-view": 320,
    "empty-colour": 350,
    "four-ways-to-wait": 900,
    "from-fault-to-swap-and-back": 700,
}
"""Scenarios that take every deciding action that the library takes, and how many steps of each are walked."""

RULES = ("document", "source")


@dataclass(frozen=True)
class Walked:
    """A step: its action as `function#N`, its sentence without the thread, and the thread's next step.

    coming:  the action of the thread's next step in the same instruction; "" after the last one.
    stack:   the functions of that next step, outermost first; inner: its variables.
    asleep:  whether the thread sleeps after the step; ended: whether its instruction ended.
    woken:   the threads that the step woke.
    """

    key: str
    said: str
    values: Mapping[str, int]
    coming: str
    stack: tuple[str, ...]
    inner: Mapping[str, int]
    asleep: bool
    ended: bool
    woken: frozenset[str]

    @property
    def known(self) -> bool:
        """Whether what the thread does next is known: the walk may stop before it."""
        return self.ended or self.asleep or self.coming != ""


def key_of(stack: Stack) -> str:
    """The action that a stack is about to perform, as `function#N`."""
    action = action_at(stack[-1].code, stack[-1].line)
    assert action is not None
    return f"{stack[-1].function}#{action.number}"


@cache
def walked(scenario: str, rules: str) -> tuple[Walked, ...]:
    """Walk a scenario under a rule set."""
    loaded = load(scenario, rules=rules)
    session = Session(loaded.start(), loaded)
    for _ in range(WALKS[scenario]):
        if not stepping.step(session):
            break
    return tuple(_steps(session))


def _steps(session: Session) -> Iterator[Walked]:
    history, calls, labels = session.history, session.calls, session.labels
    following: dict[int, int] = {}
    found = []
    for step in range(history.total, 0, -1):
        t = history.journal.thread(step)
        stack = calls.stack_with_values(history, step)
        if t == EVENT or not stack or action_at(stack[-1].code, stack[-1].line) is None:
            continue
        history.seek(step)
        said = step_sentence(history, labels, calls, step)
        assert history.step == step
        name = history.programs[t].name
        done = history.vm.thread.op_start[t] == step
        after: Stack = () if done or t not in following else calls.stack_with_values(history, following[t])
        found.append(
            Walked(
                key_of(stack),
                said.removeprefix(f"{name} "),
                stack[-1].values or {},
                key_of(after) if after else "",
                tuple(frame.function for frame in after),
                (after[-1].values or {}) if after else {},
                history.vm.thread.state[t] == SLEEPING,
                done,
                frozenset(_woken(session, step)),
            )
        )
        following[t] = step
    return iter(found)


def _woken(session: Session, step: int) -> Iterator[str]:
    for place, t, old, new in writes(session.history, step):
        if f"{place.table}.{place.name}" == "thread.state" and (old, new) == (SLEEPING, READY):
            yield session.labels.thread(t)


def all_walked() -> Iterator[Walked]:
    """Every step of every walk under both rule sets."""
    for scenario in WALKS:
        for rules in RULES:
            yield from walked(scenario, rules)


def with_key(key: str) -> list[Walked]:
    """The steps of all walks that take an action."""
    found = [step for step in all_walked() if step.key == key]
    assert found, "no walk takes this action"
    return found


Claim = Callable[[Walked], bool]
"""What is true of a step exactly if its sentence has a phrase."""


def goes_to(*keys: str) -> Claim:
    """The thread's next action is one of these."""
    return lambda step: step.coming in keys


def enters(function: str) -> Claim:
    """The thread's next step is in a call of this function."""
    return lambda step: function in step.stack


def is_said_exactly_if(key: str, phrase: str, claim: Claim) -> None:
    """Check all walks: the sentences of an action have the phrase exactly where the claim is true."""
    for step in with_key(key):
        if step.known:
            assert (phrase in step.said) == claim(step), step
