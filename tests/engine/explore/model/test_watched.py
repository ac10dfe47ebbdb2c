"""What is watched has the value that it would have if it were evaluated again at each state."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.explore.claims import evidence_for
from engine.explore.model.watched import Watched, watched_truth, watched_value
from tests.engine.explore.side_by_side import SideBySide, scenario_named

EXPRS = {
    "life-of-a-page": ["vmstats.v_free_count", "global.ticks", "thread[0].pc + 2 * thread[1].pc"],
    "two-tokens": ["setup.m", "setup.m.hold_count", "1 // setup.m.hold_count", "vm_page_lookup(file, 1)"],
    "lock-order-reversal": ["thread[0].page_spin", "vmstats.v_page_count", "setup.m.busy_count == 0"],
    "a-page-that-is-gone": ["a.x", "a.y", "vm_page_lookup(file, 0)", "setup.m.queue"],
}


@pytest.mark.parametrize("name", EXPRS)
def test_a_watched_expression_is_evaluated_again_only_where_it_has_to_be(name: str) -> None:
    both = SideBySide(scenario_named(name))
    expressions = []
    for text in EXPRS[name]:
        try:
            expressions.append(both.scenario.expression(text))
        except BadInput:
            continue
    assert expressions
    for expression in expressions:
        watched, evaluated = watched_value(both.model, expression), 0
        compute = watched.compute

        def counted() -> object:
            nonlocal evaluated
            evaluated += 1
            return compute()  # noqa: B023  # called before the next one

        watched.compute = counted
        states = 0
        for seed in range(3):
            for _ in both.walk(seed, 80):
                assert watched.value() == compute()
                states += 1
        assert evaluated <= states
        before = evaluated
        for _ in both.walk(0, 80):
            watched.value()
        assert evaluated == before, "every state of the walk is known"


def test_why_an_expression_has_no_value_is_its_value() -> None:
    both = SideBySide(scenario_named("two-tokens"))
    watched = watched_value(both.model, both.scenario.expression("1 // setup.m.hold_count"))
    assert watched.value() == "1 // setup.m.hold_count: division by zero"
    both.take(2)
    assert watched.value() == 1


def test_a_truth_is_that_of_the_statement() -> None:
    both = SideBySide(scenario_named("two-tokens"))
    (one,) = evidence_for(both.scenario, always=("setup.m.hold_count == 0",))
    watched = watched_truth(both.model, one)
    assert watched.value() is True
    both.take(2)
    assert watched.value() is False


def test_two_watched_functions_do_not_share_what_they_know() -> None:
    both = SideBySide(scenario_named("two-tokens"))
    page = both.model.vm.page
    first, second = (Watched(both.model, lambda n=n: page.hold_count[0] + n) for n in (0, 10))  # type: ignore[misc]
    assert (first.value(), second.value(), first.value()) == (0, 10, 0)
