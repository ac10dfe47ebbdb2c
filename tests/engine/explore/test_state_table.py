"""States by number, and how each was found."""

from __future__ import annotations

import pytest

from engine.explore.graph.state_graph import EVENT
from engine.explore.limits import Limits
from engine.explore.model.watched import Asked
from engine.explore.search import Search
from engine.explore.state_table import StateTable
from tests.engine.explore.side_by_side import SideBySide, scenario_named


def small() -> StateTable:
    """0 -a-> 1 -b-> 2 -tick 5-> 3, and 0 -b-> 2."""
    table = StateTable()
    for key, parent, thread in ((10, -1, EVENT), (11, 0, 0), (12, 1, 1), (13, 2, EVENT)):
        table.add(key, parent, thread)
    for source, target, thread in ((1, 2, 1), (0, 1, 0), (0, 2, 1)):
        table.sources.append(source)
        table.targets.append(target)
        table.threads.append(thread)
    table.add_event(2, 3, 5)
    return table


def test_states_are_numbered_as_they_are_found() -> None:
    table = small()
    assert (table.numbers, len(table)) == ({10: 0, 11: 1, 12: 2, 13: 3}, 4)


def test_the_way_to_a_state_is_that_by_which_it_was_found() -> None:
    assert [small().way_to(state) for state in range(4)] == [[], [0], [0, 1], [0, 1, EVENT]]


def test_the_graph_has_the_steps_by_state_and_the_ends_by_outcome() -> None:
    graph = small().graph(("a", "b"), [(3, "completed"), (1, "leak")])
    assert graph.source.tolist() == [0, 0, 1, 2]
    assert graph.target.tolist() == [1, 2, 2, 3]
    assert graph.thread.tolist() == [0, 1, 1, EVENT]
    assert graph.length.tolist() == [1, 1, 1, 5]
    assert (graph.size, graph.ends, graph.outcomes) == (4, {3: 0, 1: 1}, ("completed", "leak"))


def test_the_memory_grows_with_states_and_with_steps() -> None:
    table = small()
    before = table.bytes
    table.add_event(3, 3, 1)
    step = table.bytes - before
    assert step > 0
    for key in range(100, 1100):
        table.add(key, 0, 0)
    assert table.bytes - before - step > 1000 * 50


@pytest.mark.parametrize("name", ["two-tokens", "naps", "lock-order-reversal"])
def test_the_way_to_each_state_of_a_search_leads_there(name: str) -> None:
    both = SideBySide(scenario_named(name))
    search = Search(both.model, Limits(), Asked())
    search.run()
    keys = {number: key for key, number in search.table.numbers.items()}
    first = both.model.cpu_part() ^ both.model.times_part()
    assert keys[0] == first ^ both.model.marks_part(both.marks)
    for state in range(0, len(search.table), max(1, len(search.table) // 40)):
        came, total, marks = [], 0, both.model.marking.start
        for thread in search.table.way_to(state):
            came.append(both.model.next_step(thread))
            change = getattr(came[-1], "marks", None)
            marks = marks if change is None else both.model.marking.after(marks, change)  # type: ignore[assignment]
            total ^= both.model.take(came[-1])
        total ^= both.model.cpu_part() ^ both.model.times_part() ^ both.model.marks_part(marks)
        assert keys[state] == total
        for step in reversed(came):
            both.model.take_back_any(step)
