"""A value cached per history equals a fresh computation, and is computed only once."""

from __future__ import annotations

import gc
import random
import weakref

import numpy as np
import pytest

from engine.debug.journal_search import announced
from engine.debug.per_history import Growing, PerHistory, Remembered, Rows
from engine.run.history import History
from engine.scenario.loader import load

Told = list[tuple[int, str]]
"""Steps and what they announced."""


@pytest.fixture
def history() -> History:
    begun = load("life-of-a-page").start()
    begun.extend(60)
    return begun


def by_hand(history: History) -> Told:
    return [(step, history.journal.label(step)) for step in range(1, history.total + 1)]


class Reader:
    """Keeps what each step announced, and notes which steps it was asked to work in."""

    def __init__(self, *, inherits: bool) -> None:
        self.read: list[tuple[int, int]] = []
        until = (lambda told, step: told[:step]) if inherits else None
        self.told = Growing[Told](lambda _: [], self._extend, until)

    def _extend(self, told: Told, history: History, first: int, last: int) -> None:
        self.read.append((first, last))
        told += [(step, history.journal.label(step)) for step in range(first + 1, last + 1)]


# --- a value per history ------------------------------------------------------------------------------------


def test_a_value_is_made_once_for_each_history_and_goes_with_it(history: History) -> None:
    values: PerHistory[list[int]] = PerHistory(lambda one: [one.total])
    other = load("life-of-a-page").start()
    assert (values.of(history), values.of(other)) == ([60], [0])
    other.extend(5)
    assert values.of(other) is values.of(other)
    assert values.of(other) == [0]
    gone = weakref.ref(other)
    kept = weakref.ref(history)
    del other
    gc.collect()
    assert gone() is None
    assert kept() is history


# --- growing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inherits", [True, False])
def test_only_new_steps_are_worked_in_wherever_the_cursor_is(history: History, inherits: bool) -> None:
    reader = Reader(inherits=inherits)
    reader.told.of(history)
    history.seek(10)
    reader.told.of(history)
    history.extend(7)
    assert reader.told.of(history) == by_hand(history)
    assert reader.read == [(0, 60), (60, 67)]


@pytest.mark.parametrize(("inherits", "begin"), [(True, 25), (False, 0)])
def test_a_fork_takes_over_the_steps_that_it_shares(history: History, inherits: bool, begin: int) -> None:
    reader = Reader(inherits=inherits)
    before = list(reader.told.of(history))
    history.seek(25)
    history.fork()
    history.extend(12)
    assert reader.told.of(history) == by_hand(history)
    assert reader.read[1:] == [(begin, 37)]
    history.switch(0)
    assert reader.told.of(history) == before
    assert len(reader.read) == 2


def test_a_fork_that_knows_more_than_its_parent_was_asked_for_reads_the_rest(history: History) -> None:
    reader = Reader(inherits=True)
    reader.told.of(history)
    history.extend(20)
    history.seek(75)
    history.fork()
    history.extend(3)
    assert reader.told.of(history) == by_hand(history)
    assert reader.read == [(0, 60), (60, 78)]


@pytest.mark.parametrize(("inherits", "begin"), [(True, 40), (False, 0)])
def test_steps_that_were_dropped_are_read_again(history: History, inherits: bool, begin: int) -> None:
    reader = Reader(inherits=inherits)
    reader.told.of(history)
    history.forget(40)
    history.extend(30)
    history.forget(50)
    assert reader.told.of(history) == by_hand(history)
    assert reader.read[1:] == [(begin, 50)]
    history.extend(10)
    assert reader.told.of(history) == by_hand(history)
    assert reader.read[2:] == [(50, 60)]


@pytest.mark.parametrize("inherits", [True, False])
def test_dropping_steps_that_were_not_covered_keeps_the_value(history: History, inherits: bool) -> None:
    reader = Reader(inherits=inherits)
    reader.told.of(history)
    history.extend(20)
    history.forget(60)
    assert reader.told.of(history) == by_hand(history)
    assert reader.read == [(0, 60)]


def test_another_branch_is_untouched_when_one_drops_steps(history: History) -> None:
    reader = Reader(inherits=False)
    reader.told.of(history)
    history.fork()
    history.extend(20)
    reader.told.of(history)
    history.forget(70)
    history.switch(0)
    assert reader.told.of(history) == by_hand(history)
    assert len(reader.read) == 2


