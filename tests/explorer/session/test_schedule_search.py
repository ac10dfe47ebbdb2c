"""A search in a thread of its own: its progress, how it is stopped, and its errors."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from engine.errors import InvariantViolation
from engine.explore.limits import Progress
from explorer.session.schedule_search import Explored, Report, ScheduleSearch
from explorer.views.exploration import Picture
from tests.explorer.found_by_hand import SEARCH


def test_a_search_reports_and_ends_with_what_it_found() -> None:
    gate = threading.Event()

    def search(report: Report) -> Explored:
        assert report(Progress(10, 20))
        gate.wait(5)
        return Explored(SEARCH, Picture())

    running = ScheduleSearch(search)
    assert not running.wait(0.05)
    assert running.progress == Progress(10, 20)
    gate.set()
    assert running.wait(5)
    assert running.result().exploration is SEARCH
    assert not running.result().stopped


def test_a_stopped_search_keeps_what_it_found_and_says_what_ended_it() -> None:
    running = ScheduleSearch(_until_stopped)
    assert not running.done
    running.stop()
    assert running.wait(5)
    found = running.result()
    assert found.stopped
    assert (found.exploration.complete, found.exploration.bound) == (False, "Esc")


def _until_stopped(report: Report) -> Explored:
    while report(Progress(1, 1)):
        pass
    return Explored(replace(SEARCH, complete=False, bound="stopped"), Picture())


def test_a_search_that_was_complete_before_it_was_stopped_is_complete() -> None:
    running = ScheduleSearch(lambda _: Explored(SEARCH, Picture()))
    assert running.wait(5)
    running.stop()
    assert running.result().exploration.complete
    assert not running.result().stopped


def test_an_error_of_the_search_is_raised_where_its_result_is_taken() -> None:
    def search(_: Report) -> Explored:
        raise InvariantViolation("a step was not the same twice")

    running = ScheduleSearch(search)
    assert running.wait(5)
    with pytest.raises(InvariantViolation, match="not the same twice"):
        running.result()
