"""The pictures of the documentation are made from scenarios, and are the same every time."""

from __future__ import annotations

import asyncio

import pytest

from explorer.tui.screenshots import BROWSER, FOLDER, PICTURES, Picture, take


@pytest.mark.parametrize("picture", [PICTURES[0], PICTURES[1]], ids=lambda picture: picture.name)
async def test_a_picture_is_the_same_every_time(picture: Picture) -> None:
    once = await take(picture)
    assert "app.m" in once or "heap[0]" in once or "0xc03" in once
    assert once == await take(picture)


@pytest.mark.slow
async def test_the_picture_of_the_browser_shows_progress_and_is_the_same_every_time() -> None:
    picture = next(one for one in PICTURES if one.name == "the-course")
    once = await take(picture)
    assert once == await take(picture)
    assert once.count("\u2713") == len(picture.done)
    assert once.count("\u2022") == 1


def test_every_picture_has_its_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == {picture.name for picture in PICTURES}
    assert [path.name for path in FOLDER.iterdir() if path.suffix != ".svg"] == [BROWSER]


def test_the_pictures_of_the_documentation_are_made_by_the_same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.tui.screenshots.export_svg", lambda app: f"made of {app.session.name}")
    assert asyncio.run(take(PICTURES[4])) == "made of life-of-a-page"
