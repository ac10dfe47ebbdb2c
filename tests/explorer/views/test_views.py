"""Views are pure: they depend on (branch, step) alone, leave no trace, and agree with the machine."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.constants import PQ_FREE, PQ_NONE, queue_name
from explorer.session import running, stepping
from explorer.session.session import Session
from explorer.views.changes import changes, touched_page
from explorer.views.labels import Labels, busy_words, flag_names
from explorer.views.log import Calls, event_row, event_rows
from explorer.views.page import page_row
from explorer.views.queues import Unqueued, axis_row, band_of, levels, node_bands, queue_rows, reserve_row
from explorer.views.rows import Band, MapRow
from explorer.views.status import status_row, verdict
from explorer.views.threads import next_choice, source_rows, thread_rows
from explorer.views.timeline import next_event, timeline_row

MakeSession = Callable[..., Session]


def run(session: Session) -> None:
    for _ in running.run(session):
        pass


def step_called(session: Session, action: str) -> int:
    """The first step with that action; the cursor stands there."""
    history = session.history
    found = next(step for step in range(1, history.total + 1) if history.journal.label(step) == action)
    history.seek(found)
    return found


def everything(session: Session) -> tuple[Any, ...]:
    """Every row of the screen, comparable."""
    history, labels = session.history, session.labels
    rows = queue_rows(history, session.unqueued, *session.place)
    threads = thread_rows(history, labels, None)
    maps = [
        (row.name, row.counts.tolist(), row.total, row.delta, row.changed, row.touched, row.cursor)
        for row in rows
    ]
    marks = [None if part is None else part.tolist() for part in (rows[5].busy, rows[5].wired)]
    return (
        maps,
        marks,
        axis_row(history, rows, session.place[1]),
        page_row(history, labels, session.page, following=True),
        threads,
        source_rows(history, threads),
        event_rows(history, labels, Calls(), history.step, 4),
        timeline_row(history, 40, frozenset()),
        status_row(history, None, labels),
        verdict(history, labels),
        reserve_row(history).free.sum(),
    )


# --- purity -------------------------------------------------------------------------------------------------


def test_the_same_step_looks_the_same_however_one_came_there(session: Session) -> None:
    run(session)
    total = session.history.total
    once = []
    for step in range(0, total + 1, 7):
        session.history.seek(step)
        once.append(everything(session))
    order = list(range(len(once)))
    random.Random(1).shuffle(order)
    for n in order:
        session.history.seek(n * 7)
        assert everything(session) == once[n], f"step {n * 7}"


def test_looking_writes_nothing(session: Session) -> None:
    stepping.step(session)
    journal = session.history.journal
    before = (session.vm.memory.digest(), journal.steps, journal.writes)
    everything(session)
    assert (session.vm.memory.digest(), journal.steps, journal.writes) == before


def test_the_next_thread_is_the_one_that_then_runs(session: Session) -> None:
    seen = []
    while session.history.outcome is None:
        foreseen = next_choice(session.history)
        if not stepping.step(session):
            break
        seen.append((foreseen, session.history.journal.thread(session.history.step)))
    assert len(seen) > 100
    assert all(foreseen == ran for foreseen, ran in seen)


def test_a_look_at_a_schedule_of_random_steps_does_not_use_up_a_number(make_session: MakeSession) -> None:
    from engine.run.schedule import parse_schedule  # noqa: PLC0415

    looked, blind = make_session(), make_session()
    for session in (looked, blind):
        session.history.runner.dispatcher.follow(parse_schedule("random:7"), anew=True)
    for _ in range(40):
        next_choice(looked.history)
        next_choice(looked.history)
        stepping.step(looked)
        stepping.step(blind)
    assert looked.vm.memory.digest() == blind.vm.memory.digest()


# --- the map ------------------------------------------------------------------------------------------------


def by_hand(session: Session) -> list[int]:
    """The pages in use on no queue, colour by colour, looked for one by one."""
    vm = session.vm
    counts = [0] * vm.colors
    for m in range(vm.vm_page_array_size):
        if vm.page.queue[m] == PQ_NONE and vm.page.pat_mode[m] and not vm.page.flags[m] & 0x808:
            counts[vm.page.pc[m]] += 1
    return counts


def test_the_unqueued_pages_are_those_found_one_by_one(make_session: MakeSession) -> None:
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


def test_levels_are_the_fullest_of_each_bucket_and_show_every_page() -> None:
    counts = np.array([0, 0, 1, 0, 8, 3, 99, 0], np.int64)
    assert levels(counts, 8, 8).tolist() == [0, 0, 1, 0, 8, 3, 8, 0]
    assert levels(counts, 8, 4).tolist() == [0, 1, 8, 8]
    assert levels(counts, 1000, 2).tolist() == [1, 1]


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
        pytest.param("16MiB:2x1x1", 1, [(0, 1)], id="one colour cannot be shared out"),
    ],
)
def test_bands_are_the_colours_of_each_socket(
    make_session: MakeSession, spec: str, colors: int, bands: list[tuple[int, int]]
) -> None:
    vm = make_session(spec=spec, colors=colors).vm
    assert [(band.first, band.beyond) for band in node_bands(vm)] == bands


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


# --- what a step did ----------------------------------------------------------------------------------------


def test_a_step_is_told_with_pages_first_and_plumbing_last(session: Session) -> None:
    run(session)
    step = step_called(session, "leave the queue")
    told = [str(change) for change in changes(session.history, session.labels, step) if not change.plumbing]
    page, queue = session.labels.page(session.page), f"FREE[{session.vm.page.pc[session.page]}]"
    cpu = session.history.record(step).cpu
    assert told[:2] == [f"page {page} queue {queue}→NONE", f"queue {queue} lcnt 4→3"]
    assert told[2].startswith(f"cpu {cpu} view v_free_count ")
    assert told[3] == f"cpu {cpu} adj v_free_count 0→-1"
    everything_ = changes(session.history, session.labels, step)
    assert [change.plumbing for change in everything_] == sorted(change.plumbing for change in everything_)


def test_a_variable_that_holds_a_page_is_shown_by_its_number(session: Session) -> None:
    run(session)
    texts = [
        str(change) for step in range(1, session.history.total + 1)
        for change in changes(session.history, session.labels, step)
    ]  # fmt: skip
    assert any(text.startswith("app m ") and "→0x" in text for text in texts)


def test_the_touched_page_is_the_last_one_written_whatever_its_neighbours(session: Session) -> None:
    run(session)
    step = step_called(session, "leave the queue")
    written = [session.vm.memory.place_of(a) for a, _, _ in session.history.journal.writes_of(step)]
    left = next(m for place, m in written if (place.table, place.name) == ("page", "queue"))
    assert any(place.name in ("next", "prev") and m != left for place, m in written if place.table == "page")
    assert touched_page(session.history, step) == left
    assert touched_page(session.history, 0) == -1


def test_the_log_names_thread_function_and_action(session: Session) -> None:
    run(session)
    step = step_called(session, "leave the queue")
    row = event_row(session.history, session.labels, Calls(), step)
    name = session.history.programs[session.history.journal.thread(step)].name
    told = (row.thread, row.function, row.action)
    assert told == (name, "_vm_page_rem_queue_spinlocked", "leave the queue")
    assert row.now


def test_a_live_step_and_a_repeated_one_name_the_same_calls(make_session: MakeSession) -> None:
    live, repeated = make_session(), make_session()
    while stepping.step(live):
        pass
    run(repeated)
    total = live.history.total
    assert total == repeated.history.total
    assert [live.calls.of(live.history, n) for n in range(1, total + 1)] == [
        Calls().of(repeated.history, n) for n in range(1, total + 1)
    ]


def test_the_inspector_has_the_old_value_of_what_the_step_changed(session: Session) -> None:
    run(session)
    step_called(session, "compare-and-set LOCKED")
    row = page_row(session.history, session.labels, session.page, following=True)
    assert row is not None
    assert row.old == {"busy_count": 0}
    assert row.values["busy_count"] == 0x80000000
    assert row.queue.startswith("FREE[")


def test_node_and_colour_of_a_page_are_compared(make_session: MakeSession) -> None:
    session = make_session(spec="64MiB:2x4x2")
    low = page_row(session.history, session.labels, 0x900, following=False)
    high = page_row(session.history, session.labels, 0x2900, following=False)
    assert low is not None
    assert high is not None
    assert (low.node, high.node) == ("node 0", "node 1")
    assert (low.local, high.local) == (True, True)


def test_the_density_of_the_timeline_counts_every_write(session: Session) -> None:
    run(session)
    row = timeline_row(session.history, 37, frozenset({5}))
    assert sum(row.density) == session.history.journal.writes
    assert len(row.density) == 37
    assert (5, "▲") in row.marks


def test_a_finding_is_marked_on_the_timeline(panic_session: Session) -> None:
    run(panic_session)
    assert (panic_session.history.total, "◆") in timeline_row(panic_session.history, 20, frozenset()).marks


def test_the_next_event_of_the_last_step_is_none(session: Session) -> None:
    run(session)
    assert next_event(session.history, session.history.total) is None


def test_a_panic_is_told_with_function_condition_and_page(panic_session: Session) -> None:
    run(panic_session)
    found = verdict(panic_session.history, panic_session.labels)
    assert found is not None
    assert found.title == f"PANIC in vm_page_wakeup(), page {panic_session.labels.page(panic_session.page)}"
    assert "LOCKED is not set" in found.text
    assert "page not busy" in found.text
    assert found.hint == "S steps back"
    assert found.bad
    panic_session.history.back()
    assert verdict(panic_session.history, panic_session.labels) is None


def test_a_deadlock_is_told_as_soon_as_it_is_there_and_as_a_circle(deadlock_session: Session) -> None:
    while stepping.step(deadlock_session):
        last = deadlock_session.history.step
    assert last == 6
    found = verdict(deadlock_session.history, deadlock_session.labels)
    assert found is not None
    assert (found.title, found.bad) == ("DEADLOCK", True)
    assert found.text == (
        "app waits for token of file, held by other; other waits for token of heap, held by app"
    )


def test_a_thread_shows_where_it_is_and_what_it_holds(session: Session) -> None:
    run(session)
    step_called(session, "leave the queue")
    rows = thread_rows(session.history, session.labels, None)
    ran = next(row for row in rows if row.ran)
    assert ran.calls[0] == "vm_page_alloc"
    assert ran.action == "release the queue's spinlock"
    assert ran.holds[0] == f"page {session.labels.page(session.page)}"
    assert ran.holds[1].startswith("queue FREE[")
    assert "token of heap" in rows[0].holds
    assert [row.next for row in rows].count(True) == 1


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "name"),
    [(0, "NONE"), (1, "FREE[0]"), (1024, "FREE[1023]"), (1025, "INACTIVE[0]"), (5120, "HOLD[1023]")],
)
def test_queues_have_names(q: int, name: str) -> None:
    assert queue_name(q) == name


@pytest.mark.parametrize(
    ("busy", "words"),
    [(0, "0"), (2, "soft 2"), (0x80000002, "LOCKED|soft 2"), (0xE0000000, "LOCKED|WANTED|SWAPINPROG")],
)
def test_busy_count_has_words(busy: int, words: str) -> None:
    assert busy_words(busy) == words


def test_flags_have_names_and_unknown_bits_are_not_lost() -> None:
    assert flag_names(0xA0) == ["MAPPED", "REFERENCED"]
    assert flag_names(0x81) == ["REFERENCED", "0x1"]


def test_labels_without_a_scenario_fall_back_to_numbers(session: Session) -> None:
    labels = Labels(session.vm, session.history.programs)
    assert labels.object(3) == "object 3"
    assert labels.object(session.vm.vm_token) == "vm_token"
    assert labels.variable(0) == ("app", "m")


def test_a_map_row_has_bands() -> None:
    assert (
        Band(0, 4, "node 0")
        in MapRow("FREE", np.zeros(4, np.int64), 1, 0, bands=(Band(0, 4, "node 0"),)).bands
    )
