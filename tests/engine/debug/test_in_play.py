"""The pages in play: the index equals a reading of the whole journal, and a page keeps its slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constants import NULL, PG_FICTITIOUS, PG_UNQUEUED, PQ_ACTIVE, PQ_FREE, PQ_HOLD, PQ_NONE
from engine.debug.in_play import (
    LANES,
    OUT,
    Freed,
    Move,
    column_of,
    columns_of,
    lane_of,
    last_moves,
    moves_in_play,
)
from engine.memory.block import EVENT
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text

HOLDS = """
format = 1
title = "Variables that hold pages"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 4
[[object]]
name = "heap"
[setup]
script = '''
one = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
two = vm_page_alloc(heap, 1, VM_ALLOC_NORMAL)
vm_page_wakeup(one)
vm_page_wakeup(two)
'''
[[thread]]
name = "app"
cpu = 0
script = '''
m = setup.one
m = setup.two
again = setup.two
m = NULL
again = NULL
vm_page_activate(setup.one)
'''
[[thread]]
name = "other"
cpu = 1
script = '''
for i in range(3):
    p = vm_page_alloc(heap, 5 + i, VM_ALLOC_NORMAL)
    vm_page_free(p)
'''
"""

Spots = dict[int, tuple[str, int]]
"""Page in play -> its lane and column."""


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    names = ("life-of-a-page", "special-pages", "sixteen-queues", "colour-and-home")
    return {**{name: load(name) for name in names}, "holds": load_text(HOLDS)}


def whole(scenario: Scenario) -> History:
    history = scenario.start()
    history.extend(2_000)
    return history


def counts(history: History, step: int) -> bool:
    t = history.journal.thread(step)
    return t != EVENT and not history.programs[t].boot


def written_by_hand(history: History) -> Iterator[int]:
    """The pages that a thread's steps wrote up to the cursor."""
    vm = history.vm
    for step in range(1, history.step + 1):
        for address, old, new in history.journal.writes_of(step) if counts(history, step) else ():
            place, index = vm.memory.place_of(address)
            if place.table == "page" and place.name not in ("next", "prev") and index < vm.marker_base:
                yield index
            if place.table == "resident":
                yield from (raw + place.spec.bias for raw in (old, new) if raw + place.spec.bias != NULL)


def by_hand(history: History) -> Spots:
    """Read the whole journal up to the cursor, and the memory at the cursor."""
    vm, page = history.vm, history.vm.page
    pages = set(written_by_hand(history))
    for program in history.programs:
        if not program.boot:
            held = {vm.variable.value[slot] for slot in program.pages}
            pages |= {m for m in held if 0 <= m < vm.marker_base}
    lanes = {m: lane_of(page.queue[m], page.flags[m], fake=vm.is_fake(m)) for m in pages}
    return {m: (LANES[lane], column_of(vm, page.pc[m])) for m, lane in lanes.items()}


def moves_at(history: History) -> dict[int, Move]:
    """The move that brought each page in play where it is at the cursor."""
    index = moves_in_play(history)
    last = last_moves(index.moves.columns[:, : index.count(history.step)])
    return {m: index.move(number) for m, number in last.items()}


def spots(history: History) -> Spots:
    return {m: (LANES[move.lane], move.column) for m, move in moves_at(history).items()}


@pytest.mark.parametrize(
    ("name", "stride"),
    [
        ("life-of-a-page", 1), ("special-pages", 1), ("sixteen-queues", 7), ("colour-and-home", 1),
        ("holds", 3),
    ],
)  # fmt: skip
def test_the_index_equals_a_reading_of_the_journal(
    scenarios: dict[str, Scenario], name: str, stride: int
) -> None:
    history = whole(scenarios[name])
    seen = set()
    for step in range(0, history.total + 1, stride):
        history.seek(step)
        assert spots(history) == by_hand(history), f"step {step}"
        seen |= {lane for lane, _ in by_hand(history).values()}
    assert len(seen) > 1


