"""Numbers that wait under a cost."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine.explore.graph.buckets import Buckets


def test_they_come_out_by_cost_each_once() -> None:
    chance, waiting = random.Random(5), Buckets()
    expected: dict[int, set[int]] = {}
    for _ in range(20):
        rows = [(chance.randrange(50), chance.randrange(30)) for _ in range(chance.randrange(8))]
        table = np.array(rows, dtype=np.int64).reshape(-1, 2)
        waiting.add(table[:, 0], table[:, 1])
        for number, cost in rows:
            expected.setdefault(cost, set()).add(number)
    found = []
    while waiting:
        cost, numbers = waiting.lowest()
        found.append((cost, numbers.tolist()))
    assert found == [(cost, sorted(numbers)) for cost, numbers in sorted(expected.items())]


def test_a_cost_that_is_used_up_can_come_again() -> None:
    waiting = Buckets()
    for number in (7, 8):
        waiting.add(np.array([number]), np.array([3]))
        assert waiting.lowest()[1].tolist() == [number]
    assert not waiting
    with pytest.raises(IndexError):
        waiting.lowest()
