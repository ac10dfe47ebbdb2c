"""The browser of the library and what the palette finds, on the real screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from engine.scenario.library import OWN, open_course
from engine.scenario.outline import read_outline
from explorer import THEMES
from explorer.commands.config import Settings
from explorer.commands.table import parse
from explorer.session.open import open_session
from explorer.session.progress import OWN_COURSE, FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.browser import Browser
from explorer.tui.screens.main import MainScreen
from tests.engine.scenario.course_folder import write_course
from tests.explorer.screen_at_rest import lines_shown, presses
from tests.explorer.tui.widgets.test_palette import contrast
from tests.tiers import only_fast


@pytest.mark.parametrize("size", only_fast([(40, 15), (80, 24), (120, 40)], (80, 24)), ids=str)
async def test_the_browser_filters_previews_and_opens(life: Session, size: tuple[int, int]) -> None:
    app = PageqApp(life)
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+o")
        assert isinstance(app.screen, Browser)
        shown = "\n".join(await lines_shown(pilot))
        assert "life-of-a-page" in shown
        assert "1. First look (40 minutes)" in shown
        assert "tour  A tour of the screen" in shown
        count = app.screen.query_one(OptionList).option_count
        assert count == len(OWN.names) + len(OWN.course.units)
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
        await pilot.press("r")
        screen.do(*parse("open"))
        await pilot.pause()
        browser = app.screen
        assert isinstance(browser, Browser)
        shown = "\n".join(await lines_shown(pilot))
        assert "• life-of-a-page" in shown
        pages = read_outline(OWN.find("life-of-a-page")).pages
        assert f"Done so far: 2 of {pages} pages, 0 of 7 questions, 0 right." in previewed(browser)
        assert "The life of a page" in shown
        await pilot.press("down")
        assert OWN.listing(OWN.course.scenarios[2]).title[:20] in "\n".join(await lines_shown(pilot))
        await pilot.press(*"zzzz")
        assert "No scenario has these words." in "\n".join(await lines_shown(pilot))
        assert browser.query_one(Input).value == "zzzz"
        await pilot.press("enter", "escape")
        assert app.screen is screen
        assert screen.session is life


def previewed(browser: Screen[Any]) -> str:
    """Return the whole preview."""
    return str(browser.query_one(VerticalScroll).query_one(Static).content)


def finished(name: str) -> Progress:
    """Return the progress of a scenario that is done."""
    outline = read_outline(OWN.find(name))
    answers = tuple(FirstAnswer(question, "x", True, None, 1) for question in outline.questions)
    return record(OWN_COURSE, name, Work(frozenset(range(1, outline.pages + 1)), True, answers))


@pytest.mark.parametrize("size", only_fast([(40, 15), (80, 24), (120, 40)], (40, 15)), ids=str)
async def test_the_browser_shows_what_is_done(life: Session, tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "progress.json"
    add(
        path, finished("tour") | finished("boot") | record(OWN_COURSE, "page-queues", Work(frozenset({1, 2})))
    )
    app = PageqApp(life, log=ProgressLog(path))
    async with app.run_test(size=size) as pilot:
        shown = await presses(pilot, "ctrl+o", "up")
        assert "✓ tour" in shown
        assert "1. First look (40 minutes; 1 of 5" in shown
        pages = read_outline(OWN.find("tour")).pages
        assert re.search(
            rf"Done so far: {pages} of {pages} pages, .* right, end reached\.", previewed(app.screen)
        )
        shown = await presses(pilot, "down", "down", "down")
        assert "• page-queues" in shown


async def test_the_cursor_is_on_the_next_scenario_if_the_open_one_is_done(
    life: Session, tmp_path: Path
) -> None:
    path = tmp_path / "progress.json"
    add(path, finished("tour") | finished("life-of-a-page"))
    async with PageqApp(life, log=ProgressLog(path)).run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert previewed(pilot.app.screen).startswith("Why physical page management matters")


@pytest.mark.parametrize("theme", only_fast(THEMES, THEMES[0]))
async def test_the_units_can_be_read_in_every_theme(life: Session, theme: str) -> None:
    async with PageqApp(life, Settings(theme=theme)).run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+o")
        options = pilot.app.screen.query_one(OptionList)
        style = options.get_component_rich_style("option-list--option-disabled", partial=False)
        assert style.color is not None
        assert style.bgcolor is not None
        colors = (one.get_truecolor().hex for one in (style.color, style.bgcolor))
        assert contrast(*colors) >= (7 if theme == "high-contrast" else 4.5)


async def test_tab_changes_the_order_and_keeps_the_scenario(life: Session) -> None:
    app = PageqApp(life)
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await presses(pilot, "ctrl+o")
        browser = app.screen
        assert isinstance(browser, Browser)
        assert "1. First look" in shown
        assert "Tab: by topic" in shown
        for order, heading, following in (
            ("topic", "When You Need This", "level"),
            ("level", "beginner", "unit"),
            ("unit", "1. First look", "topic"),
        ):
            shown = await presses(pilot, "tab")
            assert browser.order == order
            assert f"Tab: by {following}" in shown
            assert any(heading in str(option.prompt) for option in browser.query_one(OptionList).options)
            assert "life-of-a-page" in shown
        await pilot.press("tab", "enter")
        assert app.screen is not browser


async def test_a_damaged_file_is_said_and_the_browser_opens(life: Session, tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text("{")
    app = PageqApp(life, log=ProgressLog(path))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+o")
        assert isinstance(app.screen, Browser)
        assert "this is not JSON" in life.note.text


@pytest.mark.parametrize("size", only_fast([(40, 15), (80, 24), (120, 40)], (80, 24)), ids=str)
async def test_the_course_of_the_session_is_browsed_and_opened(tmp_path: Path, size: tuple[int, int]) -> None:
    folder = write_course(tmp_path, names=("first", "second", "bad"))
    (folder / "bad.toml").write_text("title =")
    app = PageqApp(open_session("first", library=open_course(folder)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+o")
        shown = "\n".join(await lines_shown(pilot))
        assert "second  The scenario second" in shown
        assert f"╭─ {open_course(folder).course.title} ─" in shown
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
