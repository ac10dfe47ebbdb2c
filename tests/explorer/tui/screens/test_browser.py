"""The browser of the library and what the palette finds, on the real screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList

from engine.scenario.library import OWN, open_course
from explorer.commands.table import parse
from explorer.session.open import open_session
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.browser import Browser
from explorer.tui.screens.main import MainScreen
from tests.engine.scenario.course_folder import write_course
from tests.explorer.screen_at_rest import lines_shown
from tests.tiers import only_fast


@pytest.mark.parametrize("size", only_fast([(40, 15), (80, 24), (120, 40)], (80, 24)), ids=str)
async def test_the_browser_filters_previews_and_opens(life: Session, size: tuple[int, int]) -> None:
    app = PageqApp(life)
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+o")
        assert isinstance(app.screen, Browser)
        shown = "\n".join(await lines_shown(pilot))
        assert "life-of-a-page" in shown
        assert "BEGINNER" in shown
        assert "tour  A tour of the screen" in shown
        count = app.screen.query_one(OptionList).option_count
        assert count == len(OWN.listings()) + 3
        await pilot.press(*"lost-wa")
        shown = "\n".join(await lines_shown(pilot))
        assert "lost-wakeup" in shown
        assert "life-of-a-page" not in shown
        await pilot.press("enter")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, MainScreen)
        assert screen.session.name == "lost-wakeup"


async def test_arrows_move_and_escape_closes(life: Session) -> None:
    app = PageqApp(life)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        await pilot.press("s")
        screen.do(*parse("open"))
        await pilot.pause()
        browser = app.screen
        assert isinstance(browser, Browser)
        shown = "\n".join(await lines_shown(pilot))
        assert "• life-of-a-page" in shown
        assert "In this session: 1 step" in shown
        assert "The life of a page" in shown
        await pilot.press("down")
        assert OWN.listings()[1].title[:20] in "\n".join(await lines_shown(pilot))
        await pilot.press(*"zzzz")
        assert "No scenario has these words." in "\n".join(await lines_shown(pilot))
        assert browser.query_one(Input).value == "zzzz"
        await pilot.press("enter", "escape")
        assert app.screen is screen
        assert screen.session is life


@pytest.mark.parametrize("size", only_fast([(40, 15), (80, 24), (120, 40)], (80, 24)), ids=str)
async def test_the_course_of_the_session_is_browsed_and_opened(tmp_path: Path, size: tuple[int, int]) -> None:
    folder = write_course(tmp_path, names=("first", "second", "bad"))
    (folder / "bad.toml").write_text("title =")
    app = PageqApp(open_session("first", library=open_course(folder)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+o")
        shown = "\n".join(await lines_shown(pilot))
        assert "second  The scenario second" in shown
        assert "life-of-a-page" not in shown
        await pilot.press(*"bad")
        assert "bad  bad.toml:1: this is not" in "\n".join(await lines_shown(pilot))
        await pilot.press("enter")
        await pilot.pause()
        assert (app.session.name, app.session.note.kind) == ("first", "error")
        assert app.session.note.text.startswith(f"{folder / 'bad.toml'}:1: ")
        await pilot.press("escape", "ctrl+o", *"scenario second", "enter")
        await pilot.pause()
        assert (app.session.name, app.session.title) == ("second", "The scenario second")
        assert isinstance(app.screen, MainScreen)
        app.screen.do(*parse("open tour"))
        await pilot.pause()
        assert (app.session.name, app.session.library.path) == ("tour", folder)


@pytest.mark.slow
async def test_the_palette_finds_a_page_a_lens_and_a_term(life: Session) -> None:
    life.history.extend(45)
    app = PageqApp(life)
    async with app.run_test(size=(120, 40)) as pilot:
        for words in ("0xc03", "lens waits", "thread pager"):
            await pilot.press("ctrl+p", *("space" if key == " " else key for key in words))
            await pilot.pause(0.3)
            await pilot.press("enter")
            await pilot.pause()
        assert life.page == life.vm.page_index(0xC03)
        assert (life.lens, life.chosen) == ("waits", 1)


@pytest.mark.slow
@pytest.mark.parametrize(("words", "lens"), [("mach", "machine"), ("pages wir", "pages"), ("con", "console")])
async def test_the_palette_finds_a_lens_before_a_command_and_the_lists_of_pages(
    life: Session, words: str, lens: str
) -> None:
    app = PageqApp(life)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p", *("space" if key == " " else key for key in words))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        assert life.lens == lens


async def test_one_column_is_laid_out_once(life: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    async with PageqApp(life).run_test(size=(200, 60)) as person:
        await person.resize_terminal(1, 1)
        await person.press("ctrl+o")
        browser = person.app.screen
        assert isinstance(browser, Browser)
        layouts = 0
        arrange = browser._compositor.reflow

        def counted(*given: Any) -> Any:
            nonlocal layouts
            layouts += 1
            return arrange(*given)

        monkeypatch.setattr(browser._compositor, "reflow", counted)
        for _ in range(20):
            await person.pause()
        assert layouts < 20, "a scroll bar that takes the only column comes and goes"
