"""Every screen settles on the terminal's size, and a burst of keys closes it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import OptionList

from engine.questions.generated import Prediction
from explorer.commands.keys import Keys
from explorer.lenses.kit.registry import LENSES, lens_named
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.help import HelpScreen, LessonScreen
from explorer.tui.screens.main import MainScreen
from explorer.tui.screens.palette import Palette
from explorer.tui.screens.question import PredictScreen
from tests.tiers import only_fast

QUESTION = Prediction("queue", "Which queue?", ("FREE", "HOLD"), 0, "It was freed.", 1)

SCREENS: dict[str, Callable[[], Screen[Any]]] = {
    "help": lambda: HelpScreen(Keys()),
    "lesson": lambda: LessonScreen("A page", "is *born*"),
    "question": lambda: PredictScreen(QUESTION),
    "palette": lambda: Palette(id="--command-palette"),
}


@pytest.mark.parametrize("name", only_fast(["main", *SCREENS], "main", "lesson"))
async def test_an_old_size_on_its_way_is_not_laid_out(name: str, session: Session) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        if name != "main":
            await app.push_screen(SCREENS[name]())
        await pilot.pause()
        screen, sizes = app.screen, set()
        for size in (Size(80, 25), Size(80, 24)):
            screen.post_message(events.Resize(size, size))
            screen.call_later(lambda: sizes.add(screen.size))
        await pilot.pause()
        assert {screen.size, *sizes} == {Size(80, 24)}


@pytest.mark.parametrize("name", only_fast(SCREENS, "lesson", "palette"))
async def test_a_burst_of_keys_closes_a_page_once(name: str, session: Session) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(SCREENS[name]())
        for _ in range(3):
            app.post_message(events.Key("escape", None))
        await pilot.pause()
        assert app.is_running
        assert isinstance(app.screen, MainScreen)


@pytest.mark.slow
async def test_the_palette_opens_and_closes_in_any_burst(session: Session) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in (
            ("ctrl+p", "escape", "escape"),
            ("ctrl+p", "enter", "enter", "escape"),
            ("ctrl+p", "ctrl+p", "s", "escape", "ctrl+p", "escape", "escape", "escape"),
        ):
            for key in keys:
                app.post_message(events.Key(key, key if len(key) == 1 else None))
            for _ in range(3):
                await pilot.pause()
            await pilot.press("escape", "escape")
            await pilot.pause()
        assert app.is_running
        assert isinstance(app.screen, MainScreen)


def test_closing_a_closed_screen_reports_no_second_answer(session: Session) -> None:
    answers: list[int | None] = []

    async def ask() -> None:
        app = PageqApp(session)
        async with app.run_test(size=(80, 24)) as pilot:
            await app.push_screen(question := PredictScreen(QUESTION), answers.append)
            question.action_answer(1)
            question.dismiss(1)
            question.dismiss(1)
            await pilot.pause()

    asyncio.run(ask())
    assert answers == [1]


@pytest.mark.parametrize("width", only_fast([1, 2, 6, 7], 1))
async def test_pages_open_on_a_terminal_of_a_few_columns(width: int, session: Session) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(width, 5)) as pilot:
        for key in ("question_mark", "L", "p", "ctrl+p"):
            await pilot.press(key)
            await pilot.pause()
            await pilot.press("escape", "escape")
        assert app.is_running


@pytest.mark.parametrize("width", only_fast([1, 4, 6, 8], 1))
async def test_the_palette_lists_commands_on_a_terminal_of_a_few_columns(
    width: int, session: Session
) -> None:
    app = PageqApp(session)
    async with app.run_test(size=(width, 12)) as pilot:
        await pilot.press("ctrl+p")
        commands = app.screen.query_one(OptionList)
        while not commands.option_count:
            await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        assert commands.option_count > 10


@pytest.mark.parametrize("name", [name for name in LENSES if name != "log"])
def test_a_lens_draws_in_a_panel_of_any_size(name: str, cached: Session) -> None:
    lens = lens_named(name)
    shown = lens.look(cached)
    for width in (*range(10), 40):
        for height in range(8):
            assert len(lens.draw(shown, width, height).lines) <= height