def test_a_page_of_the_setup_is_in_play_while_a_thread_holds_it(scenarios: dict[str, Scenario]) -> None:
    history = scenarios["holds"].start()
    one, two = (history.vm.find_page(0, pindex) for pindex in (0, 1))
    assert spots(history) == {}
    known = []
    for _ in range(5):
        history.step_thread(0)
        known.append({m: lane for m, (lane, _) in spots(history).items() if m in (one, two)})
    assert known == [{one: "NONE"}, {two: "NONE"}, {two: "NONE"}, {two: "NONE"}, {}]
    history.extend(30)
    assert one in spots(history)
    assert two not in spots(history)


def test_the_first_lock_of_a_page_brings_it_into_play_on_its_queue(scenarios: dict[str, Scenario]) -> None:
    history = whole(scenarios["life-of-a-page"])
    moves = [moves_in_play(history).move(number) for number in range(3)]
    assert [LANES[move.lane] for move in moves] == ["FREE", "NONE", "ACTIVE"]
    assert moves[0].before == -1
    assert [move.before for move in moves[1:]] == [0, 1]
    history.seek(moves[0].step)
    place, m = history.vm.memory.place_of(history.journal.writes_of(moves[0].step)[0][0])
    assert (place.table, m) == ("page", moves[0].page)


def test_what_boot_and_events_write_does_not_count(scenarios: dict[str, Scenario]) -> None:
    history = whole(scenarios["life-of-a-page"])
    ordinary = set(spots(history))
    history = whole(scenarios["life-of-a-page"])
    history.programs[:] = [replace(program, boot=True) for program in history.programs]
    assert ordinary
    assert spots(history) == {} == by_hand(history)


def kept_slots(history: History) -> Iterator[tuple[dict[int, Move], dict[int, Move]]]:
    """The moves in force before and after each step."""
    history.seek(0)
    before = moves_at(history)
    for step in range(1, history.total + 1):
        history.seek(step)
        after = moves_at(history)
        yield before, after
        before = after


@pytest.mark.parametrize("name", ["life-of-a-page", "sixteen-queues", "holds"])
def test_a_page_keeps_its_slot_while_it_is_in_a_lane(scenarios: dict[str, Scenario], name: str) -> None:
    for before, after in kept_slots(whole(scenarios[name])):
        for m in before.keys() & after.keys():
            if (before[m].lane, before[m].column) == (after[m].lane, after[m].column):
                assert before[m] == after[m]
        slots = [(move.lane, move.slot) for move in after.values()]
        places = [(move.lane, move.column, move.place) for move in after.values()]
        assert len(set(slots)) == len(slots) == len(set(places))


@pytest.mark.parametrize("name", ["sixteen-queues", "holds"])
def test_a_page_that_enters_a_lane_takes_the_lowest_free_slot(
    scenarios: dict[str, Scenario], name: str
) -> None:
    for before, after in kept_slots(whole(scenarios[name])):
        entering = [m for m in after if after[m] != before.get(m)]
        if len(entering) == 1:
            (move,) = (after[m] for m in entering)
            taken = {other.slot for m, other in after.items() if other.lane == move.lane and m != move.page}
            assert move.slot == next(slot for slot in range(len(taken) + 1) if slot not in taken)


def test_a_branch_has_the_moves_that_it_shares_and_its_own(scenarios: dict[str, Scenario]) -> None:
    history = whole(scenarios["life-of-a-page"])
    shared = moves_in_play(history).count(8)
    history.seek(8)
    assert history.step_thread(1)
    history.extend(30)
    assert (history.current, shared) == (1, 1)
    index = moves_in_play(history)
    for step in range(0, history.total + 1, 5):
        history.seek(step)
        assert spots(history) == by_hand(history)
    assert index.count(8) == shared
    history.switch(0)
    history.seek(history.total)
    assert spots(history) == by_hand(history)


def test_dropped_steps_are_forgotten(scenarios: dict[str, Scenario]) -> None:
    history = whole(scenarios["life-of-a-page"])
    total = len(moves_in_play(history).moves)
    history.forget(50)
    assert 0 < len(moves_in_play(history).moves) < total
    assert spots(history) == by_hand(history)
    history.step_thread(0)
    history.extend(2_000)
    assert spots(history) == by_hand(history)


