"""Calls in any order on random machines, interleaved step by step; the machine is checked after each step.

Hypothesis draws the machine, its rules, the calls and who takes the next steps. A session may only end in a
way that spec 12 has a row for, and callers that keep the kernel's rules come to two of those rows alone.
Nothing is left to chance: the same sessions are drawn at every run, sessions drawn evenly from fixed seeds
follow, and a directed part calls each function at least once.

CI=true draws more of them; PAGEQ_SEARCH=N draws N others, to look for faults by hand.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.errors import InvariantViolation, KernelPanic
from engine.invariants import validate_machine
from tests.engine.kernel.checked_crew import configuration
from tests.engine.kernel.panic_rows import LIVELOCKS, ROWS, livelock_of, row_of
from tests.engine.kernel.random_arguments import FUNCTIONS, RECIPES
from tests.engine.kernel.random_calls import MACHINES, Seeded, Session, Statistics, machine_of

pytestmark = pytest.mark.slow

T = TypeVar("T")

SEARCH: Final = int(os.environ.get("PAGEQ_SEARCH", "0"))
CI: Final = os.environ.get("CI") == "true"
EXAMPLES: Final = SEARCH or (60 if CI else 40)
SEEDS: Final = range(30 if CI else 15)

SETTINGS: Final = settings(
    max_examples=EXAMPLES,
    stateful_step_count=90,
    derandomize=not SEARCH,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

MOST_PANICS: Final = 0.2
"""The share of the sessions that may end in a panic: a session tests nothing after one."""

OFTEN: Final = (
    *("vm_page_alloc", "vm_page_free", "vm_page_cache", "vm_page_wakeup", "vm_page_busy_wait") * 4,
    *("vm_page_hold", "vm_page_unhold", "vm_page_grab", "vm_object_drop", "vm_page_try_to_free") * 3,
    *("vm_page_activate", "vm_page_deactivate", "vm_page_flag_set", "vm_page_lookup_busy_wait") * 2,
)
"""The central page functions are called more often than the others."""

NAMES: Final = (*sorted(FUNCTIONS), *OFTEN)


class Drawn:
    """Choices that Hypothesis makes and can take back."""

    data: Any = None

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[self.number(0, len(options) - 1)]

    def number(self, low: int, high: int) -> int:
        """A number from `low` to `high`."""
        return low if low == high else int(self.data.draw(st.integers(low, high)))


class PageLayer(RuleBasedStateMachine):
    """One session; each rule is a call begun, some steps taken, or time passing."""

    statistics = Statistics()

    def __init__(self) -> None:
        super().__init__()
        self.chooser = Drawn()
        self.session: Session

    def _takes(self, name: str, data: Any) -> None:
        self.statistics.rules[name] += 1
        self.chooser.data = data

    @initialize(data=st.data(), misuse=st.integers(0, 7))
    def boot(self, data: Any, misuse: int) -> None:
        """Boot a machine."""
        self._takes("boot", data)
        self.session = Session(machine_of(self.chooser), self.chooser, self.statistics, misuse=misuse == 7)

    @precondition(lambda self: not self.session.over and self.session.idle())
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def assign(self, data: Any, name: str) -> None:
        """Let an idle thread begin a call."""
        self._takes("assign", data)
        t = self.chooser.pick(self.session.idle())
        self.session.assign(t, name)
        self.session.go(t, self.chooser.number(0, 30))

    @precondition(lambda self: not self.session.over and self.session.running())
    @rule(data=st.data(), steps=st.integers(1, 20))
    def go(self, data: Any, steps: int) -> None:
        """Let one thread take some steps."""
        self._takes("go", data)
        self.session.go(self.chooser.pick(self.session.running()), steps)

    @precondition(lambda self: not self.session.over and self.session.running())
    @rule(pattern=st.lists(st.integers(1, 9), min_size=1, max_size=4))
    def settle(self, pattern: list[int]) -> None:
        """Let all threads run by turns until none can."""
        self._takes("settle", None)
        self.session.settle(pattern)

    @precondition(lambda self: not self.session.over and (self.session.running() or self.session.asleep()))
    @rule(number=st.sampled_from([1, 1, 3, 100]))
    def tick(self, number: int) -> None:
        """Let the clock tick."""
        self._takes("tick", None)
        self.session.tick(number)

    @precondition(lambda self: not self.session.over and self.session.asleep())
    @rule(data=st.data())
    def time_out(self, data: Any) -> None:
        """End one sleep."""
        self._takes("time_out", data)
        self.session.time_out(self.chooser.pick(self.session.asleep()))

    @precondition(lambda self: not self.session.over and self.session.mapped())
    @rule(data=st.data())
    def touch(self, data: Any) -> None:
        """Let the processor use a page through its mapping."""
        self._takes("touch", data)
        self.session.touch(self.chooser.pick(self.session.mapped()))

    @precondition(lambda self: self.session.over)
    @rule()
    def rest(self) -> None:
        """The kernel has stopped."""

    def teardown(self) -> None:
        """Run every call that can end to its end."""
        if hasattr(self, "session") and not self.session.over:
            self.session.settle([7], 200)


def play(session: Session, chooser: Seeded, turns: int) -> None:
    """A number of turns of a session, drawn evenly."""
    for _ in range(turns):
        if session.over:
            return
        kind = chooser.number(0, 9)
        if kind < 5 and session.idle():
            session.assign(chooser.pick(session.idle()), chooser.pick(NAMES))
        elif kind < 8 and session.running():
            session.go(chooser.pick(session.running()), chooser.number(1, 20))
        elif kind == 8:
            session.settle([chooser.number(1, 9) for _ in range(3)])
        elif session.asleep():
            session.time_out(chooser.pick(session.asleep()))
        elif session.mapped():
            session.touch(chooser.pick(session.mapped()))


def play_seeds(statistics: Statistics) -> None:
    """Sessions drawn from fixed seeds."""
    for seed in SEEDS:
        chooser = Seeded(seed)
        play(Session(machine_of(chooser), chooser, statistics, misuse=seed % 8 == 7), chooser, 120)


def call_each_function(statistics: Statistics) -> None:
    """Call every public function at least once, after the calls that it depends on."""
    for number, name in enumerate(sorted(FUNCTIONS)):
        for attempt in range(8):
            if _called(Session(_machine(number), Seeded(f"{name} {attempt}"), statistics), name):
                break


def _machine(number: int) -> Any:
    spec, colors = MACHINES[number % len(MACHINES)]
    return configuration(spec, ("document", "source")[number % 2], colors=colors)


def _called(session: Session, name: str, limit: int = 60) -> bool:
    """Whether a thread came to call `name`: each call that it needs first is made to its end."""
    for _ in range(limit):
        assigned = session.assign(0, name)
        session.settle([20])
        for t in session.asleep():
            session.time_out(t)
            session.settle([20])
        if assigned == name or session.over or 0 not in session.idle():
            return assigned == name
    return False


def test_calls_in_any_order_keep_every_invariant(request: pytest.FixtureRequest) -> None:
    statistics = PageLayer.statistics = Statistics()
    run_state_machine_as_test(PageLayer, settings=SETTINGS)
    play_seeds(statistics)
    panics = sum(count for stop, count in statistics.stops.items() if not stop.startswith("livelock"))
    share = panics / statistics.runs
    call_each_function(statistics)
    request.node.user_properties.append(("summary", ["calls in any order:", *statistics.report()]))
    assert share <= MOST_PANICS or SEARCH, f"{panics} of {statistics.runs} sessions ended in a panic"
    assert sorted(set(FUNCTIONS) - set(statistics.functions)) == []


# --- what the machinery above rests on --------------------------------------------------------------------


def test_every_recipe_is_of_a_public_function() -> None:
    assert sorted(set(RECIPES) - set(FUNCTIONS)) == []
    assert {*LIVELOCKS} <= {*FUNCTIONS}


def test_every_function_that_releases_a_lock_has_a_recipe() -> None:
    """What follows from its parameters' kinds would name a lock that the thread does not hold."""
    releasing = {name for name in FUNCTIONS if "unlock" in name or name.startswith("lwkt_rel")}
    assert "vm_page_queue_spin_unlock" in releasing
    assert sorted(releasing - set(RECIPES)) == []


