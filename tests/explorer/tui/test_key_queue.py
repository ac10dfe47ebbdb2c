"""Keys typed in one burst: each acts after the one before it has done all it does, whatever that opened."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.help import HelpScreen
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.console import Prompt
from tests.tiers import only_fast

NAMES = {"⏎": ("enter", "\r"), "⎋": ("escape", "\x1b"), "⌫": ("backspace", "\x7f"), "↓": ("down", None)}


def keys_of(text: str) -> Iterator[events.Key]:
    for letter in text:
        name, character = NAMES.get(letter, (_character_to_key(letter), letter))
        yield events.Key(name, character)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the wrong place may export a picture."""
    monkeypatch.chdir(tmp_path)


async def burst(pilot: Pilot[None], text: str, *, every: int = 0) -> None:
    """Type keys at once; the loop runs `every` times between two of them, as it may with a terminal's."""
    for event in keys_of(text):
        pilot.app.post_message(event)
        for _ in range(every):
            await asyncio.sleep(0)
    for _ in range(6):
        await pilot.pause()


PACES = only_fast([0, 1, 2, 3, 5, 8], 0, 3)


@pytest.mark.parametrize("every", PACES)
async def test_a_line_and_the_keys_after_it(session: Session, every: int) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await burst(pilot, ":break vm_page_alloc⏎ss:step 3⏎s", every=every)
        assert [stop.text for stop in session.stops] == ["vm_page_alloc"]
        assert session.history.step == 6
        assert pilot.app.screen.query_one(Prompt).lines == ["break vm_page_alloc", "step 3"]


@pytest.mark.parametrize("every", PACES)
async def test_a_line_that_is_corrected_or_given_up(session: Session, every: int) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await burst(pilot, ":stex⌫p 4⏎:step 9⎋s", every=every)
        assert session.history.step == 5


@pytest.mark.parametrize("every", PACES)
async def test_a_panel_and_the_keys_for_it(session: Session, every: int) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await burst(pilot, "4↓↓b1s", every=every)
        assert [stop.text for stop in session.stops] == ["app:3"]
        assert session.history.step == 1
        assert isinstance(pilot.app.screen, MainScreen)
        assert pilot.app.screen.panel_in_focus == "centre"


@pytest.mark.parametrize("every", PACES)
async def test_a_panel_that_is_hidden_and_the_keys_for_it(session: Session, every: int) -> None:
    async with PageqApp(session).run_test(size=(40, 15)) as pilot:
        await burst(pilot, "4↓↓b", every=every)
        assert [stop.text for stop in session.stops] == ["app:3"]


@pytest.mark.parametrize("every", PACES)
async def test_a_page_over_the_screen_and_the_keys_for_it(session: Session, every: int) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await burst(pilot, "s?⎋sL⎋s", every=every)
        assert isinstance(pilot.app.screen, MainScreen)
        assert session.history.step == 3
        await burst(pilot, "?js", every=every)
        assert isinstance(pilot.app.screen, HelpScreen)
        assert session.history.step == 3


@pytest.mark.parametrize("every", PACES)
async def test_a_question_and_its_answer(session: Session, every: int) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await burst(pilot, "p1⎋s", every=every)
        assert session.score.asked == 1
        assert session.history.step == 1


@pytest.mark.parametrize("every", PACES)
async def test_the_palette_and_the_words_for_it(session: Session, every: int) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        pilot.app.post_message(events.Key("ctrl+p", None))
        await burst(pilot, "digest", every=every)
        assert pilot.app.screen.query_one(Input).value == "digest"


@pytest.mark.parametrize("every", PACES)
async def test_another_scenario_and_the_keys_for_it(session: Session, every: int) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await burst(pilot, ":open second-chance⏎ss", every=every)
        assert isinstance(app.screen, MainScreen)
        assert app.screen.session.name == "second-chance"
        assert (app.screen.session.history.step, session.history.step) == (2, 0)


@pytest.mark.slow
async def test_a_key_whose_panel_is_removed_does_not_keep_the_next_ones(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("?")
        pilot.app.post_message(events.Key("j", "j"))
        pilot.app.pop_screen()
        await burst(pilot, "sss")
        assert session.history.step == 3


async def test_a_paste_comes_in_its_place(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        for event in (*keys_of(":"), events.Paste("step 3"), *keys_of("⏎s")):
            pilot.app.post_message(event)
        for _ in range(6):
            await pilot.pause()
        assert session.history.step == 4
