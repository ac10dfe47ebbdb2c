"""A thread's generator comes to any of its local states again, whatever the cells are."""

from __future__ import annotations

import numpy as np
import pytest

from engine.explore.model.frames import frames_of
from engine.explore.model.local_states import Content
from engine.explore.model.transitions import Model
from engine.memory.access_log import Keys, Stretch
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import QUICK, WALKED, SideBySide, content_of, scenario_named
from tests.tiers import only_fast


def model_of(*threads: tuple[str, int, str]) -> Model:
    return Model(Named("made", frozenset(), threads).load())


@pytest.mark.parametrize("name", only_fast(WALKED, *QUICK))
def test_a_generator_comes_to_each_local_state_again(name: str) -> None:
    both = SideBySide(scenario_named(name))
    for seed in range(3):
        for _ in both.walk(seed, 60):
            pass
    both.go_back()
    before = content_of(both.model.vm.memory)
    for t, states in enumerate(both.model.states):
        for number in reversed(range(len(states.frames))):
            states.go_to(number)
            live = both.model.runner.live[t]
            assert frames_of(live) == states.frames[number]
            assert (live.action, live.lock) == (states.actions[number], states.locks[number])
    assert content_of(both.model.vm.memory) == before


def test_two_instructions_of_one_line_are_two_local_states() -> None:
    model = model_of(("a", 0, "for i in range(2):\n    for j in range(2):\n        vm_page_hold(setup.m)"))
    leaves = []
    while model.runnable():
        leaves.append(model.leaf(0))
        model.apply(leaves[-1])
    states = model.states[0]
    places = [leaf.before for leaf in leaves if states.begins[leaf.before]]
    assert len(set(places)) > len({states.frames[place] for place in places})


def test_a_local_state_is_a_start_only_between_instructions() -> None:
    model = model_of(("a", 0, "vm_page_spin_lock(setup.m)\nvm_page_spin_unlock(setup.m)"))
    states, pc = model.states[0], []
    while model.runnable():
        before = model.vm.thread.pc[0]
        model.apply(model.leaf(0))
        pc.append((model.vm.thread.pc[0] != before, states.begins[model.local[0]]))
    assert all(moved == begins for moved, begins in pc)
    assert states.begins[0]


def test_a_generator_that_a_panic_ended_is_made_again() -> None:
    model = model_of(("a", 0, "vm_page_unhold(setup.m)"))
    while model.leaf(0).finding is None:
        model.apply(model.leaf(0))
    states, number = model.states[0], model.local[0]
    states.go_to(number)
    assert frames_of(model.runner.live[0]) == states.frames[number]


def test_content_is_shown_and_restored() -> None:
    model = model_of(("a", 0, "x = vm_page_lookup(file, 0)"))
    content, cells = Content(model.vm), model.cells
    cell = model.vm.memory.address("page.hold_count", 3)
    restore = content.put(cell, 7)
    assert (content.get(cell), model.vm.page.hold_count[3]) == (7, 7)
    restore()
    assert content.get(cell) == cells[cell] == 0

    stretch = Stretch(cell, cell + 3)
    restore = content.put(stretch, np.array([4, 5, 6], np.int64).tobytes())
    assert [model.vm.page.hold_count[n] for n in (3, 4, 5, 6)] == [4, 5, 6, 0]
    restore()
    assert content.get(stretch) == bytes(24)


def test_an_address_book_can_be_shown_with_fewer_keys() -> None:
    model = model_of(("a", 0, "x = vm_page_lookup(file, 0)"))
    content = Content(model.vm)
    number, column = next(
        (n, column) for n, (book, column) in enumerate(model.vm.memory.books) if dict.__len__(book.slots) > 1
    )
    keys, first = Keys(number), model.vm.memory.places[column].base
    count = content.get(keys)
    entries = [model.cells[first + slot] for slot in range(count)]
    assert any(entries)
    restore = content.put(keys, 0)
    assert not any(model.cells[first + slot] for slot in range(count))
    restore()
    assert [model.cells[first + slot] for slot in range(count)] == entries
