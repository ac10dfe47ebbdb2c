"""How a daemon and its markers show on the screen."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PQ_INACTIVE
from engine.run.history import History
from engine.scenario.loader import load_text
from explorer.session.session import Session
from explorer.views.changes import changes, touched_page
from explorer.views.labels import Labels
from explorer.views.queues import pages_at

SCAN = """
format = 1
title = "a scan"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[[thread]]
name = "pagedaemon"
script = '''
m = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)
vm_page_set_valid(m, 0, PAGE_SIZE)
vm_page_deactivate(m)
vm_page_wakeup(m)
vm_pageout_scan_inactive(0, m.pc, 1)
pagedaemon()
'''
"""


@pytest.fixture
def history() -> History:
    """A scan of a queue with one page, and the beginning of a daemon's loop."""
    loaded = load_text(SCAN)
    history = loaded.start()
    loaded.run(history)
    return history


def step_called(history: History, action: str) -> int:
    found = next(n for n in range(1, history.total + 1) if history.journal.label(n) == action)
    history.seek(found)
    return found


def labels_of(history: History) -> Labels:
    return Session(history).labels


def test_a_marker_is_called_by_the_thread_whose_scan_it_marks(history: History) -> None:
    step = step_called(history, "put a marker at the head of the queue")
    shown = changes(history, labels_of(history), step)
    subjects = {change.subject for change in shown}
    assert "marker of pagedaemon" in subjects
    head = next(change for change in shown if change.cell == "flags")
    assert "MARKER" in head.new


def test_a_marker_is_no_page_of_the_queue_nor_one_that_a_step_worked_on(history: History) -> None:
    step = step_called(history, "put a marker at the head of the queue")
    vm = history.vm
    (m,) = (m for m in range(vm.vm_page_array_size) if vm.page.queue[m] >= PQ_INACTIVE)
    assert pages_at(vm, "INACTIVE", vm.page.pc[m], Session(history).unqueued) == [m]
    assert touched_page(history, step) == m != NULL


def test_a_daemons_phase_is_shown_by_its_name(history: History) -> None:
    step = step_called(history, "begin the loop")
    (change,) = (change for change in changes(history, labels_of(history), step) if change.cell == "phase")
    assert (change.subject, change.old, change.new) == ("pagedaemon", "start", "hold")
