"""A sweep in a thread of its own: its table so far, its words, and where stderr has no file."""

from __future__ import annotations

import io
import sys
import threading
from multiprocessing import resource_tracker

import pytest

from engine.experiments.table import Done
from explorer.session.experiment_sweep import ExperimentSweep, Report, processors, start_tracker
from explorer.views.experiment_words import ExperimentResult
from tests.explorer.measured_by_hand import experiment, result, rows


def test_the_table_so_far_and_the_time_left_are_those_of_the_last_report() -> None:
    gate, one, times = threading.Event(), experiment(), iter([8.0, 16.0])
    found = list(rows(one)[:1])

    def sweep(report: Report) -> ExperimentResult:
        assert report(Done(found, 12, 0))
        gate.wait(5)
        return result()

    running = ExperimentSweep(one, sweep, clock=lambda: next(times))
    assert not running.wait(0.05)
    assert running.far == "1 of 12 points"
    found += rows(one)[1:5]
    assert (running.count, len(running.so_far.rows)) == ("5/12", 5)
    assert running.so_far is running.so_far
    assert running.far == "5 of 12 points, about 14 s left"
    gate.set()
    assert running.wait(5)
    assert running.result().complete


def test_nothing_is_known_before_the_first_report() -> None:
    gate = threading.Event()

    def sweep(_: Report) -> ExperimentResult:
        gate.wait(5)
        return result()

    running = ExperimentSweep(experiment(), sweep)
    assert (running.far, running.count, running.so_far.rows) == ("", "0/12", ())
    gate.set()
    assert running.wait(5)


class WithoutFile(io.StringIO):
    """The stderr that Textual sets while it runs."""

    def fileno(self) -> int:
        return -1


def test_processes_can_be_started_although_stderr_has_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = resource_tracker.ResourceTracker()
    monkeypatch.setattr(resource_tracker, "ensure_running", tracker.ensure_running)
    monkeypatch.setattr("sys.stderr", WithoutFile())
    if sys.version_info < (3, 12):  # later versions ask `sys.__stderr__`, or leave out -1
        with pytest.raises(ValueError, match="fds_to_keep"):
            tracker.ensure_running()
    start_tracker()
    assert tracker.getfd() is not None  # it runs
    assert isinstance(sys.stderr, WithoutFile)
    tracker._stop()  # type: ignore[attr-defined]


def test_there_is_a_processor() -> None:
    assert processors() >= 1
