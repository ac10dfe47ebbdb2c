"""A race names the cell, who reads it and who writes it, and in which order."""

from __future__ import annotations

import pytest

from engine.explore import explore
from engine.explore.exploration import Access, Exploration, Found
from engine.explore.graph.state_graph import EVENT
from engine.explore.races import leaves_of, race_at
from engine.explore.shown_runs import Taken
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import SideBySide, content_of, scenario_named

READS = Named(
    "reads",
    frozenset(),
    (
        ("reader", 0, "if setup.m.hold_count:\n    vm_page_hold(setup.n)"),
        ("writer", 1, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
    ),
)
"""The reader leaves a hold of page n if it comes while the writer holds page m."""


def found(exploration: Exploration, outcome: str) -> Found:
    one = exploration.found(outcome)
    assert one is not None
    return one


def test_a_race_is_between_a_read_and_a_write_in_the_order_of_the_schedule() -> None:
    searched = explore(READS.load())
    leak, completed = found(searched, "leak"), found(searched, "completed")
    page = (
        "page[0x" + f"{SideBySide(READS.load()).model.vm.memory.array.size and leak.race and leak.race.cell}"
    )
    assert page
    assert leak.race is not None
    assert completed.race is not None
    assert leak.race.cell == completed.race.cell
    assert leak.race.cell.endswith(".hold_count")
    sides = {(side.thread, side.writes) for side in (leak.race.first, leak.race.second)}
    assert sides == {("reader", False), ("writer", True)}


@pytest.mark.parametrize("name", ["reads", "free-while-held", "trylock-skips", "lock-order-reversal"])
def test_the_accesses_are_steps_of_the_schedule(name: str) -> None:
    scenario = READS.load() if name == "reads" else scenario_named(name)
    searched, races = explore(scenario), 0
    for one in searched.outcomes:
        if one.race is None:
            continue
        races += 1
        assert one.inevitable is not None
        assert one.race.first.step == one.inevitable.step < one.race.second.step <= one.steps
        assert one.race.first.thread == one.inevitable.thread != one.race.second.thread
        assert one.race.first.action == one.inevitable.action
        assert one.race.first.writes or one.race.second.writes
        names = [name for name, count in pairs(one.schedule) for _ in range(count)]
        assert one.race.second.thread == names[one.race.second.step - 1]
    assert races


def pairs(schedule: str) -> list[tuple[str, int]]:
    return [(name, int(count)) for name, _, count in (item.partition(":") for item in schedule.split(","))]


def test_the_links_of_the_sleep_queue_are_named_as_one_thing() -> None:
    races = [one.race for one in explore(scenario_named("lost-wakeup")).outcomes if one.outcome == "blocked"]
    assert [race is not None and race.cell for race in races] == ["the sleep queue"]


def test_the_steps_of_a_path_are_found_and_the_model_comes_back() -> None:
    both = SideBySide(scenario_named("naps"))
    before, path = content_of(both.model.vm.memory), list[Taken]()
    for number in range(30):
        thread = both.next_thread(number)
        if thread is None:
            break
        both.take(thread)
        path.append(Taken(thread))
    came = list(both.came)
    both.go_back()
    leaves = leaves_of(both.model, path)
    assert [leaf is None for leaf in leaves] == [one.thread == EVENT for one in path]
    assert any(leaf is None for leaf in leaves)
    assert [leaf for leaf in leaves if leaf is not None] == [
        one for one in came if not isinstance(one, tuple)
    ]
    assert content_of(both.model.vm.memory) == before


def test_the_thread_that_could_have_come_first_is_preferred() -> None:
    scenario = Named(
        "three",
        frozenset(),
        (
            ("a", 0, "vm_page_hold(setup.m)"),
            ("b", 1, "x = setup.m.hold_count"),
            ("c", 1, "y = setup.m.hold_count"),
        ),
    ).load()
    model = SideBySide(scenario).model
    leaves = leaves_of(model, [Taken(0), Taken(1), Taken(2)])
    named = []
    for others in ([1], [2], []):
        race = race_at(model, leaves, 0, [1, 2, 3], others)
        assert race is not None
        named.append(race.second.thread)
        assert race.first == Access("a", 1, model.states[0].actions[0], True)
        assert not race.second.writes
    assert named == ["b", "c", "b"]


def test_steps_that_touch_nothing_in_common_have_no_race() -> None:
    scenario = Named("apart", frozenset(), (("a", 0, "x = 1"), ("b", 1, "y = 1"))).load()
    model = SideBySide(scenario).model
    assert race_at(model, leaves_of(model, [Taken(0), Taken(1)]), 0, [1, 2], [1]) is None


def test_an_event_decides_no_race() -> None:
    model = SideBySide(READS.load()).model
    assert race_at(model, [None, model.leaf(0)], 0, [1, 2], [0]) is None
