"""The picture of a state graph: a graph made by hand, whose funnel and decisions can be counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.explore.exploration import Exploration, Found
from engine.explore.graph.state_graph import EVENT, StateGraph
from explorer.views.exploration import Branching, Column, Picture
from explorer.views.exploration_picture import picture_of
from tests.explorer.found_by_hand import COMPLETED, PANIC, SEARCH

BOTH, C, P = ("completed", "panic:vm_page_alloc"), ("completed",), ("panic:vm_page_alloc",)

# 0 -tick of 2-> 1; from there a panics (2), and b leads to 3, from where both complete (4, 5).
STEPS = [(0, 1, EVENT, 2), (1, 2, 0, 1), (1, 3, 1, 1), (3, 4, 0, 1), (3, 5, 1, 1)]


def searched(*outcomes: Found, more: tuple[tuple[int, int, int, int], ...] = ()) -> Exploration:
    source, target, thread, length = (
        np.array(part, dtype=np.int64) for part in zip(*STEPS, *more, strict=True)
    )
    size = 1 + int(target.max())
    graph = StateGraph(("a", "b"), source, target, thread, length, size, {2: 1, 4: 0, 5: 0}, BOTH)
    return replace(SEARCH, outcomes=outcomes, graph=graph)


PANICS = replace(PANIC, path=(EVENT, 0), steps=3)
COMPLETES = replace(COMPLETED, path=(EVENT, 1, 0), steps=4)


def test_the_funnel_counts_states_by_the_fewest_steps_and_what_is_possible() -> None:
    assert picture_of(searched(COMPLETES, PANICS)).funnel == (
        Column(0, ((BOTH, 1),)),
        Column(2, ((BOTH, 1),)),
        Column(3, ((C, 1), (P, 1))),
        Column(4, ((C, 2),)),
    )


def test_a_decision_is_a_choice_after_which_less_is_possible() -> None:
    picture = picture_of(searched(COMPLETES, PANICS))
    assert picture.decisions == (Branching(0, "", 3, BOTH, (("a", P), ("b", C))),)
    assert picture.left_out == 0


def test_the_steps_of_an_opening_come_before_the_funnel() -> None:
    booted = replace(searched(replace(COMPLETES, steps=104), replace(PANICS, steps=103)), opening=100)
    picture = picture_of(booted)
    assert [column.depth for column in picture.funnel] == [100, 102, 103, 104]
    assert picture.decisions[0].step == 103


def test_an_end_without_an_outcome_is_not_counted() -> None:
    assert picture_of(searched(COMPLETES)).funnel[2] == Column(3, (((), 1), (C, 1)))


def test_of_livelocks_only_a_fair_one_counts_as_an_outcome() -> None:
    loop = ((3, 6, EVENT, 1), (6, 6, 0, 1))
    fair = replace(COMPLETED, outcome="livelock", ends=1, path=(EVENT, 1), steps=3)
    found = picture_of(searched(COMPLETES, PANICS, fair, more=loop))
    assert Column(4, ((("completed",), 2), (("livelock",), 1))) in found.funnel
    unfair = replace(fair, starves=("b",))
    found = picture_of(searched(COMPLETES, PANICS, unfair, more=loop))
    assert Column(4, (((), 1), (("completed",), 2))) in found.funnel


def test_without_a_graph_there_is_no_picture() -> None:
    assert picture_of(replace(SEARCH, graph=None)) == Picture()
