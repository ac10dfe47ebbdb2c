"""The inspector's row: the fields of a page, and the changes of the last step."""

from __future__ import annotations

from collections.abc import Callable

from engine.constants import NULL
from engine.debug.placements import LOCAL, causes, placements
from engine.kernel.remarks import ZERO_PAGE
from engine.scenario.loader import load, load_text
from explorer.session.session import Session
from explorer.views.labels import Labels
from explorer.views.page import near, page_row
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


def test_a_page_that_this_run_did_not_allocate_is_not_near_or_far(make_session: MakeSession) -> None:
    session = make_session(spec="64MiB:2x4x2")
    low = page_row(session.history, session.labels, 0x900, following=False)
    high = page_row(session.history, session.labels, 0x2900, following=False)
    assert low is not None
    assert high is not None
    assert (low.node, high.node) == ("node 0", "node 1")
    assert (low.local, high.local, near(low)) == (None, None, "")


def test_a_page_is_local_to_the_cpu_that_took_it_as_the_numa_lens_counts() -> None:
    """On two sockets, cpu 3 of node 1 takes a page of node 0: the page's colour does not matter."""
    scenario = load_text(TAKEN)
    history = scenario.start()
    session = Session(history, scenario)
    history.extend(10_000)
    seen = []
    for thread in ("near", "far"):
        m = history.vm.variable.value[scenario.names.variables[thread]["m"].slot]
        row = page_row(history, session.labels, m, following=False)
        assert row is not None
        seen.append((row.node, row.taker, row.local, near(row)))
    assert seen == [("node 1", 3, True, "local to cpu 3"), ("node 0", 3, False, "remote to cpu 3")]
    placed = placements(history)
    assert (causes(history.vm, placed) == LOCAL).tolist() == [True, False, True]
    freed = page_row(history, session.labels, int(placed.pages[2]), following=False)
    assert freed is not None
    assert (freed.queue[:4], freed.local) == ("FREE", None)


TAKEN = """format = 1
title = "Taken from two nodes"
[machine]
memory = "64 MiB"
topology = "2x2x1"
[[thread]]
name = "near"
cpu = 3
script = \"\"\"m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\"\"\"
[[thread]]
name = "far"
cpu = 3
script = \"\"\"
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL | VM_ALLOC_CPU(0))
p = vm_page_alloc(NULL, 9, VM_ALLOC_NORMAL)
vm_page_free(p)
\"\"\"
"""


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


def test_a_page_that_the_step_zeroes_is_marked() -> None:
    history = load("usage-pattern-fault").start()
    history.extend(10_000)
    (step, effect), *_ = [one for one in history.branch.remarks.kept if one[1][0] == ZERO_PAGE]
    labels = Labels(history.vm, history.programs)

    def zeroed(at: int) -> str:
        history.seek(at)
        row = page_row(history, labels, effect[1], following=False)
        assert row is not None
        return row.zeroed

    assert [zeroed(step - 1), zeroed(step), zeroed(step + 1)] == ["", "zeroed", ""]
