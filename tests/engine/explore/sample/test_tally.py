"""Tallies can be added up in any order."""

from __future__ import annotations

from array import array
from itertools import permutations

import pytest

from engine.explore.sample.tally import Sampled, Seen, Tally
from engine.explore.sample.walks import Walk, WalkEnd
from engine.explore.shown_runs import Taken

DONE, LEFT = WalkEnd("completed", 1), WalkEnd("leak", 2)

WALKS = (
    Walk(DONE, array("h", [0, 0, 1]), {}, (None,)),
    Walk(DONE, array("h", [0, 1, 0]), {}, (None,)),
    Walk(LEFT, array("h", [1, 0, -1]), {2: 5}, (3,)),
    Walk(LEFT, array("h", [1, 0, 0, 0, 0]), {}, (1,)),
    Walk(WalkEnd("bound"), array("h", [0] * 9), {}, (2,)),
    Walk(WalkEnd("excluded"), array("h", [1, 1]), {}, (1,)),
)


def tally(*walks: Walk, evaluated: bool = True) -> Tally:
    found = Tally(evaluated=(evaluated,))
    for walk in walks:
        found.add_walk(walk)
    return found


@pytest.mark.parametrize(
    ("path", "ticks", "cost"),
    [
        ([0, 0, 1], {}, (2, 3)),
        ([0, 1, 0], {}, (3, 3)),
        ([0, -1, 0], {1: 4}, (3, 6)),
        ([-1], {0: 1}, (1, 1)),
        ([], {}, (0, 0)),
    ],
)
def test_a_schedule_costs_its_items_then_its_steps(
    path: list[int], ticks: dict[int, int], cost: tuple[int, int]
) -> None:
    assert Sampled(array("h", path), ticks).cost[:2] == cost


def test_a_sampled_schedule_is_a_path() -> None:
    sampled = Sampled(array("h", [1, -1, 0]), {1: 5})
    assert sampled.taken() == [Taken(1), Taken(-1, 5), Taken(0)]
    assert sampled.taken(2) == [Taken(1), Taken(-1, 5)]


def test_what_was_cut_or_excluded_counts_in_nothing_else() -> None:
    found = tally(*WALKS)
    assert (found.schedules, found.cut, found.excluded, found.ended) == (6, 1, 1, 4)
    assert found.steps == 3 + 3 + 3 + 5 + 9 + 2
    assert {end: seen.count for end, seen in found.ends.items()} == {DONE: 2, LEFT: 2}
    assert found.count([DONE, LEFT]) == 4


def test_a_cut_schedule_still_shows_what_was_broken() -> None:
    found = tally(*WALKS)
    assert found.broken[0].count == 3
    assert found.broken[0].simplest == Sampled(array("h", [1]), {})


def test_the_simplest_schedule_of_each_end_is_kept() -> None:
    found = tally(*WALKS)
    assert found.ends[DONE].simplest.path == array("h", [0, 0, 1])
    assert found.ends[LEFT].simplest.path == array("h", [1, 0, 0, 0, 0]), "two items, and five steps"
    assert found.simplest([DONE, LEFT]).path == array("h", [0, 0, 1])


def test_what_is_seen_again_adds_up() -> None:
    seen = Seen(1, Sampled(array("h", [0, 1]), {}))
    seen.add(4, Sampled(array("h", [1]), {}))
    seen.add(2, Sampled(array("h", [0, 1, 0]), {}))
    assert (seen.count, seen.simplest.path) == (7, array("h", [1]))


def test_parts_add_up_to_the_whole_in_any_order() -> None:
    parts = [tally(*WALKS[:2], evaluated=False), tally(WALKS[2], evaluated=False), tally(*WALKS[3:])]
    for order in permutations(parts):
        total = Tally()
        for part in order:
            total.add(part)
        assert total == tally(*WALKS)


def test_a_statement_is_evaluated_if_any_part_evaluated_it() -> None:
    total = Tally()
    total.add(Tally(evaluated=(False, False)))
    total.add(Tally(evaluated=(False, True)))
    assert total.evaluated == (False, True)
    with pytest.raises(ValueError, match="zip"):
        total.add(Tally(evaluated=(True,)))
