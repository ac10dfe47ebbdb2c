"""The tour, played on the screen with only the keys that the lesson names."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from textual.pilot import Pilot

from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.tui.app import make_app
from explorer.tui.screens.browser import Browser
from explorer.tui.screens.main import MainScreen
from tests.explorer.screen_at_rest import presses
from tests.tiers import only_fast

Person = Pilot[Any]

PAGE: Final = re.compile(r"lesson (\d+) of (\d+)")
PRESS: Final = re.compile(r"▸ press (\S+):")
TYPE: Final = re.compile(r"▸ type :(.+?)(?:  |$|\n)")
LETTERS: Final = {
    " ": "space", ":": "colon", "(": "left_parenthesis", ")": "right_parenthesis", ".": "full_stop",
    "_": "underscore",
}  # fmt: skip


async def whole_page(person: Person, shown: str) -> str:
    """Read on until the end of the page is on the screen, as its heading says."""
    seen = shown
    for _ in range(9):
        if "r more" not in shown:
            return seen
        shown = await presses(person, "r")
        seen += "\n" + shown
    raise AssertionError(shown)


async def follow(person: Person, shown: str) -> str:
    """Do what the page says, and return the screen then."""
    if found := PRESS.search(shown):
        return await presses(person, found[1].lower() if "+" in found[1] else found[1])
    found = TYPE.search(shown)
    assert found, shown
    return await presses(
        person, "colon", *(LETTERS.get(letter, letter) for letter in found[1].strip()), "enter"
    )


def session_of(screen: object) -> Session:
    assert isinstance(screen, MainScreen)
    return screen.session


def is_last(session: Session) -> bool:
    return session.reading.page(session.history) + 1 == len(session.reading.pages)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
async def test_the_tour_is_played_with_the_keys_that_the_screen_names(size: tuple[int, int]) -> None:
    scenario = load("tour")
    app = make_app(scenario, scenario.start())
    async with app.run_test(size=size) as person:
        session, pages = session_of(app.screen), []
        shown = await presses(person)
        for _ in range(2 * len(scenario.pages)):
            place = PAGE.search(shown)
            assert place, shown
            pages.append(int(place[1]))
            shown = await follow(person, await whole_page(person, shown))
            assert session.note.kind != "error", session.note.text
            if not isinstance(app.screen, MainScreen):
                break
            if session.reading.done and not is_last(session):
                assert "r next" in shown
                shown = await presses(person, "r")
        assert isinstance(app.screen, Browser)
        assert pages == list(range(1, len(scenario.pages) + 1))
        assert len(session.history.kept()) == 2, "a branch was made"


@pytest.mark.parametrize(
    "link", only_fast(["life-of-a-page", "valid-and-dirty", "hard-and-soft-busy"], "life-of-a-page")
)
async def test_its_last_page_opens_the_next_scenario(link: str) -> None:
    scenario = load("tour")
    app = make_app(scenario, scenario.start())
    async with app.run_test(size=(120, 40)) as person:
        await presses(person, "colon", *"lesson", "space", "1", "2", "enter")
        links = [target for kind, target in scenario.pages[-1].links if kind == "scenario"]
        await presses(person, "9", *["right"] * (links.index(link) + 1), "enter")
        assert session_of(app.screen).name == link
        assert "lesson 1 of" in await presses(person) or load(link).form.lesson