def test_steps_that_were_taken_before_the_index_was_asked_are_read_from_an_earlier_cursor(
    scenarios: dict[str, Scenario],
) -> None:
    history = scenarios["life-of-a-page"].start()
    while history.extend(4):
        history.seek(5 if history.total > 5 else 0)
        moves_in_play(history)
    for step in range(0, history.total + 1, 10):
        history.seek(step)
        assert spots(history) == by_hand(history)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.sampled_from(["extend", "seek", "thread", "switch", "forget"]), st.integers(0, 150)),
        max_size=12,
    )
)
def test_whatever_way_the_cursor_takes_the_index_is_right(orders: list[tuple[str, int]]) -> None:
    history = load_text(HOLDS).start()
    for order, number in orders:
        if order == "extend":
            history.extend(number)
        elif order == "seek":
            history.seek(number % (history.total + 1))
        elif order == "thread" and history.outcome is None:
            history.step_thread(number % 2)
        elif order == "switch":
            history.switch(number % len(history.branches))
        elif order == "forget" and history.branch.parent is None and len(history.branches) == 1:
            history.forget(number % (history.total + 1))
        assert spots(history) == by_hand(history)


def test_the_lane_is_that_of_the_queue_or_the_reserve() -> None:
    found = [LANES[lane_of(queue, 0)] for queue in (PQ_NONE, PQ_FREE, PQ_FREE + 1023, PQ_ACTIVE, PQ_HOLD + 7)]
    assert found == ["NONE", "FREE", "FREE", "ACTIVE", "HOLD"]
    assert LANES[lane_of(PQ_NONE, PG_UNQUEUED)] == LANES[lane_of(PQ_NONE, PG_FICTITIOUS)] == "RESERVE"
    assert LANES[lane_of(PQ_NONE, PG_UNQUEUED | PG_FICTITIOUS, fake=True)] == "NONE"
    assert LANES[lane_of(PQ_ACTIVE, PG_UNQUEUED)] == "ACTIVE"


def test_a_column_is_a_colour_a_socket_or_everything(scenarios: dict[str, Scenario]) -> None:
    few, many, nodes = (scenarios[name].start().vm for name in ("holds", "life-of-a-page", "colour-and-home"))
    assert [columns_of(vm) for vm in (few, many, nodes)] == [4, 1, 2]
    assert [column_of(few, color) for color in range(4)] == [0, 1, 2, 3]
    assert column_of(many, 1023) == 0
    assert [column_of(nodes, color) for color in (0, 511, 512, 1023)] == [0, 0, 1, 1]


def test_an_index_until_a_step_continues_as_the_whole_one(scenarios: dict[str, Scenario]) -> None:
    index = moves_in_play(whole(scenarios["sixteen-queues"]))
    part = index.until(20)
    assert len(part.moves) == index.count(20) < len(index.moves)
    assert part.moves.columns.tolist() == index.moves.columns[:, : len(part.moves)].tolist()
    whole_again = index.until(10_000)
    assert {m: number for m, (number, _) in whole_again.last.items()} == last_moves(index.moves.columns)
    assert all(move[2] != OUT for _, move in part.last.values())


def test_the_index_knows_the_first_move_to_each_lane(scenarios: dict[str, Scenario]) -> None:
    history = whole(scenarios["life-of-a-page"])
    index = moves_in_play(history)
    steps, lanes = index.moves.columns[0].tolist(), index.moves.columns[2].tolist()
    first: dict[int, int] = {}
    for step, lane in zip(steps, lanes, strict=True):
        if lane != OUT:
            first.setdefault(lane, step)
    assert {lane: step for lane, step in index.firsts.items() if lane != OUT} == first
    half = steps[len(steps) // 2]
    assert index.until(half).firsts == {lane: step for lane, step in index.firsts.items() if step <= half}


def test_freed_pages_are_those_that_came_to_free(scenarios: dict[str, Scenario]) -> None:
    history = whole(scenarios["life-of-a-page"])
    moves = [
        moves_in_play(history).move(number) for number in range(moves_in_play(history).count(history.total))
    ]
    first: dict[int, int] = {}
    for move in moves:
        if move.lane == LANES.index("FREE"):
            first.setdefault(move.page, move.step)
    assert first
    assert moves_in_play(history).freed == first
    for page, step in first.items():
        for at in (step - 1, step, history.total):
            history.seek(at)
            assert (page in Freed(history)) is (at >= step)
    assert "app.m" not in Freed(history)
