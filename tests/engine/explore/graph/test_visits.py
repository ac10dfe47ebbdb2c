"""Expected visits in a component: both methods against a linear solver."""

from __future__ import annotations

import numpy as np
import pytest

from engine.explore.graph.visits import dense, laps
from tests.tiers import only_fast


def random_component(seed: int, states: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Q of a ring with chords, the probabilities of leaving, and those of entering."""
    chance = np.random.default_rng(seed)
    weights = chance.random((states, states)) * (chance.random((states, states)) < 0.3)
    weights[np.arange(states), (np.arange(states) + 1) % states] += 0.1
    leave = chance.random(states) * 0.2
    inside = weights / weights.sum(axis=1)[:, None] * (1 - leave)[:, None]
    return inside, leave, chance.random(states)


@pytest.mark.parametrize("seed", only_fast(range(20), *range(5)))
def test_both_methods_solve_v_is_a_plus_v_q(seed: int) -> None:
    states = 1 + seed
    inside, leave, enter = random_component(seed, states)
    solved = np.linalg.solve(np.eye(states) - inside.T, enter)
    assert dense(inside[None].copy(), leave[None].copy(), enter[None])[0] == pytest.approx(solved, rel=1e-12)
    source, target = np.nonzero(inside)
    found = laps(source, target, inside[source, target], leave, enter)
    assert found.visits == pytest.approx(solved, rel=1e-9)
    assert found.left == 0.0


def test_components_of_one_size_are_solved_independently_of_each_other() -> None:
    parts = [random_component(seed, 6) for seed in range(5)]
    inside, leave, enter = (np.stack(arrays) for arrays in zip(*parts, strict=True))
    together = dense(inside.copy(), leave.copy(), enter)
    for number, part in enumerate(parts):
        assert (together[number] == dense(*(array[None].copy() for array in part))[0]).all()


def test_what_enters_is_not_overwritten() -> None:
    inside, leave, enter = random_component(1, 5)
    before = enter.copy()
    dense(inside[None].copy(), leave[None].copy(), enter[None])
    assert (enter == before).all()
