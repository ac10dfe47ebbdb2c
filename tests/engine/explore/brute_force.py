"""Every schedule of a small scenario by plain re-execution: the reference for the search.

There are no decision trees and no remembered steps. Each state is reached by taking a prefix of steps again,
from step 0, with the engine's own `History`; what can follow is what `Threads` says there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.constants import PBUSY_WANTED
from engine.errors import BadInput, CapacityError
from engine.explore.graph.state_graph import EVENT
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP
from engine.machine.machine import Machine
from engine.machine.tables import SLEEPING
from engine.run.events import Event
from engine.run.history import History
from engine.run.threads import BLOCKED, DEADLOCK
from engine.scenario.checks import outcome_of
from engine.scenario.loader import Scenario
from tests.engine.explore.brute_key import Key, Keys

SCRIPT_ERROR: Final = "script error"
TICKS: Final = 200
"""The most ticks that may pass in a schedule."""


class TooLargeError(Exception):
    """The scenario has more states, or lets more time pass, than a plain search can follow."""


@dataclass(frozen=True)
class End:
    """How a state ends the run: its outcome, its finding in words, and whether a wakeup was lost."""

    outcome: str
    message: str = ""
    lost: bool = False


@dataclass
class Reference:
    """The graph of all states; state 0 is step 0.

    threads: the names. steps: for each state, who leads to which state. length: ticks of each event.
    paths:   a prefix that leads to each state. keys: of each state. ordered: see Keys.
    """

    threads: tuple[str, ...]
    steps: list[dict[int, int]] = field(default_factory=list)
    length: dict[int, int] = field(default_factory=dict)
    ends: dict[int, End] = field(default_factory=dict)
    paths: list[tuple[int, ...]] = field(default_factory=list)
    keys: dict[Key, int] = field(default_factory=dict)
    ordered: frozenset[int] = frozenset()

    @property
    def states(self) -> int:
        """The number of states."""
        return len(self.steps)

    @property
    def transitions(self) -> int:
        """The number of steps between them."""
        return sum(map(len, self.steps))

    def ends_of(self, outcome: str) -> list[int]:
        """The end states with an outcome."""
        return [state for state, end in self.ends.items() if end.outcome == outcome]

    @property
    def outcomes(self) -> set[str]:
        """The outcomes of the ends."""
        return {end.outcome for end in self.ends.values()}


class Prefix:
    """One run of a scenario, which goes to the end of any prefix by taking its steps again."""

    def __init__(self, scenario: Scenario) -> None:
        self.history: History = scenario.start()
        self.path: tuple[int, ...] | None = ()
        self.began = self.vm.glob.ticks[0]
        self.error: str | None = None

    @property
    def vm(self) -> Machine:
        """The machine."""
        return self.history.vm

    def go(self, path: tuple[int, ...]) -> None:
        """Take the steps of a prefix from step 0, unless the run is there."""
        if path == self.path:
            return
        history = self.history
        history.forget(0)
        history.live_at = None  # an error in a script leaves a step that did not count
        history.go_live()
        self.path = ()
        for who in path:
            self.take(who)

    def take(self, who: int) -> bool:
        """Take a step of a thread, or the event that comes if none can run; False if the script fails."""
        history, before = self.history, self.history.step
        try:
            taken = history.extend(1) == 1 if who == EVENT else history.step_thread(who)
        except (BadInput, CapacityError) as error:
            self.error, self.path = str(error), None
            return False
        assert taken
        assert history.step == before + 1
        assert self.path is not None
        self.path = (*self.path, who)
        if self.vm.glob.ticks[0] - self.began > TICKS:
            raise TooLargeError(f"more than {TICKS} ticks pass")
        return True

    def choices(self) -> list[int] | End:
        """Who can take the next step; or how the run ends here."""
        history = self.history
        if history.outcome is not None:
            return self._end()
        threads = history.runner.threads
        if (circle := threads.deadlock()) is not None:
            return End(DEADLOCK, str(circle))
        if can_run := threads.runnable():
            return can_run
        if isinstance(threads.nothing_runs(), Event):
            return [EVENT]
        assert history.extend(1) == 0
        return self._end()

    def ticks(self) -> int:
        """The ticks of the event that comes next."""
        event = self.history.runner.threads.nothing_runs()
        assert isinstance(event, Event)
        return event.number

    def _end(self) -> End:
        history = self.history
        outcome = outcome_of(history)
        return End(outcome, str(history.branch.finding or ""), outcome == BLOCKED and _lost(history))


def _lost(history: History) -> bool:
    """Whether a thread sleeps for a page, without a timeout, and the page does not say that it is wanted."""
    thread, page = history.vm.thread, history.vm.page
    pages = [
        thread.chan[t] - CHAN_PAGE
        for t in range(len(history.programs))
        if thread.state[t] == SLEEPING and not thread.timo[t] and CHAN_PAGE <= thread.chan[t] < CHAN_PIP
    ]
    return any(not page.busy_count[m] & PBUSY_WANTED for m in pages)


# --- the search -------------------------------------------------------------------------------------------


def brute_force(scenario: Scenario, limit: int = 20_000, whole: bool = False) -> Reference:
    """Search every schedule of a scenario that was loaded with the schedule `rr` and steps_per_tick = 0.

    limit: the most states. whole: see Keys.
    Errors: TooLargeError if there are more states, or more than 200 ticks pass.
    """
    ordered: frozenset[int] = frozenset()
    while True:
        search = _Search(scenario, ordered, limit, whole)
        search.run()
        if search.wanted <= ordered:
            return search.found
        ordered |= search.wanted


class _Search:
    """One search, in which the run queues of the cpus `ordered` are part of the key.

    wanted: the cpus whose run queues have to be.
    """

    def __init__(self, scenario: Scenario, ordered: frozenset[int], limit: int, whole: bool) -> None:
        self.prefix = Prefix(scenario)
        history = self.prefix.history
        self.keys = Keys(history, ordered, whole)
        names = tuple(program.name for program in history.programs)
        self.found = Reference(names, ordered=ordered)
        self.limit = limit
        self.wanted: frozenset[int] = frozenset()

    def run(self) -> None:
        """Search until no state is left."""
        waiting = [self._number(self._key(), ())]
        while waiting:
            state = waiting.pop()
            prefix, path = self.prefix, self.found.paths[state]
            prefix.go(path)
            choices = prefix.choices()
            if isinstance(choices, End):
                self.found.ends[state] = choices
                continue
            if choices == [EVENT]:
                self.found.length[state] = prefix.ticks()
            key = self._key()
            for who in choices:
                prefix.go(path)
                before = self.found.states
                self.found.steps[state][who] = reached = self._step(who, key)
                if reached == before and reached not in self.found.ends:
                    waiting.append(reached)

    def _key(self) -> Key:
        self.wanted |= self.keys.wants_order()
        finding = self.prefix.history.branch.finding
        return (*self.keys.key(), str(finding or ""))

    def _step(self, who: int, key: Key) -> int:
        """Take a step, and return the number of the state that it leads to."""
        path = (*(self.prefix.path or ()), who)
        if not self.prefix.take(who):
            message = self.prefix.error or ""
            state = self._number(self.keys.failed(key, who, message), path)
            self.found.ends[state] = End(SCRIPT_ERROR, message)
            return state
        state = self._number(self._key(), path)
        self._check_end(state)
        return state

    def _check_end(self, state: int) -> None:
        """Two prefixes that lead to one end have the same outcome."""
        if state in self.found.ends:
            choices = self.prefix.choices()
            assert isinstance(choices, End)
            assert choices.outcome == self.found.ends[state].outcome

    def _number(self, key: Key, path: tuple[int, ...]) -> int:
        found = self.found
        state = found.keys.setdefault(key, len(found.keys))
        if state == found.states:
            found.steps.append({})
            found.paths.append(path)
            if found.states > self.limit:
                raise TooLargeError(f"more than {self.limit} states")
        return state
