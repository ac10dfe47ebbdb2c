"""Counting schedules: against every path, one by one."""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from decimal import Decimal

import networkx as nx
import pytest

from engine.explore.graph.counts import LONGEST, count_text, schedules
from tests.engine.explore.graph.small_graphs import (
    end_of,
    graph_of,
    networkx_of,
    paths,
    random_graph,
)
from tests.tiers import only_fast


@pytest.mark.parametrize("seed", only_fast(range(60), *range(7)))
def test_the_count_of_an_end_is_the_number_of_its_paths(seed: int) -> None:
    graph = random_graph(seed, states=10)
    counts = Counter(end_of(graph, path) for path in paths(graph))
    assert schedules(graph) == {end: counts[end] for end in graph.ends}


def test_the_random_graphs_have_many_paths_to_one_end() -> None:
    most = [
        max((schedules(random_graph(seed, states=10)) or {0: 0}).values(), default=0) for seed in range(60)
    ]
    assert max(most) > 20


@pytest.mark.parametrize("seed", only_fast(range(40), *range(5)))
def test_only_a_graph_without_cycles_has_counts(seed: int) -> None:
    graph = random_graph(seed, cycles=True)
    expected = nx.is_directed_acyclic_graph(networkx_of(graph))
    assert (schedules(graph) is not None) is expected


def test_a_cycle_that_no_end_is_reached_from_counts_too() -> None:
    assert schedules(graph_of([(0, 0, 1, 1), (0, 1, 2, 1), (1, 0, 1, 1)], {2: 0})) is None


def test_two_threads_of_steps_that_all_commute_have_all_their_interleavings() -> None:
    # 400 and 400 steps: a count of 240 digits, exact
    wide = 401
    steps = [
        (at, thread, at + move, 1)
        for at in range(wide * wide)
        for thread, move, free in ((0, 1, at % wide < wide - 1), (1, wide, at // wide < wide - 1))
        if free
    ]
    end = wide * wide - 1
    assert schedules(graph_of(steps, {end: 0})) == {end: math.comb(800, 400)}


def test_two_threads_that_lead_to_the_same_state_are_two_paths() -> None:
    assert schedules(graph_of([(0, 0, 1, 1), (0, 1, 1, 1), (1, 2, 2, 1)], {2: 0})) == {2: 2}


def test_an_end_at_step_0_has_one_schedule() -> None:
    assert schedules(graph_of([], {0: 1})) == {0: 1}


def test_a_count_of_4000_digits_is_written_out() -> None:
    largest = 10**LONGEST - 1
    assert count_text(largest) == largest
    assert len(json.dumps(count_text(largest))) == 4_000


@pytest.mark.parametrize(
    ("digits", "zeros", "less", "text"),
    [
        (1, LONGEST, 0, "1.00e4000"),
        (12345, 5674, 0, "1.23e5678"),
        (12350, 5674, 0, "1.24e5678"),
        (12350, 5674, 1, "1.23e5678"),
        (9994, 5675, 0, "9.99e5678"),
        (9995, 5675, 0, "1.00e5679"),
        (1, 6000, 1, "1.00e6000"),
    ],
)
def test_a_longer_count_is_rounded_to_three_digits(digits: int, zeros: int, less: int, text: str) -> None:
    assert count_text(digits * 10**zeros - less) == text


def test_long_counts_are_rounded_as_decimal_rounds_them() -> None:
    chance = random.Random(7)
    for _ in range(50):
        count = chance.getrandbits(chance.randrange(14_000, 40_000)) | 1 << 13_999
        text = count_text(count)
        assert Decimal(text) == Decimal(f"{Decimal(count):.2e}")


def test_a_count_longer_than_python_writes_is_written() -> None:
    assert count_text(
        7 ** (sys.get_int_max_str_digits() * 2)
    ) == f"{Decimal(7) ** (2 * sys.get_int_max_str_digits()):.2e}".replace("+", "")
