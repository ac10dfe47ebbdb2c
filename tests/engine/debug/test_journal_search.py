"""Searching the journal: what reading it step by step would find."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine.debug.journal_search import (
    announced,
    last_own_step,
    nearest_writing,
    next_write,
    own_step_before,
    steps_labelled,
    steps_of_thread,
    steps_writing,
    writes_between,
)
from engine.run.history import History
from engine.scenario.loader import load
from tests.engine.scenario.small_scenarios import counting


@pytest.fixture(scope="module")
def life() -> History:
    history = load("life-of-a-page").start()
    history.extend(1 << 20)
    return history


def written(history: History, step: int) -> set[int]:
    return {address for address, _, _ in history.journal.writes_of(step)}


@pytest.mark.parametrize("count", [1, 3, 8, 9, 40])
def test_the_steps_that_wrote_any_of_some_cells_are_those_of_a_walk(life: History, count: int) -> None:
    chance = random.Random(count)
    known = sorted(set().union(*(written(life, step) for step in range(1, life.total + 1))))
    for _ in range(20):
        cells = chance.sample(known, count)
        first, last = sorted(chance.sample(range(life.total + 1), 2))
        walked = [step for step in range(first + 1, last + 1) if written(life, step) & set(cells)]
        assert steps_writing(life, cells, first, last).tolist() == walked


def test_a_stretch_of_cells_includes_its_start_but_not_its_end(life: History) -> None:
    step = next(step for step in range(1, life.total + 1) if written(life, step))
    cell = min(written(life, step))
    for stretch, found in (
        ((cell, cell + 1), True),
        ((cell - 5, cell), False),
        ((cell + 1, cell + 2), False),
    ):
        assert (step in steps_writing(life, (), step - 1, step, [stretch])) is (
            found or bool(written(life, step) & set(range(*stretch)))
        )
    everything = (0, life.vm.memory.size)
    assert writes_between(life, (), 0, life.total, [everything]).size == life.journal.writes


def test_writes_have_their_journal_indices_in_any_stretch(life: History) -> None:
    address = life.vm.memory.address("thread.pc", 0)
    whole = writes_between(life, (address,), 0, life.total).tolist()
    assert [life.journal.address[n] for n in whole] == [address] * len(whole)
    middle = life.journal.step_of(whole[3])
    parts = [
        *writes_between(life, (address,), -1, middle).tolist(),
        *writes_between(life, (address,), middle, life.total).tolist(),
    ]
    assert parts == whole


def test_the_next_write_is_after_the_step_itself(life: History) -> None:
    address = life.vm.memory.address("thread.pc", 1)
    steps = steps_writing(life, (address,), 0, life.total).tolist()
    assert next_write(life, address, 0) == steps[0]
    assert next_write(life, address, steps[0] - 1) == steps[0]
    assert next_write(life, address, steps[0]) == steps[1]
    assert next_write(life, address, steps[-1]) is None


def test_every_step_is_of_its_thread_and_of_its_label(life: History) -> None:
    steps = range(1, life.total + 1)
    for t in range(len(life.programs)):
        walked = [step for step in steps if life.journal.thread(step) == t]
        assert steps_of_thread(life, t, 0, life.total).tolist() == walked
        assert steps_of_thread(life, t, 30, 60).tolist() == [step for step in walked if 30 < step <= 60]
    texts = ("take the page's spinlock", "hold the object", "never announced")
    walked = [step for step in steps if life.journal.label(step) in texts]
    assert len(walked) > 5
    assert steps_labelled(life, texts, 0, life.total).tolist() == walked
    assert steps_labelled(life, texts[:1], walked[0], walked[1]).tolist() == [
        step for step in walked[1:2] if life.journal.label(step) == texts[0]
    ]
    assert steps_labelled(life, texts[2:], 0, life.total).tolist() == []


def test_announcements_are_found_by_any_property_of_their_words(life: History) -> None:
    busy = announced(lambda text: "busy" in text)
    walked = [step for step in range(1, life.total + 1) if "busy" in life.journal.label(step)]
    assert walked
    assert busy.of(life).columns.tolist() == [walked]


def test_the_nearest_writes_are_those_of_a_search_of_everything_cut_short() -> None:
    scenario = counting(9_000)
    history = scenario.start()
    history.extend(30_000)
    cell = history.vm.memory.address("variable.value", scenario.names.variables["app"]["i"].slot)
    every = steps_writing(history, (cell,), 0, history.total).tolist()
    near = nearest_writing(history, (cell,), 500, history.total).tolist()
    ahead = [step for step in every if step > 500]
    assert near == ahead[: len(near)]
    assert 0 < len(near) < len(ahead)
    back = nearest_writing(history, (cell,), 0, 17_000, backwards=True).tolist()
    passed = [step for step in every if step <= 17_000]
    assert back == passed[-len(back) :]
    assert 0 < len(back) < len(passed)
    last = every[-1]
    assert nearest_writing(history, (cell,), last, history.total).tolist() == []
    assert nearest_writing(history, (cell,), last - 1, history.total).tolist() == [last]
    assert nearest_writing(history, (cell,), 0, every[0] - 1, backwards=True).tolist() == []


def test_the_last_step_of_the_own_thread_is_that_of_a_walk(life: History) -> None:
    threads = [life.journal.thread(step) for step in range(1, life.total + 1)]

    def last(step: int, among: list[int]) -> int:
        return max((one for one in among if one < step and threads[one - 1] == threads[step - 1]), default=0)

    moments, every, some = (
        [*range(1, life.total + 1, 7)],
        [*range(1, life.total + 1)],
        [3, 40, 41, life.total - 9],
    )
    found = own_step_before(life, np.array(moments))
    assert found.tolist() == [last(step, every) for step in moments]
    found = last_own_step(life, np.array(some), np.array(moments))
    assert found.tolist() == [last(step, some) for step in moments]
    assert own_step_before(life, np.array([], np.int64)).size == 0
