"""The later kernel's thresholds, and the effect of a nice value on them (spec 08; spec 20)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.kernel.thresholds import (
    nice_margin,
    vm_paging_inactive,
    vm_paging_inactive_count,
    vm_paging_min,
    vm_paging_min_dnc,
    vm_paging_min_nice,
    vm_paging_severe,
    vm_paging_start,
    vm_paging_target1,
    vm_paging_target1_count,
    vm_paging_target2,
    vm_paging_target2_count,
    vm_paging_wait,
)
from tests.engine.kernel.checked_crew import Crew, configuration
from tests.engine.kernel.limited_crew import crew_with

PREDICATES: list[tuple[Any, tuple[int, ...], int, int, bool]] = [
    # predicate, arguments, free, cached, whether it holds
    (vm_paging_severe, (), 10, 9, True),
    (vm_paging_severe, (), 20, 0, False),
    (vm_paging_min, (), 39, 0, True),
    (vm_paging_min, (), 40, 0, False),
    (vm_paging_min_dnc, (2,), 41, 0, True),
    (vm_paging_min_dnc, (2,), 42, 0, False),
    (vm_paging_min_nice, (10,), 40, 0, False),
    (vm_paging_wait, (), 119, 0, True),
    (vm_paging_wait, (), 120, 0, False),
    (vm_paging_start, (0,), 139, 0, True),
    (vm_paging_start, (0,), 140, 0, False),
    (vm_paging_start, (0,), 39, 900, True),
    (vm_paging_start, (1,), 139, 0, False),
    (vm_paging_target1, (), 159, 0, True),
    (vm_paging_target1, (), 160, 0, False),
    (vm_paging_target2, (), 199, 0, True),
    (vm_paging_target2, (), 200, 0, False),
    (vm_paging_severe, (), 9, 900, True),  # below v_free_reserved, whatever is cached
    (vm_paging_min, (), 10, 29, True),
    (vm_paging_min, (), 10, 30, False),
    (vm_paging_min, (), 9, 900, True),
    (vm_paging_wait, (), 9, 900, True),
    (vm_paging_start, (-1,), 140, 0, True),
    (vm_paging_inactive, (), 99, 0, True),
    (vm_paging_inactive, (), 100, 0, False),
]


@pytest.mark.parametrize(("predicate", "arguments", "free", "cache", "holds"), PREDICATES)
def test_the_predicates_at_their_thresholds(
    predicate: Any, arguments: tuple[int, ...], free: int, cache: int, holds: bool
) -> None:
    assert crew_with(free, cache).call(predicate, *arguments) is holds


COUNTS: list[tuple[Any, int, int]] = [
    (vm_paging_target1_count, 90, 70),
    (vm_paging_target2_count, 90, 110),
    (vm_paging_inactive_count, 90, 10),
]


@pytest.mark.parametrize(("function", "free", "missing"), COUNTS)
def test_how_many_pages_are_missing(function: Any, free: int, missing: int) -> None:
    assert crew_with(free).call(function) == missing


@pytest.mark.parametrize(
    ("rule", "nice", "threshold"),
    # The room is (120 - 40 - 1) / 2 = 39 pages: 39 * 10 / 20, and 39 * (10 + 20) / 40.
    [("none", 10, 40), ("monotone", 10, 40 + 19), ("monotone", -10, 40 - 19), ("formula", 10, 40 + 29)],
)
def test_a_nice_value_moves_the_minimum(rule: str, nice: int, threshold: int) -> None:
    for free, short in ((threshold - 1, True), (threshold, False)):
        assert crew_with(free, nice_rule=rule).call(vm_paging_min_nice, nice) is short


# v_free_min 1374: what spec 08 computes for the later kernel, and the document's own rule.
MARGINS = [
    ("formula", [(-20, 0), (-10, 343), (-1, 652), (0, 0), (1, 720), (10, 1029), (19, 1338), (20, 1373)]),
    ("monotone", [(-20, -1373), (-10, -686), (-1, -68), (0, 0), (1, 68), (10, 686), (20, 1373)]),
    ("none", [(-20, 0), (0, 0), (20, 0)]),
]


def test_without_a_limit_a_nice_value_adds_nothing() -> None:
    for rule in ("formula", "monotone", "none"):
        crew = Crew(configuration(nice_rule=rule))
        crew.set_limits(v_free_min=0)
        assert {nice_margin(crew.vm, nice) for nice in range(-20, 21)} == {0}


@pytest.mark.parametrize(("rule", "margins"), MARGINS, ids=[row[0] for row in MARGINS])
def test_what_a_nice_value_adds(rule: str, margins: list[tuple[int, int]]) -> None:
    crew = Crew(configuration(nice_rule=rule))
    crew.set_limits(v_free_min=1374)
    assert [(nice, nice_margin(crew.vm, nice)) for nice, _ in margins] == margins
