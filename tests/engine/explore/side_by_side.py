"""A model and a recorded run of one scenario, walked by the same steps: the run says what is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput, CapacityError
from engine.explore.graph.state_graph import EVENT
from engine.explore.model.keys import PROGRESS
from engine.explore.model.marks import Marks, Place
from engine.explore.model.transitions import Came, Leaf, Model
from engine.explore.prepared import recipe_of
from engine.memory.cells import Memory
from engine.run.events import Event
from engine.run.history import History
from engine.run.splitmix import splitmix64
from engine.run.threads import DEADLOCK
from engine.scenario.loader import Scenario, load
from tests.engine.explore.named_scenarios import NAMED

WALKED: Final = (
    *("two-spinlocks", "two-tokens", "queue-of-a-cpu", "a-read", "naps", "free-while-held", "loops"),
    *("lock-order-reversal", "unhold-races-free", "io-finish-wakes-nothing"),
)
"""Scenarios with spinlocks on shared cpus, tokens, I/O, sleeps with a timeout, and panics."""

QUICK: Final = ("two-spinlocks", "queue-of-a-cpu", "naps", "free-while-held")
"""Those of them that take little time, for the fast tier."""

LARGE: Final = ("boot", "held-while-freed", "thrash", "emergency-pager", "a-nice-hog")
"""Scenarios of the library with a boot in steps, daemons, and swapping."""


def scenario_named(name: str) -> Scenario:
    """A scenario made by hand, or one of the library."""
    return next((one.load() for one in NAMED if one.name == name), None) or load(name)


def content_of(memory: Memory) -> tuple[bytes, dict[tuple[int, tuple[int, int]], int]]:
    """Every cell, without the progress of a schedule, which a model does not have.

    The cells of address books, whose keys may have come up in another order, are given by what they are for.
    """
    books = {memory.places[column].base: book for book, column in memory.books}
    cells = memory.array.copy()
    for first, beyond in (
        memory.places[name].stretch for name in (*PROGRESS, *(of for _, of in memory.books))
    ):
        cells[first:beyond] = 0
    entries = {
        (first, key): memory.cells[first + slot]
        for first, book in books.items()
        for key, slot in dict.items(book.slots)
        if memory.cells[first + slot]
    }
    return cells.tobytes(), entries


def random_numbers(seed: int, count: int) -> Iterator[int]:
    """Numbers that a seed determines."""
    state = seed
    for _ in range(count):
        state, number = splitmix64(state)
        yield number


@dataclass(frozen=True)
class Ended:
    """Nothing follows: the outcome, as the run has it, and its finding in words."""

    outcome: str
    message: str = ""


class SideBySide:
    """A model and a run at the same state.

    came: the model's steps from the start. marks: what they have done.
    """

    def __init__(self, scenario: Scenario, order: Sequence[tuple[Place, Place]] = ()) -> None:
        self.scenario = recipe_of(scenario).scenario()
        self.model = Model(self.scenario, (), order)
        self.history = self._started()
        self.came: list[Came] = []
        self.marks: Marks = self.model.marking.start

    def _started(self) -> History:
        history = self.scenario.start()
        history.extend(self.model.opening)
        return history

    def run_choices(self) -> list[int] | Event | str:
        """What can follow, as the run's threads say: threads, an event, or an outcome."""
        threads = self.history.runner.threads
        if threads.deadlock() is not None:
            return DEADLOCK
        choice = threads.runnable() or threads.nothing_runs()
        return [choice] if isinstance(choice, int) else choice

    def model_choices(self) -> list[int] | Event | str:
        """The same, as the model says."""
        model = self.model
        found = model.runnable()
        while model.choices.is_stale:
            model.choices.refine()
            found = model.runnable()
        return found or model.idle()

    def take(self, thread: int) -> Ended | None:
        """Take a step of a thread, or the event, in both; return how the run ends with it, if it does."""
        came = self.model.next_step(thread)
        if isinstance(came, Leaf) and came.marks is not None:
            after = self.model.marking.after(self.marks, came.marks)
            assert after is not None
            self.marks = after
        self.model.take(came)
        self.came.append(came)
        try:
            taken = self.history.extend(1) == 1 if thread == EVENT else self.history.step_thread(thread)
        except (BadInput, CapacityError) as error:
            return Ended("script error", str(error))
        assert taken
        finding = self.history.branch.finding
        return None if finding is None else Ended("panic", str(finding))

    def go_back(self) -> None:
        """Bring the model to the start, and take a new run."""
        for step in reversed(self.came):
            self.model.take_back_any(step)
        self.came.clear()
        self.marks = self.model.marking.start
        self.history = self._started()

    def walk(self, seed: int, most: int) -> Iterator[Ended | None]:
        """Go back to the start and take random steps; yield after each how the run ends with it."""
        self.go_back()
        for number in random_numbers(seed, most):
            thread = self.next_thread(number)
            if thread is None:
                return
            ended = self.take(thread)
            yield ended
            if ended is not None:
                return

    def next_thread(self, number: int) -> int | None:
        """The thread, or EVENT, that a random number chooses; None at an end."""
        choices = self.run_choices()
        if isinstance(choices, Event):
            return EVENT
        return None if isinstance(choices, str) else choices[number % len(choices)]
