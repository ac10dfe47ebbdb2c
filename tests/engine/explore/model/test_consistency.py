"""A violation of the machine's invariants is found where it is looked for, and ends a schedule."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from engine.errors import InvariantViolation
from engine.explore import explore
from engine.explore.model import consistency
from engine.explore.model.consistency import ALL, CALM, Consistency
from engine.explore.model.transitions import Model
from engine.machine.machine import Machine
from tests.engine.explore.named_scenarios import Named

HELD = Named(
    "held",
    frozenset(),
    (("a", 0, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"), ("b", 1, "x = 1")),
)
LOCKED = Named(
    "locked",
    frozenset(),
    (
        ("a", 0, "x = 1\nif vm_page_busy_try(setup.m, 1) == 0:\n    vm_page_wakeup(setup.m)"),
        ("b", 1, "x = 1"),
    ),
)


def forbid(monkeypatch: pytest.MonkeyPatch, column: str) -> list[int]:
    """Let a page of which a column is not 0 be a violation; return a list that counts the checks."""
    checks: list[int] = []

    def found(vm: Machine, _left_out: Collection[Any]) -> list[InvariantViolation]:
        checks.append(1)
        any_page = vm.memory.vector(column).any()
        return [InvariantViolation(f"{column} is not 0")] if any_page else []

    monkeypatch.setattr(consistency, "violations", found)
    return checks


def test_a_violation_is_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    before = explore(HELD.load())
    assert [one.outcome for one in before.outcomes] == ["completed"]
    forbid(monkeypatch, "page.hold_count")
    after = explore(HELD.load())
    assert [one.outcome for one in after.outcomes] == ["invariant"]
    (found,) = after.outcomes
    assert found.message == "page.hold_count is not 0"
    assert (found.schedule, found.ends, found.probability) == ("a:1", 2, 1.0)
    assert (after.ok, after.complete) == (False, True)
    assert (after.states or 0) < (before.states or 0)


def test_a_state_within_a_call_is_looked_at_only_if_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid(monkeypatch, "page.spin")
    spin = Named("s", frozenset(), (("a", 0, "x = 1\nvm_page_deactivate(setup.m)"), ("b", 1, "x = 1")))
    assert [one.outcome for one in explore(spin.load(), invariants=CALM).outcomes] == ["completed"]
    assert [one.outcome for one in explore(spin.load(), invariants=ALL).outcomes] == ["invariant"]


def test_cells_that_were_checked_are_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = forbid(monkeypatch, "page.hold_count")
    model = Model(LOCKED.load())
    checker, first, leaf = Consistency(model, ALL), model.leaf(0), model.leaf(1)
    assert checker.violation(0) == ""
    assert checker.violation(0) == ""
    assert len(checks) == 1
    model.apply(leaf)
    assert checker.violation(leaf.delta) == ""
    assert len(checks) == 2
    model.take_back(leaf)
    model.apply(first)
    model.vm.page.hold_count[0] = 1
    assert checker.violation(first.delta) == "page.hold_count is not 0"


def test_calm_is_where_no_call_is_unfinished() -> None:
    model = Model(LOCKED.load())
    calm, every = Consistency(model, CALM), Consistency(model, ALL)
    due = [(calm.is_due(None), every.is_due(None))]
    while 0 in model.runnable():
        model.apply(model.leaf(0))
        due.append((calm.is_due(0), every.is_due(0)))
        assert due[-1][0] == model.states[0].begins[model.local[0]]
    assert {one for one, _ in due} == {True, False}
    assert all(other for _, other in due)
