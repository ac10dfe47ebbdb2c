"""A handout in a browser without a network: the slider, the keys, paper, and no script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from explorer.papers.handout_html import handout_html
from tests.explorer.papers.browser import CHROMEDRIVER, CHROMIUM, MISSING, Browser, browser
from tests.explorer.papers.small_lessons import HOSTILE, LESSON
from tests.explorer.papers.test_handout import handout_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None or CHROMEDRIVER is None, reason=MISSING),
]

SHOWN: Final = """
return [...document.querySelectorAll(".moment")].map(
  (moment, n) => moment.getBoundingClientRect().height > 0 ? n : -1).filter((n) => n >= 0);
"""
"""The numbers of the moments that are shown."""

SLIDE: Final = """
const range = document.querySelector("input[type=range]");
range.value = 2;
range.dispatchEvent(new Event("input", {bubbles: true}));
"""

RIGHT, LEFT, END = "\ue014", "\ue012", "\ue010"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("handout") / "small.html"
    path.write_text(handout_html(handout_of(LESSON), key=True), encoding="utf-8")
    return path


def test_the_slider_shows_another_moment(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    assert chromium.script(SHOWN) == [0]
    chromium.script(SLIDE)
    assert chromium.script(SHOWN) == [2]
    caption = chromium.script(
        "return document.querySelectorAll('.moment')[2].querySelector('.at').textContent"
    )
    assert chromium.script("return document.querySelector('output').textContent") == caption
    assert chromium.script("return document.querySelector('input').ariaValueText") == caption


def test_the_arrow_keys_and_the_buttons_turn_the_moments(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    seen = []
    for key in (RIGHT, RIGHT, LEFT, END, RIGHT):
        chromium.press(key)
        seen += chromium.script(SHOWN)
    assert seen == [1, 2, 1, 3, 3]
    chromium.script("document.querySelector('button').click()")
    assert chromium.script(SHOWN) == [2]


def test_nothing_is_loaded_and_the_picture_is_drawn(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    assert chromium.script("return performance.getEntriesByType('resource').length") == 0
    width, text = chromium.script(
        "const one = document.querySelector('.shown svg');"
        "return [one.getBoundingClientRect().width, one.querySelector('text').getBBox().width];"
    )
    assert width > 400
    assert text > 0


def test_an_answer_is_closed_until_the_page_is_printed(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    is_open = "return [...document.querySelectorAll('details.key')].map((key) => key.open)"
    assert chromium.script(is_open) == [False] * 3
    chromium.script("window.dispatchEvent(new Event('beforeprint'))")
    assert chromium.script(is_open) == [True] * 3


def test_a_script_of_a_stranger_does_not_run(chromium: Browser, page: Path) -> None:
    """The browser's policy would also stop one that had become markup."""
    hostile = page.with_name("hostile.html")
    hostile.write_text(handout_html(handout_of(HOSTILE), key=True), encoding="utf-8")
    chromium.open(hostile)
    chromium.script("window.alert = () => { document.title = 'it ran'; }")
    chromium.script(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'alert(1)'}))"
    )
    assert chromium.script("return document.title").startswith("<script>alert(1)</script>")


def test_without_scripts_all_moments_are_shown(page: Path) -> None:
    plain = page.with_name("plain.html")
    text = page.read_text(encoding="utf-8")
    plain.write_text(text[: text.index("<script>")] + "</body></html>", encoding="utf-8")
    with browser() as chromium:
        chromium.open(plain)
        assert chromium.script(SHOWN) == [0, 1, 2, 3]
        assert chromium.script("return document.querySelector('.slider').getBoundingClientRect().height") == 0
