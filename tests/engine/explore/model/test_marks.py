"""Marks say at the end of a schedule what the journal of its run says."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.explore.model.ends import outcome_of_idle
from engine.explore.model.marks import Change, Marks, Place
from engine.run.endings import LEAK, UNLOCK_ORDER, Run, refined
from engine.run.threads import COMPLETED
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import SideBySide, scenario_named
from tests.engine.explore.small_scenarios import SEEDS, scenario_of
from tests.tiers import only_fast

ENDS = Named(
    "ends",
    frozenset(),
    (
        ("a", 0, "vm_page_unhold(setup.m)\nvm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
        ("b", 1, "vm_page_hold(setup.m)\nif setup.m.hold_count > 2:\n    vm_page_unhold(setup.m)"),
        ("c", 1, "lwkt_gettoken(file)\nlwkt_gettoken(heap)\nif setup.m.hold_count > 1:\n"
         "    lwkt_reltoken(file)\n    lwkt_reltoken(heap)\nelse:\n"
         "    lwkt_reltoken(heap)\n    lwkt_reltoken(file)"),
    ),
    setup="vm_page_hold(m)\nvm_page_hold(m)",
)  # fmt: skip
"""Each schedule ends completed, with a hold that is left, or with tokens that were released out of order."""


LEAVING = ("whose-hold-is-left", "whose-busy-is-left", "early-if-queued", "a-rollup")


def ended(both: SideBySide) -> tuple[str, str] | None:
    """The outcome by the marks and by the journal of a run that would be completed; None for another run."""
    if both.run_choices() != COMPLETED:
        return None
    history = both.history
    found = refined(Run(history.vm, history.journal, history.programs, both.model.opening))
    by_marks = outcome_of_idle(both.model, COMPLETED, both.marks)
    return by_marks, COMPLETED if found is None else found[0]


def outcomes(both: SideBySide, seeds: range, most: int) -> Counter[str]:
    """How random schedules end by the marks, each as by the journal."""
    found: Counter[str] = Counter()
    for seed in seeds:
        for _ in both.walk(seed, most):
            pass
        if both.history.branch.finding is None and (pair := ended(both)) is not None:
            assert pair[0] == pair[1], f"walk {seed}"
            found[pair[0]] += 1
    return found


def test_every_random_schedule_ends_by_its_marks_as_by_its_journal() -> None:
    found = outcomes(SideBySide(ENDS.load()), range(40), 400)
    assert found.keys() == {COMPLETED, LEAK, UNLOCK_ORDER}


@pytest.mark.parametrize(
    "name", ["whose-hold-is-left", "whose-busy-is-left", "early-if-queued", "two-tokens"]
)
def test_schedules_of_scenarios_made_by_hand_end_as_by_their_journals(name: str) -> None:
    assert outcomes(SideBySide(scenario_named(name)), range(12), 200)


@pytest.mark.parametrize("seed", only_fast(SEEDS[::3], SEEDS[0], SEEDS[27]))
def test_schedules_of_made_scenarios_end_as_by_their_journals(seed: int) -> None:
    both = SideBySide(scenario_of(seed))
    outcomes(both, range(10), 300)
    assert both.model.leaves


def test_what_the_setup_left_and_a_thread_gave_back_and_took_is_a_low() -> None:
    both = SideBySide(scenario_named("whose-hold-is-left"))
    ways = []
    for first in (1, 0):
        both.go_back()
        for thread in (first, 1 - first):
            while thread in both.model.runnable():
                both.take(thread)
        ways.append((both.marks.lows, both.model.marking.leaks(both.marks)))
    assert ways == [((1,), False), ((0,), True)]


def test_marks_keep_the_lowest_amounts_and_what_was_reached() -> None:
    marking = SideBySide(scenario_named("whose-hold-is-left")).model.marking
    marks = Marks(False, (3, 2), (False, False, False, False))
    once = marking.after(marks, Change(False, ((0, 1),), (0,)))
    assert once == Marks(False, (1, 2), (True, False, False, False))
    twice = marking.after(once, Change(True, ((0, 2), (1, 0)), (1,)))
    assert twice == Marks(True, (1, 0), (True, True, False, False))
    assert marking.after(twice, Change(False, (), ())) == twice


def test_who_comes_to_the_second_place_of_an_order_first_is_excluded() -> None:
    marking = SideBySide(scenario_named("whose-hold-is-left")).model.marking
    marks = Marks(False, (), (False, False, True, False))
    assert marking.after(marks, Change(False, (), (1,))) is None
    both_in_one = marking.after(marks, Change(False, (), (0, 1)))
    assert both_in_one is not None
    assert both_in_one.reached == (True, True, True, False)
    later = marking.after(marks, Change(False, (), (3,)))
    assert later is not None
    assert later.reached == (False, False, True, True)


def test_a_place_is_reached_by_its_own_thread_at_one_of_its_positions() -> None:
    named = Named("made", frozenset(), (("a", 0, "x = 1\ny = 2\nz = 3"), ("b", 1, "x = 1\ny = 2")))
    order = (Place(0, frozenset({2})), Place(1, frozenset({1})))
    both = SideBySide(named.load(), [order])
    assert both.marks.reached == (False, False)
    reached = []
    for _ in range(3):
        both.take(0)
        reached.append(both.marks.reached)
    assert reached == [(False, False), (True, False), (True, False)]
    both.take(1)
    assert both.marks.reached == (True, True)
