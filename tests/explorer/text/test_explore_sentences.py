"""Exploring in text mode: the search, Ctrl+C, and an outcome as branches, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.explore.exploration import Exploration
from engine.explore.limits import Progress
from engine.scenario.loader import Scenario, load
from explorer.session.session import Session
from explorer.text.explore_output import lines
from explorer.text.mode import TextDesk
from tests.explorer.explored_by_hand import FOUND, PICTURE, explored


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("trylock-skips")


@pytest.fixture
def desk(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> TextDesk:
    monkeypatch.setattr("explorer.views.exploration_picture.picture_of", lambda _: PICTURE)
    return TextDesk(Session(scenario.start(), scenario))


def test_explore_prints_what_the_command_of_the_shell_prints(
    desk: TextDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.explore.explore", lambda _, **__: FOUND, raising=False)
    said = desk.do_line("explore")
    assert said[0] == "every schedule is searched: 2 outcomes."
    assert said[2:-1] == list(lines(FOUND, scenario=desk.session.scenario))
    assert said[-1] == "explore open OUTCOME opens the simplest schedule of one as a branch."
    assert desk.do_line("view explore")[1:-1] == said[2:-1]


def test_an_interrupt_ends_the_search_and_keeps_what_it_found(
    desk: TextDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(_: Scenario, *, progress: Callable[[Progress], bool], **__: object) -> Exploration:
        desk.stop_asked = True
        while progress(Progress(1, 1)):
            pass
        return replace(FOUND, complete=False, bound="stopped")

    monkeypatch.setattr("engine.explore.explore", search, raising=False)
    said = desk.do_line("explore")
    assert said[0] == "bounded (by Ctrl+C): 2 outcomes."
    assert "bounded (by Ctrl+C): 1,508 states, 2,739 steps between them" in said


def test_an_outcome_opens_and_compare_compares_its_branches(desk: TextDesk) -> None:
    desk.session.explored = explored()
    said = desk.do_line("explore open 2")
    assert said[0] == "step 65 is the point of no return; compare compares it with completed-instead."
    assert said[-1] == (
        "panic:vm_page_alloc is open as branch panic, beside it completed-instead; compare compares them."
    )
    assert any(line.startswith("Step 65") for line in said)
    assert desk.do_line("compare")[0].startswith("panic:65 and completed-instead:65 differ in 5 cells")


def test_nothing_is_said_to_be_found_before_a_search(desk: TextDesk) -> None:
    assert desk.do_line("view explore")[-1] == "No schedule is searched yet; explore searches all of them."
    assert desk.do_line("explore open 1") == [
        "Error: nothing is explored yet; explore searches every schedule."
    ]
