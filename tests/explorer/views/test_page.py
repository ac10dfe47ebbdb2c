"""The inspector's row: the fields of a page, and the changes of the last step."""

from __future__ import annotations

from collections.abc import Callable

from engine.constants import NULL
from explorer.session.session import Session
from explorer.views.page import page_row
from explorer.views.rows import PAGE_FIELDS
from tests.explorer.cursor_motions import run, step_called

MakeSession = Callable[..., Session]


def test_the_inspector_has_the_old_values_of_changed_fields(session: Session) -> None:
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


def test_no_page_has_no_row(session: Session) -> None:
    assert page_row(session.history, session.labels, NULL, following=True) is None


def test_a_page_has_its_owner_its_spinlock_and_its_address(life: Session) -> None:
    life.history.extend(19)
    m = life.vm.page_index(0xC03)
    row = page_row(life.history, life.labels, m, following=False, field="flags")
    assert row is not None
    assert (row.number, row.address) == (0xC03, 0xC03 * 4096)
    assert (row.owner, row.spin, row.queue, row.old_queue) == ("heap", "app", "NONE", "")
    assert (row.band, row.node, row.local) == ("node 0 core 0", "node 0", None)
    assert (row.following, row.field) == (False, "flags")
    assert row.old == {"object": NULL}
    assert row.values.keys() == set(PAGE_FIELDS)


def test_the_old_queue_is_shown_if_the_step_changed_it(life: Session) -> None:
    life.history.extend(11)
    m = life.vm.page_index(0xC03)
    row = page_row(life.history, life.labels, m, following=True)
    other = page_row(life.history, life.labels, m + 1, following=True)
    assert row is not None
    assert other is not None
    assert (row.queue, row.old_queue) == ("NONE", "FREE[0]")
    assert (other.old, other.old_queue) == ({}, "")


def test_a_frame_kept_by_boot_is_on_no_queue(life: Session) -> None:
    page = life.vm.page
    kept = next(m for m in range(life.vm.vm_page_array_size) if not page.queue[m] and not page.pat_mode[m])
    row = page_row(life.history, life.labels, kept, following=False)
    assert row is not None
    assert row.queue == "none: kept by boot"
