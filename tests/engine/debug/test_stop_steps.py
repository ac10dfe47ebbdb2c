"""The steps of breakpoints: those at which a run stops, for each kind that the journal knows, as it grows."""

from __future__ import annotations

import pytest

from engine.debug.stop_steps import is_quick, stop_steps
from engine.debug.stop_syntax import parse_break, parse_watch
from engine.debug.stops import Stop, next_hit
from engine.run.history import History
from engine.scenario.loader import Scenario, load

QUICK = ("break app:4", "break block", "break wake pager", "break console", "watch page[0xc03].queue",
         "watch page 0xc03 leaves FREE")  # fmt: skip
SLOW = ("break vm_page_activate", "break vm_page_activate return", "break vm_page_alloc#1", "break invariant",
        "break panic", "break block if app.m != NULL", "break block hits 2")  # fmt: skip


@pytest.fixture(params=["document", "source"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load("life-of-a-page", rules=request.param)


def stop_of(scenario: Scenario, history: History, text: str) -> Stop:
    word, _, rest = text.partition(" ")
    return (parse_break if word == "break" else parse_watch)(rest, 1, history, scenario.names)


def hits(history: History, stop: Stop) -> list[int]:
    """Each step at which a run stops, found one after the other."""
    found, at = [], -1
    while (hit := next_hit(history, [stop], at, history.total)) is not None:
        at = hit[0]
        found.append(at)
    return found


@pytest.mark.parametrize("text", QUICK)
def test_they_are_the_steps_at_which_a_run_stops(scenario: Scenario, text: str) -> None:
    history = scenario.start()
    stop = stop_of(scenario, history, text)
    assert is_quick(stop)
    while history.total < 40:
        stop_steps(history, [stop])
        history.extend(7)
    scenario.run(history)
    assert stop_steps(history, [stop]).tolist() == hits(history, stop)
    assert stop_steps(scenario.start(), [stop]).tolist() == [step for step in hits(history, stop) if not step]


def test_several_stops_are_merged_and_disabled_ones_left_out(scenario: Scenario) -> None:
    history = scenario.start()
    scenario.run(history)
    stops = [stop_of(scenario, history, text) for text in QUICK]
    expected = sorted({step for stop in stops for step in hits(history, stop)})
    assert stop_steps(history, stops).tolist() == expected
    stops[0].enabled = False
    assert stop_steps(history, stops[:1]).size == 0
    assert stop_steps(history, []).size == 0


@pytest.mark.parametrize("text", SLOW)
def test_one_that_has_to_visit_steps_is_left_out(scenario: Scenario, text: str) -> None:
    history = scenario.start()
    scenario.run(history)
    stop = stop_of(scenario, history, text)
    assert not is_quick(stop)
    assert stop_steps(history, [stop]).size == 0


def test_a_branch_has_its_own(scenario: Scenario) -> None:
    history = scenario.start()
    stop = stop_of(scenario, history, "watch page[0xc03].queue")
    history.extend(100)
    main = stop_steps(history, [stop]).tolist()
    history.seek(20)
    history.fork()
    assert stop_steps(history, [stop]).tolist() == [step for step in main if step <= 20]
    history.extend(40)
    history.forget(30)
    assert stop_steps(history, [stop]).tolist() == hits(history, stop)
