"""The row of the stage: lanes, tiles, and moves with the function that made them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from engine.constants import NULL
from engine.debug.in_play import LANES
from engine.run.suspended import Frame
from engine.scenario.loader import load
from explorer.session import branches
from explorer.session.session import Session
from explorer.views.calls import Calls
from explorer.views.page import page_row
from explorer.views.queues import queue_rows, reserve_row
from explorer.views.stage import StageRow, function_of, lane_words, stage_row


def opened(name: str, steps: int = 10_000) -> Session:
    scenario = load(name)
    session = Session(scenario.start(), scenario)
    session.history.extend(steps)
    return session


@pytest.fixture(scope="module")
def thrash() -> Session:
    return opened("thrash", 4_000)


def comparable(row: StageRow) -> tuple[object, ...]:
    lanes = [
        (
            lane.name,
            lane.count,
            lane.delta,
            lane.tiles,
            lane.counts.tolist(),
            lane.others.tolist(),
            lane.changed,
        )
        for lane in row.lanes
    ]
    return lanes, row.columns, row.travels, row.now, row.selected, row.found, row.differs


def test_a_lane_counts_all_its_pages(life: Session) -> None:
    life.history.extend(1_000)
    for step in range(0, life.history.total + 1, 9):
        life.history.seek(step)
        row = stage_row(life)
        queues = {queue.name: queue for queue in queue_rows(life.history, life.unqueued, "FREE", 0)}
        assert {lane.name: lane.count for lane in row.lanes[:6]} == {
            name: queue.total for name, queue in queues.items()
        }
        assert {lane.name: lane.delta for lane in row.lanes[:6]} == {
            name: queue.delta for name, queue in queues.items()
        }
        assert row.lane("RESERVE").count == reserve_row(life.history).total
        assert tuple(lane.name for lane in row.lanes) == LANES


def test_pages_in_play_are_not_in_the_strip(thrash: Session) -> None:
    thrash.history.seek(3_500)
    row = stage_row(thrash)
    for lane in row.lanes[:6]:
        own = np.zeros(thrash.vm.colors, np.int64)
        for tile in lane.pages:
            own[tile.color] += 1
        assert (lane.others == lane.counts - own).all()
        assert lane.number == own.sum()
    assert row.lane("NONE").others.sum() > 800
    assert row.by_color
    assert [(column.first, column.beyond) for column in row.columns] == [(0, 1), (1, 2)]


def test_a_move_has_the_name_of_the_page_layers_function(life: Session) -> None:
    life.history.extend(41)
    first, second = stage_row(life).travels
    assert (first.source, first.target, first.function) == ("NONE", "ACTIVE", "vm_page_activate")
    assert (first.thread, first.step, first.now, first.name) == ("app", 41, True, "app.m")
    assert (second.source, second.target, second.function) == ("FREE", "NONE", "vm_page_alloc")
    assert (second.thread, second.step, second.now) == ("app", 11, False)
    life.history.seek(40)
    assert [travel.function for travel in stage_row(life).travels] == ["vm_page_alloc"]


def test_a_move_arrives_at_the_edge_of_its_lane(life: Session) -> None:
    life.history.extend(1_000)
    edges = set()
    for step in range(life.history.total + 1):
        life.history.seek(step)
        travels = stage_row(life).travels
        assert len({travel.edge for travel in travels}) == len(travels)
        assert [travel.step for travel in travels] == sorted((t.step for t in travels), reverse=True)
        edges |= {(travel.source, travel.target, travel.edge) for travel in travels}
    assert ("FREE", "NONE", 0) in edges
    assert ("NONE", "FREE", 0) in edges
    assert ("NONE", "CACHE", 3) in edges
    assert ("CACHE", "NONE", 1) in edges


def test_a_daemons_move_is_named_by_what_it_did_with_the_page(thrash: Session) -> None:
    thrash.history.seek(thrash.history.total)
    moved = {travel.function for travel in stage_row(thrash).travels}
    assert moved <= {
        "vm_page_cache", "vm_page_deactivate", "vm_page_activate", "vm_page_alloc", "vm_page_free_toq",
        "vm_page_list_find", "vm_page_unqueue_nowakeup",
    }  # fmt: skip


def test_a_step_without_a_page_function_is_named_by_its_outermost_function(life: Session) -> None:
    history = life.history
    history.extend(1_000)
    assert function_of(history, life.calls, 11) == "vm_page_alloc"
    known = {function_of(history, life.calls, step) for step in range(1, history.total + 1)}
    assert {"vm_page_activate", "vm_page_cache", "vm_page_free_toq"} <= known
    calls = Calls()
    calls.note(0, 5, tuple(Frame(name, 1, kernel=True) for name in ("biodone", "vm_object_deallocate")))
    assert function_of(history, calls, 5) == "biodone"
    calls.note(0, 5, ())
    assert function_of(history, calls, 5) == "vm_page_alloc"


def test_the_same_step_has_the_same_row_however_the_cursor_got_there(life: Session) -> None:
    life.history.extend(1_000)
    steps = list(range(0, life.history.total + 1, 5))
    once = {}
    for step in steps:
        life.history.seek(step)
        once[step] = comparable(stage_row(life))
    random.Random(4).shuffle(steps)
    for step in steps:
        life.history.seek(step)
        assert comparable(stage_row(life)) == once[step]


def test_the_row_moves_and_writes_nothing(life: Session) -> None:
    life.history.extend(41)
    journal = life.history.journal
    before = life.history.step, journal.writes, life.vm.memory.digest()
    stage_row(life)
    assert (life.history.step, journal.writes, life.vm.memory.digest()) == before


def test_the_page_of_the_last_step_is_marked_and_links_do_not_count(life: Session) -> None:
    life.history.extend(41)
    assert stage_row(life).now == life.page
    life.history.seek(0)
    assert stage_row(life).now == NULL
    nows = []
    for step in range(1, 42):
        life.history.seek(step)
        nows.append(stage_row(life).now)
    assert NULL in nows
    assert set(nows) == {NULL, life.page}


def test_pinned_found_and_differing_pages_are_on_the_row(life: Session) -> None:
    life.history.extend(41)
    m = life.page
    life.pin(m)
    life.matches = (m, m + 1)
    branches.compare(life, "main:30")
    row = stage_row(life)
    assert (row.selected, row.found) == (m, frozenset({m, m + 1}))
    assert m in row.differs
    life.follow()
    assert stage_row(life).selected == NULL


def nodes() -> Iterator[tuple[str, list[str]]]:
    yield "life-of-a-page", ["node 0"]
    yield "colour-and-home", ["node 0", "node 1"]


@pytest.mark.parametrize(("name", "labels"), list(nodes()))
def test_two_sockets_have_a_column_each(name: str, labels: list[str]) -> None:
    session = opened(name, 60)
    row = stage_row(session)
    assert [column.label for column in row.columns] == labels
    for lane in row.lanes:
        for tile in lane.pages:
            column = row.columns[tile.column]
            assert column.first <= tile.color < column.beyond


def test_a_lane_in_words(life: Session) -> None:
    life.history.extend(41)
    row = stage_row(life)
    assert lane_words(row, "ACTIVE") == "ACTIVE: 1 page, 1 in play, +1 in this step"
    assert lane_words(row, "FREE") == "FREE: 3,710 pages, 0 in play"
    assert lane_words(row, "RESERVE") == "DMA reserve: 256 free pages, 0 in play"
    assert lane_words(None, "FREE") == ""


def test_a_page_of_the_reserve_has_a_tile_there() -> None:
    session = opened("dma-fragmentation")
    row = stage_row(session)
    tiles = list(row.lane("RESERVE").pages)
    assert {tile.name for tile in tiles} > {"driver.b", "driver.c", "driver.d"}
    assert row.tile(tiles[0].page) == (row.lane("RESERVE"), tiles[0])
    assert row.tile(tiles[0].page + 500) is None


@pytest.mark.slow
def test_a_page_that_boot_never_added_is_on_no_queue_and_counted_there() -> None:
    session = opened("boot")
    session.history.seek(226)
    row = stage_row(session)
    (tile,) = row.lane("NONE").pages
    assert (tile.name, row.lane("NONE").count) == ("near.last", 1)
    assert not row.lane("NONE").others.any()
    session.history.seek(session.history.total)
    assert all(lane.count >= lane.number for lane in stage_row(session).lanes if lane.name != "RESERVE")


def test_a_fictitious_page_is_on_no_queue_and_not_of_the_reserve() -> None:
    session = opened("special-pages")
    session.history.seek(3)
    row = stage_row(session)
    (tile,) = row.lane("NONE").pages
    assert (tile.name, row.lane("NONE").count, row.lane("RESERVE").number) == ("driver.fake", 1, 0)
    assert row.lane("NONE").counts.sum() == 1
    assert not row.lane("NONE").others.any()
    page = page_row(session.history, session.labels, tile.page, following=False)
    assert page is not None
    assert page.queue == "none: fictitious"


def test_the_objects_have_their_letters_in_the_files_order(thrash: Session) -> None:
    row = stage_row(thrash)
    assert row.objects == (("a", "red"), ("b", "blue"), ("c", "sample"))
    assert {tile.letter.lower() for tile in row.lane("ACTIVE").pages} <= {"a", "b", "c"}


def test_a_lane_knows_whether_a_page_in_play_has_been_there(life: Session) -> None:
    life.history.extend(143)

    def been(step: int) -> list[str]:
        life.history.seek(step)
        return [lane.name for lane in stage_row(life).lanes if lane.been]

    moments = [been(step) for step in range(life.history.total + 1)]
    assert moments[0] == []
    assert all(set(before) <= set(after) for before, after in pairwise(moments))
    assert set(moments[-1]) >= {"FREE", "NONE", "ACTIVE", "INACTIVE", "CACHE"}
    for step, names in enumerate(moments):
        life.history.seek(step)
        assert {lane.name for lane in stage_row(life).lanes if lane.number} <= set(names)