def test_every_row_is_found_by_its_own_panic_and_no_other_panic_has_one() -> None:
    for row in ROWS:
        assert row_of(KernelPanic(row.kind, row.function, "", message=row.text)) is row
    assert row_of(KernelPanic("panic", "vm_page_wakeup", "", message="another text")) is None
    assert row_of(KernelPanic("fault", "vm_page_wakeup", "")) is None
    assert livelock_of(("vm_page_grab", "vm_page_busy_try")) == "vm_page_grab"
    assert livelock_of(("vm_page_busy_wait",)) is None


def test_a_session_sees_a_machine_that_disagrees_with_itself() -> None:
    session = Session(configuration("1MiB:1x2x1"), Seeded(1), Statistics())
    session.vm.queue.lcnt[1] += 1
    with pytest.raises(InvariantViolation):
        validate_machine(session.vm)
    with pytest.raises(InvariantViolation):
        session.assign(0, "vm_page_alloc")


def digests(seed: int, recorded: bool) -> list[str]:
    """The memory's digest after each of some turns, all chosen by the seed."""
    chooser = Seeded(seed)
    session = Session(machine_of(chooser), chooser, Statistics(), misuse=seed % 8 == 7)
    if not recorded:
        session.vm.memory.record(None)
    found = []
    for _ in range(8):
        play(session, chooser, 5)
        found.append(session.vm.memory.digest())
    return found


@settings(max_examples=15, derandomize=True, database=None)
@given(seed=st.integers(0, 1 << 32))
def test_the_same_calls_in_the_same_order_leave_the_same_memory_recorded_or_not(seed: int) -> None:
    first = digests(seed, recorded=True)
    assert first == digests(seed, recorded=False)
    assert len(set(first)) > 1