def test_an_interrupted_extension_leaves_nothing_half_done(history: History) -> None:
    stopped = [True]

    def extend(told: Told, history: History, first: int, last: int) -> None:
        for step in range(first + 1, last + 1):
            told.append((step, history.journal.label(step)))
            if step == 70 and stopped:
                stopped.clear()
                raise KeyboardInterrupt

    told = Growing[Told](lambda _: [], extend)
    told.of(history)
    history.extend(20)
    with pytest.raises(KeyboardInterrupt):
        told.of(history)
    assert told.of(history) == by_hand(history)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_change_of_the_history_the_value_equals_a_fresh_one(seed: int) -> None:
    chance, history = random.Random(seed), load("hard-and-soft-busy").start()
    readers = Reader(inherits=True), Reader(inherits=False)
    waits = announced(lambda text: "sleep" in text or "busy" in text)
    for _ in range(150):
        _move(history, chance)
        if chance.random() < 0.6:
            expected = by_hand(history)
            assert [reader.told.of(history) for reader in readers] == [expected, expected]
            wanted = [step for step, text in expected if "sleep" in text or "busy" in text]
            assert waits.of(history).columns.tolist() == [wanted]
    assert len(history.branches) > 3
    assert len(history.cuts) > 3


def _move(history: History, chance: random.Random) -> None:
    """Step, step back, switch branches; or drop steps that no branch left from or after."""
    kind = chance.randrange(6)
    forks = [branch.fork_step for branch in history.branches if branch.parent == history.current]
    lowest = max([history.branch.fork_step, *forks])
    if kind < 2:
        history.extend(chance.randrange(1, 20))
    elif kind == 2:
        history.seek(chance.randrange(history.total + 1))
    elif kind == 3 and len(history.branches) < 8:
        history.go_live()
        runnable = history.runner.threads.runnable()
        if runnable and history.branch.outcome is None:
            history.step_thread(chance.choice(runnable))
    elif kind == 4:
        history.switch(chance.randrange(len(history.branches)))
    elif history.total > lowest:
        history.forget(chance.randrange(lowest, history.total))


# --- answers ------------------------------------------------------------------------------------------------


class Asked:
    """Answers that count the questions computed so far."""

    def __init__(self, most: int = 100) -> None:
        self.worked_out = 0
        self.answers = Remembered[str, int](most)

    def get(self, history: History, key: str) -> int:
        return self.answers.get(history, key, lambda: self._work_out(key))

    def _work_out(self, key: str) -> dict[str, int]:
        self.worked_out += 1
        return {key: self.worked_out, f"{key}, too": -self.worked_out}


def test_an_answer_is_computed_once_with_those_that_come_with_it(history: History) -> None:
    asked = Asked()
    assert [asked.get(history, key) for key in ("a", "b", "a", "a, too", "b, too")] == [1, 2, 1, -1, -2]
    history.extend(5)
    assert asked.get(history, "a") == 1


def test_a_fork_knows_what_was_answered_before_it_and_nothing_else(history: History) -> None:
    asked = Asked()
    asked.get(history, "early")
    history.extend(10)
    asked.get(history, "late")
    history.seek(65)
    history.fork()
    assert [asked.get(history, key) for key in ("early", "late")] == [1, 3]
    history.switch(0)
    assert [asked.get(history, key) for key in ("early", "late")] == [1, 2]


def test_an_answer_outlives_only_steps_that_it_could_not_know(history: History) -> None:
    asked = Asked()
    asked.get(history, "early")
    history.extend(10)
    asked.get(history, "late")
    history.forget(65)
    assert [asked.get(history, key) for key in ("early", "late")] == [1, 3]


def test_when_there_are_too_many_answers_all_are_forgotten(history: History) -> None:
    asked = Asked(most=4)
    assert [asked.get(history, key) for key in ("a", "b", "a", "c", "c", "a")] == [1, 2, 1, 3, 3, 4]


# --- rows ---------------------------------------------------------------------------------------------------


def test_rows_are_found_by_their_steps_however_many_there_are() -> None:
    rows, steps = Rows(2), np.repeat(np.arange(1, 1001), 3)
    for part in np.array_split(np.arange(3000), 70):
        rows.extend(steps[part], part)
    assert len(rows) == 3000
    assert rows.columns.tolist() == [steps.tolist(), list(range(3000))]
    assert rows.between(0, 2).tolist() == [[1, 1, 1, 2, 2, 2], [0, 1, 2, 3, 4, 5]]
    assert rows.between(998, 5000).tolist() == [[999] * 3 + [1000] * 3, list(range(2994, 3000))]
    assert rows.between(7, 7).shape == (2, 0)


def test_rows_up_to_a_step_are_rows_of_their_own() -> None:
    rows = Rows()
    rows.extend([1, 5, 9])
    earlier = rows.until(5)
    earlier.extend([6])
    rows.extend([10, 11])
    assert (rows.columns.tolist(), earlier.columns.tolist()) == ([[1, 5, 9, 10, 11]], [[1, 5, 6]])


def test_what_was_handed_out_stays_when_rows_are_added() -> None:
    rows = Rows()
    rows.extend([1, 2])
    handed_out = rows.columns
    rows.extend(range(3, 200))
    assert handed_out.tolist() == [[1, 2]]
