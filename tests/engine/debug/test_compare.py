"""How two moments differ: exactly the cells that hold something else, of one branch or of two."""

from __future__ import annotations

import random

import pytest

from engine.debug.compare import Moment, compare
from engine.errors import BadInput
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.scenario.loader import load


def cells_that_differ(history: History, left: Moment, right: Moment) -> dict[int, tuple[int, int]]:
    arrays = []
    for moment in (left, right):
        history.switch(moment.branch)
        history.seek(moment.step)
        arrays.append(history.vm.memory.array.copy())
    return {int(n): (int(arrays[0][n]), int(arrays[1][n])) for n in (arrays[0] != arrays[1]).nonzero()[0]}


@pytest.fixture
def history() -> History:
    """A run with two more futures, forked at steps 20 and 25."""
    history = load("life-of-a-page").start()
    history.extend(1_000)
    history.seek(20)
    history.fork(parse_schedule("random:9"), "by chance")
    history.extend(1_000)
    history.seek(25)
    history.fork(parse_schedule("random:3"))
    history.extend(1_000)
    return history


def test_a_comparison_names_exactly_the_cells_that_differ(history: History) -> None:
    chance = random.Random(2)
    for _ in range(40):
        left, right = (
            Moment(branch, chance.randrange(history.branches[branch].timeline.journal.steps + 1))
            for branch in (chance.randrange(3), chance.randrange(3))
        )
        here = history.current, history.step
        found = {one.address: (one.left, one.right) for one in compare(history, left, right)}
        assert (history.current, history.step) == here
        assert found == cells_that_differ(history, left, right)
        history.switch(here[0])
        history.seek(here[1])


def test_differences_are_in_the_order_of_their_addresses_and_none_between_a_moment_and_itself(
    history: History,
) -> None:
    found = [one.address for one in compare(history, Moment(0, 10), Moment(2, 90))]
    assert found == sorted(set(found))
    assert len(found) > 10
    assert compare(history, Moment(1, 30), Moment(1, 30)) == []


def test_moments_before_a_fork_are_the_same_in_both_branches(history: History) -> None:
    assert compare(history, Moment(0, 20), Moment(1, 20)) == []
    assert compare(history, Moment(1, 25), Moment(2, 25)) == []
    assert compare(history, Moment(0, 25), Moment(2, 25)) != []


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (Moment(3, 0), "there is no branch 3; there are 0 to 2"),
        (Moment(-1, 0), "there is no branch -1; there are 0 to 2"),
        (Moment(0, 146), "there is no step 146 in main; it has steps 0 to 145"),
        (Moment(0, -1), "there is no step -1 in main; it has steps 0 to 145"),
    ],
)
def test_a_missing_moment_is_refused(history: History, moment: Moment, message: str) -> None:
    for pair in ((Moment(0, 0), moment), (moment, Moment(0, 0))):
        with pytest.raises(BadInput, match=message):
            compare(history, *pair)
