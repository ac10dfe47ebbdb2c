"""`explore`: what it is asked for, and what it gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from engine.errors import BadInput
from engine.explore import explore
from engine.explore.graph.state_graph import EVENT
from engine.explore.limits import Limits, Progress, Sample
from engine.explore.order import read_order
from engine.scenario.loader import Scenario, load
from tests.engine.explore.brute_force import End, Prefix
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import scenario_named
from tests.tiers import only_fast

TINY = Named(
    "tiny",
    frozenset(),
    (
        ("a", 0, "x = 1\nvm_page_hold(setup.m)\nx = 2"),
        ("b", 1, "y = setup.m.hold_count\nif y:\n    vm_page_unhold(setup.m)\nz = 1"),
    ),
)


def schedules(scenario: Scenario) -> Iterator[tuple[tuple[int, ...], str, list[tuple[int, int]]]]:
    """Every schedule by plain re-execution: its path, its outcome, and (thread, line) as they are reached."""
    prefix, waiting = Prefix(scenario), list[tuple[int, ...]]([()])
    programs = scenario.start().programs
    while waiting:
        path = waiting.pop()
        prefix.go(())
        reached = []
        for who in path:
            before = prefix.vm.thread.pc[who]
            assert prefix.take(who)
            after = prefix.vm.thread.pc[who]
            if after != before:
                reached.append((who, programs[who].line_at(after)))
        choices = prefix.choices()
        if isinstance(choices, End):
            yield path, choices.outcome, reached
        else:
            waiting += [(*path, who) for who in choices]


def came_first(reached: list[tuple[int, int]], first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether a schedule does not come to the second place before the first."""
    return second not in reached or first in reached[: reached.index(second) + 1]


ORDERS = {
    "a:2<b:2": ((0, 2), (1, 2)),
    "a:3<b:2": ((0, 3), (1, 2)),
    "b:4<a:2": ((1, 4), (0, 2)),
    "a:3<b:4": ((0, 3), (1, 4)),
    "b:4<a:3": ((1, 4), (0, 3)),
    "b:2<a:2": ((1, 2), (0, 2)),
}


@pytest.mark.parametrize("order", only_fast(ORDERS, "a:2<b:2", "b:4<a:3"))
def test_an_order_leaves_out_exactly_the_schedules_that_come_to_its_second_place_first(order: str) -> None:
    first, second = ORDERS[order]
    scenario = TINY.load()
    assert read_order(order, scenario.programs).first.thread == first[0]
    every = list(schedules(scenario))
    kept = Counter(outcome for _, outcome, reached in every if came_first(reached, first, second))
    assert 0 < kept.total() < len(every)
    found = explore(scenario, order=(order,))
    assert {one.outcome: one.schedules for one in found.outcomes} == kept
    assert found.complete
    assert sum(one.probability or 0.0 for one in found.outcomes) == pytest.approx(1.0)
    plain = explore(scenario)
    assert {one.outcome: one.schedules for one in plain.outcomes} == Counter(one for _, one, _ in every)


def test_two_orders_leave_out_what_either_does() -> None:
    scenario = TINY.load()
    orders = [("a:2<b:2", (0, 2), (1, 2)), ("b:4<a:3", (1, 4), (0, 3))]
    kept = Counter(
        outcome
        for _, outcome, reached in schedules(scenario)
        if all(came_first(reached, first, second) for _, first, second in orders)
    )
    found = explore(scenario, order=[order for order, _, _ in orders])
    assert {one.outcome: one.schedules for one in found.outcomes} == kept


def test_the_excluded_state_is_not_counted() -> None:
    found = explore(TINY.load(), order=("a:2<b:2",))
    assert found.graph is not None
    assert found.states == found.graph.size - 1
    assert "excluded" not in {one.outcome for one in found.outcomes}


def test_values_are_counted_over_all_ends() -> None:
    scenario = TINY.load()
    found = explore(scenario, exprs=("b.y", "1 // (b.y - 1)"))
    by_expr = Counter(value.expr for value in found.values)
    assert by_expr == {"b.y": 2, "1 // (b.y - 1)": 2}
    whole = sum(one.schedules or 0 for one in found.outcomes)
    for expr in by_expr:
        own = [value for value in found.values if value.expr == expr]
        assert sum(value.schedules or 0 for value in own) == whole
        assert sum(value.probability or 0.0 for value in own) == pytest.approx(1.0)
        assert [value.probability for value in own] == sorted((v.probability for v in own), reverse=True)  # type: ignore[type-var]
    assert {value.value for value in found.values if value.expr == "b.y"} == {0, 1}
    assert {type(value.value) for value in found.values if value.expr != "b.y"} == {int, str}


def test_a_sample_says_that_it_is_one() -> None:
    found = explore(scenario_named("lost-wakeup"), sample=Sample("random", schedules=300, seed=1))
    assert (found.complete, found.bound, found.sampled) == (False, "300 sampled schedules", 300)
    assert (found.states, found.graph) == (None, None)
    assert sum(one.sampled for one in found.outcomes) == 300
    for one in found.outcomes:
        assert one.probability == one.sampled / 300
        assert (one.schedules, one.inevitable, one.race) == (None, None, None)
        assert one.path.count(EVENT) == 0
    assert explore(load("tour"), sample=Sample("pct", depth=1, schedules=5)).ok is None


def test_what_a_sample_leaves_out_is_said() -> None:
    naps = Named("naps", frozenset(), (("a", 0, "while setup.m.hold_count == 0:\n    vm_wait(7)"),))
    found = explore(naps.load(), sample=Sample("random", schedules=4), limits=Limits(ticks=21))
    assert found.notes == ("4 schedules had not ended after 100,000 steps or 21 ticks",)
    assert found.outcomes == ()
    ordered = explore(TINY.load(), sample=Sample("random", schedules=200), order=("a:2<b:2",))
    left = sum(one.sampled for one in ordered.outcomes)
    assert 0 < left < 200
    assert ordered.notes == (f"{200 - left} schedules left out by --order",)


def test_a_sample_ends_if_the_caller_says_no() -> None:
    seen: list[Progress] = []

    def no(progress: Progress) -> bool:
        seen.append(progress)
        return False

    found = explore(TINY.load(), sample=Sample("random", schedules=2000), progress=no)
    assert (found.sampled, found.bound) == (500, "500 sampled schedules")
    assert [(one.states, one.sampled) for one in seen] == [(0, 500)]
    assert seen[0].transitions == found.transitions


@pytest.mark.parametrize("sample", [None, Sample("random", schedules=1)])
def test_what_cannot_be_read_is_refused_before_anything_runs(sample: Sample | None) -> None:
    for words in ({"exprs": ("1 +",)}, {"order": ("a:9<b:1",)}, {"always": ("q.z",)}, {"allow": ("maybe",)}):
        with pytest.raises(BadInput):
            explore(TINY.load(), sample=sample, **words)  # type: ignore[arg-type]
