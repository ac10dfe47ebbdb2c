"""The lesson beside the run: opened with the scenario, turned by keys and by time, followed and closed."""

from __future__ import annotations

from typing import Any, Final

import pytest
from textual.pilot import Pilot

from explorer.commands.config import Settings
from explorer.commands.keys import Keys
from explorer.tui.app import PageqApp, make_app
from explorer.tui.screens.help import LessonScreen
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.lesson_panel import LessonPanel
from tests.explorer.lesson_pages import lesson_scenario, lesson_session
from tests.explorer.screen_at_rest import lines_shown, presses
from tests.tiers import only_fast

SIZES: Final = [(40, 15), (80, 24), (120, 40), (200, 60)]

Person = Pilot[Any]


def open_lesson(settings: Settings | None = None, at: int | str | None = None) -> PageqApp:
    scenario = lesson_scenario()
    return make_app(scenario, scenario.start(), at, settings)


@pytest.mark.parametrize("size", only_fast(SIZES, (80, 24)), ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_scenario_opens_with_its_lesson_which_r_and_time_turn(size: tuple[int, int]) -> None:
    app = open_lesson()
    async with app.run_test(size=size) as person:
        first = await presses(person)
        assert "lesson 1 of 5 ─" in first
        assert "The page is free." in first
        assert "▸ press n: run to the" in first
        assert "FREE" in first, "the stage is not hidden"
        assert "lesson 2 of 5 ─" in await presses(person, "n")
        assert "▸ type :view waits" in await presses(person)
        assert "lesson 3 of 5 ─" in await presses(person, "r")
        assert "lesson 5 of 5 ─" in await presses(person, "r")
        assert "this run does not come to page 4; page 5 of 5" in app.session.note.text
        assert "lesson 1 of 5 ─" in await presses(person, "g")


async def test_what_the_page_asks_for_turns_it_by_key_console_and_palette() -> None:
    session = lesson_session()
    async with PageqApp(session).run_test(size=(120, 40)) as person:
        await presses(person, "n", "colon", *"view", "space", *"waits", "enter")
        assert session.reading.page(session.history) == 2
        screen = person.app.screen
        assert isinstance(screen, MainScreen)
        await presses(person, "g")
        (entry,) = (one for one in person.app.get_system_commands(screen) if one.title == "over")
        entry.callback()
        await person.pause()
        assert session.reading.page(session.history) == 1


async def test_at_opens_the_page_of_that_moment() -> None:
    async with open_lesson(at="end").run_test(size=(120, 40)) as person:
        assert "lesson 5 of 5 ─" in await presses(person)


async def test_lessons_off_leaves_the_lesson_closed_until_it_is_opened() -> None:
    async with open_lesson(Settings(lessons="off")).run_test(size=(120, 40)) as person:
        shown = await presses(person)
        assert "── lesson" not in shown
        assert "L lesson" in shown.splitlines()[-1]
        assert "lesson 1 of 5 ─" in await presses(person, "L")
        assert "── lesson" not in await presses(person, "L")
        assert "━━ lesson 1 of 5 ━" in await presses(person, "9")


@pytest.mark.parametrize("size", only_fast(SIZES, (80, 24)), ids=lambda size: f"{size[0]}x{size[1]}")
async def test_l_closes_the_lesson_and_opens_it_and_r_opens_it_too(size: tuple[int, int]) -> None:
    async with open_lesson().run_test(size=size) as person:
        shown = await presses(person)
        assert "lesson 1 of 5" not in await presses(person, "L")
        assert (await presses(person, "L")).splitlines()[:-2] == shown.splitlines()[:-2]
        await presses(person, "L")
        assert "lesson 2 of 5 ─" in await presses(person, "r")


async def test_on_a_narrow_screen_l_brings_it_to_the_front_and_r_does_too() -> None:
    async with open_lesson().run_test(size=(40, 15)) as person:
        assert "lesson 1 of 5  The page" in await presses(person, "2")
        assert "── lesson 1 of 5 ─" in await presses(person, "L")
        assert "lesson 2 of 5  It is" in await presses(person, "n", "2")
        assert "── lesson 2 of 5 ─" in await presses(person, "r"), "the whole page comes first"
        assert "── lesson 3 of 5 ─" in await presses(person, "r")


async def test_r_shows_the_rest_of_a_page_before_it_turns_it() -> None:
    session = lesson_session(
        '[[page]]\nsay = "' + "Words and words. " * 44 + 'End."\n[[page]]\nsay = "Two."\n'
    )
    async with PageqApp(session).run_test(size=(80, 24)) as person:
        assert "r more ─" in await presses(person)
        assert "End." not in await presses(person)
        shown = await presses(person, "r")
        assert "End." in shown
        assert "r next ─" in shown
        assert "Two." in await presses(person, "r")
        assert "Two." not in await presses(person, "R")


async def test_a_lens_leaves_the_lesson_its_lines_on_every_page() -> None:
    async with open_lesson().run_test(size=(80, 24)) as person:
        await presses(person, "n", "v")
        panel = person.app.screen.query_one(LessonPanel)
        for _ in range(3):
            assert panel.size.height == 6
            await presses(person, "r")


async def test_what_to_do_and_what_to_look_at_stay_visible_while_a_page_is_read() -> None:
    session = lesson_session(
        '[[page]]\nsay = "' + "Words and words. " * 44 + 'End."\nlook = ["vmstats.v_free_min"]\n'
        'do = "over"\n[[page]]\nsay = "Two."\n'
    )
    async with PageqApp(session).run_test(size=(80, 24)) as person:
        for keys in ((), ("r",), ("r",)):
            shown = (await presses(person, *keys)).splitlines()
            y = next(n for n, line in enumerate(shown) if line.startswith("▸ press n"))
            assert shown[y - 1].startswith("◈ vmstats.v_free_min = ")
            assert shown[y + 1].startswith("── ")
        assert any("End." in line for line in shown)


async def test_links_are_followed_with_keys_and_mouse() -> None:
    session = lesson_session()
    async with PageqApp(session).run_test(size=(120, 40)) as person:
        await presses(person, "n", "9", "right", "enter")
        assert session.lens == "waits"
        assert session.reading.page(session.history) == 2, "the page asked for it"
        await presses(person, "g", "9", "right", "right", "enter")
        assert person.app.screen.query_one("#stage").has_focus
        await presses(person, "G", "r", "r", "r")
        lines = await lines_shown(person)
        y = next(n for n, line in enumerate(lines) if "Next: life" in line)
        await person.click(offset=(lines[y].index("life") + 1, y))
        await person.pause()
        assert "The life of a page" in (await lines_shown(person))[0]


async def test_a_link_that_cannot_be_followed_gets_a_message() -> None:
    session = lesson_session(
        '[[page]]\nsay = "See [x](panel:attic), [y](lens:none) and [z](scenario:none)."\n'
    )
    async with PageqApp(session).run_test(size=(120, 40)) as person:
        await presses(person, "9", "right", "enter")
        assert session.note.text.startswith("there is no panel 'attic'")
        await presses(person, "escape", "9", "right", "enter")
        assert "none" in session.note.text
        assert session.note.kind == "error"
        await presses(person, "escape", "9", "right", "enter")
        assert session.note.kind == "error"
        assert "there is no scenario 'none'" in session.note.text


async def test_the_users_own_keys_are_named() -> None:
    keys = Keys({"over": ("f5",), "lesson-next": ("f6",)})
    async with open_lesson(Settings(keys=keys)).run_test(size=(120, 40)) as person:
        shown = await presses(person)
        assert "▸ press F5: run to the end of the current kernel call" in shown
        assert " F6 next ─" in shown


async def test_what_a_page_looks_at_is_lit_in_colour_and_in_ascii() -> None:
    session = lesson_session()
    async with PageqApp(session, Settings(ascii=True, theme="monochrome")).run_test(size=(120, 40)) as person:
        assert "&" not in await presses(person)
        shown = await presses(person, "n")
        for mark in ("&app.m", "&queue", "&- threads", "& app.m.queue = NONE"):
            assert mark in shown
        assert "&" not in await presses(person, "L")


async def test_the_whole_lesson_is_a_box_whose_links_go_nowhere() -> None:
    async with open_lesson().run_test(size=(120, 40)) as person:
        await presses(person, "colon", *"lesson", "space", *"all", "enter")
        assert isinstance(person.app.screen, LessonScreen)
        shown = "\n".join(await lines_shown(person))
        assert "Next: life." in shown
        await presses(person, "escape")
        assert isinstance(person.app.screen, MainScreen)


async def test_undo_takes_the_page_back_with_time() -> None:
    async with open_lesson().run_test(size=(120, 40)) as person:
        assert "lesson 2 of 5" in await presses(person, "r")
        assert "lesson 1 of 5" in await presses(person, "backspace")
        assert "lesson 2 of 5" in await presses(person, "ctrl+r")


async def test_other_rules_are_named_in_the_heading() -> None:
    scenario = lesson_scenario(rules="source")
    async with make_app(scenario, scenario.start()).run_test(size=(120, 40)) as person:
        assert "lesson 1 of 5 · other rules ─" in await presses(person)
