"""The map: pages on each colour's queues, unqueued pages in use, the reserve, and node colours."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from engine.constants import NULL, PQ_FREE, PQ_INACTIVE, PQ_NONE
from engine.kernel.contig import LOOK_FOR_STRETCH
from engine.scenario.loader import load
from engine.scenario.settings import parse_setting
from engine.script.injected_call import compile_call
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.changes import touched_page
from explorer.views.queues import (
    Unqueued,
    axis_row,
    band_of,
    full_count,
    node_bands,
    pages_at,
    path_under_way,
    queue_rows,
    reserve_row,
)
from tests.explorer.cursor_motions import run, step_called

MakeSession = Callable[..., Session]


def by_hand(session: Session) -> list[int]:
    """The unqueued pages in use by colour, found by a full scan."""
    vm = session.vm
    counts = [0] * vm.colors
    for m in range(vm.vm_page_array_size):
        if vm.page.queue[m] == PQ_NONE and vm.page.pat_mode[m] and not vm.page.flags[m] & 0x808:
            counts[vm.page.pc[m]] += 1
    return counts


def test_the_unqueued_pages_equal_those_of_a_full_scan(make_session: MakeSession) -> None:
    session = make_session(spec="4MiB:1x2x1")
    run(session)
    seen = set()
    for step in random.Random(2).sample(range(session.history.total + 1), 12):
        session.history.seek(step)
        session.unqueued.bring_to(session.history)
        assert session.unqueued.counts.tolist() == by_hand(session)
        seen.add(int(session.unqueued.counts.sum()))
    assert len(seen) > 1


def test_the_unqueued_pages_follow_into_a_branch_and_back(session: Session) -> None:
    run(session)
    session.unqueued.bring_to(session.history)
    session.history.seek(30)
    other = 1 - session.history.journal.thread(31)
    session.choose_thread(other)
    for _ in range(3):
        stepping.step(session)
    session.unqueued.bring_to(session.history)
    fresh = Unqueued(session.vm)
    fresh.bring_to(session.history)
    assert session.unqueued.pages == fresh.pages
    session.history.switch(0)
    run(session)
    session.unqueued.bring_to(session.history)
    fresh = Unqueued(session.vm)
    fresh.bring_to(session.history)
    assert session.unqueued.pages == fresh.pages


def test_a_page_that_leaves_its_queue_is_marked_on_both_rows(session: Session) -> None:
    run(session)
    step_called(session, "leave the queue")
    color = session.vm.page.pc[session.page]
    rows = {row.name: row for row in queue_rows(session.history, session.unqueued, *session.place)}
    assert (rows["FREE"].changed, rows["FREE"].delta) == (frozenset({color}), -1)
    assert (rows["NONE"].changed, rows["NONE"].delta) == (frozenset({color}), 1)
    assert rows["NONE"].busy is not None
    assert rows["NONE"].busy[color] == 1
    assert rows["ACTIVE"].changed == frozenset()
    assert rows["NONE"].cursor == color


def test_a_queue_that_is_only_locked_is_touched_not_changed(session: Session) -> None:
    run(session)
    step_called(session, "take the queue's spinlock")
    row = queue_rows(session.history, session.unqueued, "FREE", 0)[0]
    assert (len(row.touched), len(row.changed), row.delta) == (1, 0, 0)


@pytest.mark.parametrize(
    ("spec", "colors", "bands"),
    [
        pytest.param("16MiB:1x2x1", 1024, [(0, 1024)], id="one socket is one band"),
        pytest.param("64MiB:2x4x2", 1024, [(0, 512), (512, 1024)], id="two sockets are halves"),
        pytest.param(
            "64MiB:4x2x2", 64, [(0, 16), (16, 32), (32, 48), (48, 64)], id="four sockets of 64 colours"
        ),
        pytest.param(
            "64MiB:3x2x1", 1024, [(0, 341), (341, 682), (682, 1023)], id="three sockets leave one over"
        ),
        pytest.param("16MiB:2x1x1", 1, [(0, 1)], id="one colour is not divided"),
    ],
)
def test_bands_are_the_colours_of_each_socket(
    make_session: MakeSession, spec: str, colors: int, bands: list[tuple[int, int]]
) -> None:
    vm = make_session(spec=spec, colors=colors).vm
    assert [(band.first, band.beyond) for band in node_bands(vm)] == bands


def test_without_numa_color_there_is_one_band_and_a_colour_is_named_by_its_cpu() -> None:
    scenario = load("colour-and-home", settings=(parse_setting("machine.numa_color=false"),))
    vm = scenario.start().vm
    assert len(node_bands(vm)) == 1
    assert band_of(vm, 843) == "cpu 13"


def test_a_colour_is_named_by_socket_core_and_thread(make_session: MakeSession) -> None:
    vm = make_session(spec="64MiB:2x4x2").vm
    assert band_of(vm, 843) == "node 1 core 2 thread 1"


@pytest.mark.parametrize("colors", [1, 2, 16, 256])
def test_machines_of_few_colours_have_all_their_rows(make_session: MakeSession, colors: int) -> None:
    session = make_session(colors=colors)
    run(session)
    rows = queue_rows(session.history, session.unqueued, *session.place)
    lcnt = session.vm.memory.vector("queue.lcnt")
    assert [row.counts.size for row in rows] == [colors] * 6
    assert rows[0].total == lcnt[PQ_FREE : PQ_FREE + colors].sum() > 3000


def test_a_marker_is_neither_a_page_of_the_queue_nor_a_touched_page(scan: Session) -> None:
    step = step_called(scan, "put a marker at the head of the queue")
    vm = scan.vm
    (m,) = (m for m in range(vm.vm_page_array_size) if vm.page.queue[m] >= PQ_INACTIVE)
    assert pages_at(vm, "INACTIVE", vm.page.pc[m], scan.unqueued) == [m]
    assert touched_page(scan.history, step) == m != NULL


def test_the_search_is_on_the_map_during_the_allocation(life: Session) -> None:
    history = life.history
    history.extend(1000)
    history.seek(5)
    path = path_under_way(history)
    assert path is not None
    free, inactive, *_ = queue_rows(history, life.unqueued, "FREE", 9, path)
    assert (free.sought, free.asked) == (frozenset({0}), 0)
    assert (inactive.sought, inactive.asked) == (frozenset(), -1)
    history.seek(23)
    assert path_under_way(history) is not None
    history.seek(24)  # the allocation's call has returned
    assert path_under_way(history) is None
    history.seek(2)
    assert path_under_way(history) is None


def test_pages_of_a_colour_start_at_the_head_of_the_list(life: Session) -> None:
    vm, page = life.vm, life.vm.page
    pages = pages_at(vm, "FREE", 0, life.unqueued)
    assert len(pages) == vm.queue.lcnt[PQ_FREE] == 3
    assert pages[0] == vm.queue.head[PQ_FREE]
    assert [page.next[m] for m in pages] == [*pages[1:], NULL]
    assert pages_at(vm, "NONE", 0, life.unqueued) == []
    life.history.extend(11)
    life.unqueued.bring_to(life.history)
    assert pages_at(vm, "NONE", 0, life.unqueued) == [pages[0]]
    assert pages_at(vm, "FREE", 0, life.unqueued) == pages[1:]


def test_colours_that_differ_are_marked_on_their_row(life: Session) -> None:
    differing = {"HOLD": frozenset({3}), "NONE": frozenset({4, 5})}
    rows = queue_rows(life.history, life.unqueued, "FREE", 0, differs=differing)
    assert {row.name: row.differs for row in rows if row.differs} == differing


def test_the_axis_describes_the_colour_under_the_cursor(life: Session) -> None:
    life.history.extend(11)
    rows = queue_rows(life.history, life.unqueued, "FREE", 0)
    axis = axis_row(life.history, rows, 0)
    assert (axis.colors, axis.cursor) == (1024, 0)
    assert axis.text == "colour 0 node 0 core 0: FREE 2, NONE 1"
    assert axis_row(life.history, rows[1:5], 7).text == "colour 7 node 0 core 0: no pages"


def test_a_cell_is_full_at_a_third_more_than_an_even_share(make_session: MakeSession) -> None:
    for spec, colors in (("16MiB:1x2x1", 1024), ("16MiB:1x2x1", 16)):
        vm = make_session(spec=spec, colors=colors).vm
        even = vm.vm_page_array_size / colors
        assert full_count(vm) - 1 < even * 4 / 3 <= full_count(vm)


def test_the_reserve_shows_the_blocks_that_the_last_step_took(cached: Session) -> None:
    history = cached.history
    row = reserve_row(history)
    assert row.total == int(row.free.sum()) > 0
    history.seek(0)
    program, _ = compile_call("d = vm_page_alloc_contig(0, -1, 0, 0, 8192, 6)", cached.names)
    history.inject(program)
    history.extend(1000)
    step_called(cached, LOOK_FOR_STRETCH)
    after = reserve_row(history)
    assert after.total == int(after.free.sum()) == row.total - 2
    assert len(after.changed) == 2
    assert not after.free[sorted(after.changed)].any()
