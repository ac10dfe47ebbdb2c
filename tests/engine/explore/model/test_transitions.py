"""The steps of a model do what the steps of a run do, and can be taken back."""

from __future__ import annotations

from contextlib import closing

import pytest

from engine.explore.graph.state_graph import EVENT
from engine.explore.model.transitions import Leaf, Model
from engine.run.events import Event
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import (
    LARGE,
    QUICK,
    WALKED,
    Ended,
    SideBySide,
    content_of,
    scenario_named,
)
from tests.tiers import only_fast

STEPS = 60

PANICS = Named("panics", frozenset(), (("a", 0, "vm_page_unhold(setup.m)"),))
FAILS = Named("fails", frozenset(), (("a", 0, "x = 1\ny = x // (x - 1)"),))


def model_of(*threads: tuple[str, int, str]) -> Model:
    return Model(Named("made", frozenset(), threads).load())


@pytest.mark.parametrize("seed", only_fast(range(0, 24, 4), 0))
@pytest.mark.parametrize("name", only_fast((*WALKED, *LARGE), *QUICK))
def test_steps_write_what_the_steps_of_a_run_write(name: str, seed: int) -> None:
    both, steps = SideBySide(scenario_named(name)), 0
    start = content_of(both.model.vm.memory)
    for more in range(4):
        for ended in both.walk(seed + more, STEPS):
            steps += 1
            assert content_of(both.model.vm.memory) == content_of(both.history.vm.memory)
            if ended is not None:
                assert isinstance(both.came[-1], Leaf)
                assert str(both.came[-1].finding) == ended.message
    assert steps > 10
    both.go_back()
    assert content_of(both.model.vm.memory) == start
    assert both.model.local == [0] * len(both.model.names)


def test_a_step_that_was_learned_is_not_performed_again() -> None:
    model = model_of(("a", 0, "vm_page_hold(setup.m)"))
    leaf = model.leaf(0)
    assert (model.leaf(0), model.leaves) == (leaf, 1)
    model.apply(leaf)
    model.take_back(leaf)
    assert (model.leaf(0), model.leaves) == (leaf, 1)


def test_another_value_of_a_cell_that_is_read_makes_another_leaf() -> None:
    model = model_of(("a", 0, "x = setup.m.hold_count"), ("b", 1, "vm_page_hold(setup.m)"))
    without = model.leaf(0)
    while model.states[1].begins[model.local[1]] is False or model.local[1] == 0:
        model.apply(model.leaf(1))
    held = model.leaf(0)
    assert held is not without
    slot = model.scenario.names.variables["a"]["x"].slot
    cell = model.vm.memory.address("variable.value", slot)
    assert dict(held.changes)[cell] - dict(without.changes).get(cell, model.cells[cell]) == 1


def test_a_panic_is_a_leaf_with_a_finding_and_the_writes_until_then() -> None:
    both = SideBySide(PANICS.load())
    ended = None
    while ended is None:
        ended = both.take(0)
    leaf = both.came[-1]
    assert isinstance(leaf, Leaf)
    assert (ended.outcome, str(leaf.finding)) == ("panic", ended.message)
    assert leaf.changes
    assert leaf.before == leaf.after


def test_after_an_error_of_a_script_nothing_has_changed() -> None:
    both = SideBySide(FAILS.load())
    assert both.take(0) is None
    assert both.take(0) == Ended("script error", str(both.came[-1].finding))  # type: ignore[union-attr]
    leaf = both.came[-1]
    assert isinstance(leaf, Leaf)
    assert (leaf.changes, leaf.writes, leaf.undo) == ((), (), ())


def test_a_step_that_fails_does_not_take_the_cpu_either() -> None:
    model = model_of(("a", 0, "x = 1\ny = x // (x - 1)"), ("b", 0, "z = 1\nw = 1"))
    for t in (0, 1):
        model.apply(model.leaf(t))
    assert model.vm.cpu.current[0] == 1
    leaf = model.leaf(0)
    assert (str(leaf.finding).count("division by zero"), leaf.changes, leaf.writes) == (1, (), ())
    model.apply(leaf)
    assert model.vm.cpu.current[0] == 1


def test_an_event_says_what_it_writes_and_changes_nothing() -> None:
    model = model_of(("a", 0, "vm_wait(3)"))
    while model.runnable():
        model.apply(model.leaf(0))
    before, event = content_of(model.vm.memory), model.idle()
    assert event == Event("tick", 3)
    writes, _ = model.event(event)
    assert content_of(model.vm.memory) == before
    assert (model.vm.memory.address("global.ticks", 0), 0, 3) in writes
    assert model.next_step(EVENT) == writes
    model.take(writes)
    assert (model.ticks - model.start_ticks, model.runnable()) == (3, [0])
    model.take_back_any(writes)
    assert content_of(model.vm.memory) == before


def test_delta_is_what_a_step_changes_the_key_by() -> None:
    both = SideBySide(scenario_named("loops"))
    model = both.model

    def whole() -> int:
        total = 0
        for address in (model.vm.memory.array != start).nonzero()[0].tolist():
            total ^= model.keys.of_cell(address, int(start[address]))
            total ^= model.keys.of_cell(address, model.cells[address])
        for t, local in enumerate(model.local):
            total ^= model.keys.of((t, model.states[t].frames[0]))
            total ^= model.keys.of((t, model.states[t].frames[local]))
        return total

    start, total = model.vm.memory.array.copy(), 0
    for _ in both.walk(4, 40):
        came = both.came[-1]
        assert isinstance(came, Leaf)
        total ^= came.delta
        assert total == whole()
    assert len(both.came) > 5


def test_a_closed_model_logs_nothing() -> None:
    with closing(model_of(("a", 0, "x = setup.m.hold_count"))) as model:
        model.leaf(0)
        assert model.log.cells
    model.log.clear()
    assert model.vm.page.hold_count[0] == 0
    assert model.log.cells == []
