"""The library's scenarios on the screen: to the end and back to the start without a difference."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from engine.scenario.loader import load
from explorer.tui.app import make_app
from tests.explorer.screen_at_rest import held_down, lines_shown


async def last_lines(pilot: Pilot[None]) -> str:
    """Return the console's line and the footer."""
    return "\n".join((await lines_shown(pilot))[-2:])


async def digest_shown(pilot: Pilot[None]) -> str:
    """Return the message of `:digest`."""
    await pilot.press(":", *"digest", "enter")
    return (await last_lines(pilot)).partition("digest ")[2].split()[0]


@pytest.mark.slow
async def test_life_of_a_page_stepped_to_the_end_and_back_has_the_first_digest() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    first = history.vm.memory.digest()
    async with make_app(scenario, history).run_test(size=(80, 24)) as pilot:
        assert await digest_shown(pilot) == first
        while history.branch.outcome is None:
            await held_down(pilot, "s", 25)
        end = await digest_shown(pilot)
        assert (history.outcome, history.step) == ("completed", history.total)
        assert end != first
        while history.step:
            await held_down(pilot, "S", min(25, history.step))
        assert await digest_shown(pilot) == first
        await pilot.press("G")
        assert await digest_shown(pilot) == end


@pytest.mark.parametrize("name", ["colour-and-home", "hard-and-soft-busy", "empty-colour"])
async def test_every_scenario_runs_to_its_end_and_back_in_two_keys(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    first = history.vm.memory.digest()
    async with make_app(scenario, history).run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        while history.branch.outcome is None:
            await pilot.pause()
        await pilot.pause()
        assert scenario.outcome == history.branch.outcome
        await pilot.press("g")
        await pilot.pause()
        assert (history.step, history.vm.memory.digest()) == (0, first)
