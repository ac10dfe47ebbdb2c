"""Recorded moments are where a search from the start finds them, as soon as they are recorded."""

from __future__ import annotations

import pytest

from engine.debug.moments import Point, find_after, find_step, read_moment
from engine.debug.recorded_moments import RecordedMoments, Wanted
from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario, load

MOMENTS = ("start", "7", "app:4", "pager:2", "when count(CACHE) > 0", "when app.m.wire_count", "60", "end")


@pytest.fixture(scope="module")
def life() -> Scenario:
    return load("life-of-a-page")


def points(scenario: Scenario) -> list[Wanted]:
    found = [read_moment(text, scenario.programs, scenario.names) for text in MOMENTS]
    return [Wanted(point, leaving) for point in found for leaving in (False, True)]


def searched(history: History, wanted: Wanted) -> int | None:
    """The step as a search of the recorded steps from the start finds it."""
    find = find_after if wanted.leaving else find_step
    if isinstance(wanted.point, type(_END)) and history.branch.outcome is None:
        return None
    try:
        return find(history, wanted.point, history.total)
    except BadInput:
        return None


_END: Point = read_moment("end", ())


def test_step_by_step_a_moment_appears_when_it_is_recorded(life: Scenario) -> None:
    history, wanted = life.start(), points(life)
    recorded = RecordedMoments(wanted)
    while True:
        assert recorded.of(history) == tuple(searched(history, one) for one in wanted)
        if history.extend(9) == 0:
            break
    assert None not in recorded.of(history)[:2]


def test_a_branch_has_its_own(life: Scenario) -> None:
    history, wanted = life.start(), points(life)
    recorded = RecordedMoments(wanted)
    history.extend(100)
    main = recorded.of(history)
    history.seek(20)
    history.fork()
    assert recorded.of(history) == tuple(searched(history, one) for one in wanted)
    history.extend(30)
    history.forget(25)
    assert recorded.of(history) == tuple(searched(history, one) for one in wanted)
    history.switch(0)
    assert recorded.of(history) == main


def test_a_panic_leaves_its_line() -> None:
    scenario = load("usage-pattern-wiring")
    history = scenario.start()
    scenario.run(history)
    lines = {(t, program.line_at(pc)) for t, program in enumerate(history.programs) for pc in range(40)}
    wanted = [
        Wanted(read_moment(f"{history.programs[t].name}:{line}", history.programs), True)
        for t, line in sorted(lines)
        if line
    ]
    assert RecordedMoments(wanted).of(history) == tuple(searched(history, one) for one in wanted)
    assert history.total in RecordedMoments(wanted).of(history)
