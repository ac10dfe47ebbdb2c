"""The tiles of the pages in play follow the cursor, whatever way it takes."""

from __future__ import annotations

import random

import pytest

from engine.constants import NULL, PBUSY_LOCKED, PBUSY_WANTED, PG_MAPPED, PG_REFERENCED, PQ_FREE
from engine.debug.in_play import LANES, last_moves, moves_in_play
from engine.scenario.loader import Scenario, load
from explorer.session.session import Session
from explorer.views import in_play
from explorer.views.in_play import BADGES, InPlay, Tile, badges_of, object_letter
from explorer.views.stage import stage_row

Shown = tuple[list[list[Tile | None]], list[int], list[list[int]]]


def shown(tiles: InPlay) -> Shown:
    return tiles.lanes, tiles.numbers, tiles.counts.tolist()


def follow(session: Session) -> Shown:
    """The session's tiles, which came the cursor's way."""
    session.in_play.bring_to(session.history, session.labels)
    return shown(session.in_play)


def fresh(session: Session) -> Shown:
    """Tiles made at the cursor."""
    tiles = InPlay(session.vm)
    tiles.bring_to(session.history, session.labels)
    return shown(tiles)


@pytest.fixture(scope="module")
def queues() -> Scenario:
    return load("sixteen-queues")


@pytest.mark.parametrize("name", ["life-of-a-page", "sixteen-queues", "special-pages"])
def test_tiles_that_follow_equal_new_ones(name: str) -> None:
    session = Session((scenario := load(name)).start(), scenario)
    session.history.extend(1_000)
    chance = random.Random(3)
    for _ in range(60):
        total = session.history.total
        near = session.history.step + chance.randrange(-4, 5)
        session.history.seek(chance.choice([min(max(near, 0), total), chance.randrange(total + 1)]))
        assert follow(session) == fresh(session), f"step {session.history.step}"


def test_a_tile_says_since_when_only_of_a_move_that_was_seen(life: Session) -> None:
    life.history.extend(60)
    known = {}
    for step in (7, 10, 11, 41):
        life.history.seek(step)
        lanes, _, _ = follow(life)
        known[step] = [(LANES[n], tile.since) for n, tiles in enumerate(lanes) for tile in tiles if tile]
    assert known == {7: [("FREE", 0)], 10: [("FREE", 0)], 11: [("NONE", 11)], 41: [("ACTIVE", 41)]}


def test_tiles_follow_into_a_branch_and_back(life: Session) -> None:
    life.history.extend(1_000)
    life.history.seek(20)
    follow(life)
    life.history.seek(8)
    life.history.step_thread(1)
    for _ in range(20):
        life.history.extend(1)
        assert follow(life) == fresh(life)
    life.history.switch(0)
    life.history.extend(1_000)
    assert follow(life) == fresh(life)


def test_tiles_know_when_steps_were_dropped(life: Session) -> None:
    life.history.extend(11)
    before = follow(life)
    lanes = [list(tiles) for tiles in before[0]]
    life.history.forget(8)
    life.history.step_thread(1)
    life.history.extend(2)
    assert life.history.step == 11
    assert follow(life) == fresh(life)
    assert follow(life)[0] != lanes


def test_every_page_in_play_has_the_slot_of_its_move(queues: Scenario) -> None:
    session = Session(queues.start(), queues)
    session.history.extend(500)
    lanes, numbers, _ = follow(session)
    index = moves_in_play(session.history)
    last = last_moves(index.moves.columns[:, : index.count(session.history.step)])
    places = {
        tile.page: (lane, slot, tile.since)
        for lane, tiles in enumerate(lanes)
        for slot, tile in enumerate(tiles)
        if tile is not None
    }
    moves = {m: index.move(number) for m, number in last.items()}
    assert places == {m: (move.lane, move.slot, move.step) for m, move in moves.items()}
    assert sum(numbers) == len(places) > 4


def test_a_crowded_lane_has_counts_and_no_tiles(queues: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(queues.start(), queues)
    session.history.extend(500)
    everything = follow(session)
    monkeypatch.setattr(in_play, "MOST", 3)
    session.history.seek(0)
    follow(session)
    for step in range(session.history.total + 1):
        session.history.seek(step)
        lanes, numbers, counts = follow(session)
        assert [bool(tiles) for tiles in lanes] == [0 < number <= 3 for number in numbers]
        assert (lanes, numbers, counts) == fresh(session)
    assert (numbers, counts) == everything[1:]
    assert max(numbers) > 3


def test_a_tile_says_how_people_name_the_page(life: Session) -> None:
    life.history.extend(41)
    lanes, _, _ = follow(life)
    (tile,) = lanes[LANES.index("ACTIVE")]
    assert tile is not None
    assert (tile.name, tile.number, tile.where) == ("app.m", life.labels.page(tile.page), "heap[0]")
    assert (tile.badges, tile.letter, tile.since, tile.node) == ("LWR", "a", 41, "")


def test_a_name_changes_with_the_variable(life: Session) -> None:
    life.history.extend(24)
    names = []
    for step in (23, 24):
        life.history.seek(step)
        lanes, _, _ = follow(life)
        names += [tile.name for tiles in lanes for tile in tiles if tile is not None]
    assert names[0].startswith("0x") or names[0] == "heap[0]"
    assert names[1] == "app.m"


def test_the_badges_are_those_of_the_fields(session: Session) -> None:
    vm, page = session.vm, session.vm.page
    m = vm.queue.head[PQ_FREE]
    assert badges_of(vm, m) == ""
    page.busy_count[m] = PBUSY_LOCKED | PBUSY_WANTED
    page.wire_count[m], page.hold_count[m], page.dirty[m] = 1, 2, 1
    page.flags[m] = PG_MAPPED | PG_REFERENCED
    assert badges_of(vm, m) == "LWwhDMR"
    page.busy_count[m] = 2
    assert badges_of(vm, m) == "SwhDMR"
    assert "".join(BADGES) == "LSWwhDMR"


def test_objects_have_letters() -> None:
    assert [object_letter(obj) for obj in (0, 1, 25, 26, NULL)] == ["a", "b", "z", "&", "•"]


def test_a_page_is_not_named_by_the_setup_again_after_the_run_freed_it() -> None:
    scenario = load("thrash")
    session = Session(scenario.start(), scenario)
    session.history.extend(4_000)
    names: dict[int, list[str]] = {}
    for step in range(0, 4_001, 50):
        session.history.seek(step)
        for lane in stage_row(session).lanes:
            for tile in lane.pages:
                names.setdefault(tile.page, []).append(tile.name)
                assert session.labels.page_name(tile.page) == tile.name
    assert any(name.startswith("red[") for of_page in names.values() for name in of_page)
    for of_page in names.values():
        setup = [number for number, name in enumerate(of_page) if name.startswith("setup.")]
        assert setup == list(range(len(setup))), of_page
