"""The first breakpoint or watchpoint of a run, found before the run is printed."""

from __future__ import annotations

import argparse

import pytest

from engine.debug.stops import OnEntry, OnWrite
from engine.errors import BadInput
from engine.scenario.loader import Scenario
from explorer.session.first_stop import Hit, first_hit, stops_asked_for


def found(
    scenario: Scenario, breaks: list[str], watches: list[str], limit: int = 1000
) -> tuple[Hit | None, int]:
    """The first of these breakpoints that the run hits, and the length of the run."""
    history = scenario.start()
    arguments = argparse.Namespace(breaks=breaks, watches=watches)
    hit = first_hit(history, stops_asked_for(arguments, history, scenario.names), limit)
    return hit, history.total


# In life-of-a-page, vm_page_wakeup is called after steps 43, 67, 84 and 142, vm_object_hold before step 1;
# page 0xc03 is LOCKED by step 10, and app ends in step 145, the last.


@pytest.mark.parametrize("stride", [1, 7, 4096])
@pytest.mark.parametrize(
    ("breaks", "watches", "hit"),
    [
        (["vm_page_wakeup"], [], Hit(43, "break vm_page_wakeup")),
        (["vm_page_wakeup hits 3"], [], Hit(84, "break vm_page_wakeup hits 3")),
        (["vm_page_wakeup"], ["page[0xc03].busy_count"], Hit(10, "watch page[0xc03].busy_count")),
        (["vm_object_hold"], [], Hit(0, "break vm_object_hold")),
        ([], [" thread[app].state "], Hit(145, "watch thread[app].state")),
        (["panic"], [], None),
        ([], [], None),
    ],
)
def test_the_first_breakpoint_ends_the_run(
    life_scenario: Scenario, monkeypatch: pytest.MonkeyPatch, stride: int, breaks: list[str],
    watches: list[str], hit: Hit | None,
) -> None:  # fmt: skip
    for kind in (OnEntry, OnWrite):
        monkeypatch.setattr(kind, "stride", stride)
    assert found(life_scenario, breaks, watches)[0] == hit


def test_without_breakpoints_nothing_runs(life_scenario: Scenario) -> None:
    assert found(life_scenario, [], []) == (None, 0)


def test_a_breakpoint_after_the_limit_is_not_hit(life_scenario: Scenario) -> None:
    assert found(life_scenario, ["vm_page_wakeup"], [], 42) == (None, 42)
    assert found(life_scenario, [], ["page[0xc03].busy_count"], 10)[0] == Hit(
        10, "watch page[0xc03].busy_count"
    )


def test_steps_recorded_before_are_not_searched_again(life_scenario: Scenario) -> None:
    history = life_scenario.start()
    history.extend(50)
    arguments = argparse.Namespace(breaks=["vm_page_wakeup"], watches=[])
    stops = stops_asked_for(arguments, history, life_scenario.names)
    assert first_hit(history, stops, 1000) == Hit(67, "break vm_page_wakeup")


@pytest.mark.parametrize(
    ("breaks", "watches", "message"),
    [
        (["nowhere"], [], "--break 'nowhere': there is no kernel function 'nowhere'"),
        (["app:2"], ["nothing"], "--watch 'nothing': "),
    ],
)
def test_an_invalid_breakpoint_is_named_with_its_option(
    life_scenario: Scenario, breaks: list[str], watches: list[str], message: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        found(life_scenario, breaks, watches)
    assert refusal.value.message.startswith(message)
