"""The events of a run, compared with the states before and after each single step."""

from __future__ import annotations

import pytest

from engine.debug.event_steps import EVENTS, event_steps
from engine.machine.tables import SLEEPING
from engine.run.history import History
from engine.scenario.loader import load

Found = dict[str, list[int]]


def found(history: History) -> Found:
    return {kind: steps.tolist() for kind, steps in event_steps(history).items()}


def walked(history: History) -> Found:
    """The same from a visit of every step: what the writes of the step changed."""
    vm, expected = history.vm, {kind: list[int]() for kind in EVENTS}
    places = {name: vm.memory.places[name] for name in ("page.queue", "thread.state", "cpu.v_vm_faults")}
    ticks = vm.memory.address("global.ticks", 0)
    for step in range(1, history.total + 1):
        kinds = set[str]()
        for address, old, new in history.journal.writes_of(step):
            inside = {name for name, at in places.items() if at.base <= address < at.base + at.length}
            bias = places["thread.state"].spec.bias
            kinds |= {"moves"} if "page.queue" in inside else set()
            kinds |= {"faults"} if "cpu.v_vm_faults" in inside else set()
            kinds |= {"ticks"} if address == ticks else set()
            if "thread.state" in inside and (old + bias == SLEEPING) != (new + bias == SLEEPING):
                kinds.add("sleeps" if new + bias == SLEEPING else "wakeups")
        for kind in kinds:
            expected[kind].append(step)
    return expected


@pytest.mark.parametrize("rules", ["document", "source"])
@pytest.mark.parametrize("run", ["thrash", "four-ways-to-wait", "usage-pattern-fault"])
def test_each_kind_has_its_steps(run: str, rules: str) -> None:
    history = load(run, rules=rules).start()
    history.extend(1500)
    assert found(history) == walked(history)
    assert any(found(history).values())


def test_step_by_step_and_in_a_branch_they_are_the_same() -> None:
    history = load("four-ways-to-wait").start()
    while history.total < 120 and history.forward():
        found(history)
    assert found(history) == walked(history)
    history.seek(50)
    history.fork()
    assert found(history) == walked(history)
    history.extend(30)
    history.forget(70)
    assert found(history) == walked(history)
    history.switch(0)
    assert found(history) == walked(history)
