"""A handout as one page: nothing from elsewhere, nothing of the answers, every text escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import pytest

from engine.scenario.loader import Scenario
from explorer.papers.handout import make_handout
from explorer.papers.handout_html import handout_html
from explorer.papers.moment_pictures import MomentCamera
from tests.explorer.papers.small_lessons import HOSTILE, LESSON
from tests.explorer.papers.test_handout import handout_of

VOID: Final = {"meta", "input", "br", "rect"}


class Page(HTMLParser):
    """What is in a page: its tags, its attributes, its ids, and its text without styles and scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == [], "a tag is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data


@pytest.fixture(scope="module")
def pages() -> tuple[str, str]:
    """A handout without and with key."""
    handout = handout_of(LESSON, seed=1)
    return handout_html(handout, key=False), handout_html(handout, key=True)


def test_nothing_is_loaded_from_elsewhere(pages: tuple[str, str]) -> None:
    for html in pages:
        names = {name for name, _ in Page(html).attributes}
        assert not names & {"src", "href", "xlink:href", "srcset", "action", "data"}
        assert not re.search(r"https?:|//\w|@import|url\((?!#)", html.replace("// ", ""))
        assert "default-src 'none'" in html


def test_without_the_key_there_is_no_trace_of_an_answer(pages: tuple[str, str]) -> None:
    plain, key = pages
    for trace in ("asked</strong> for it", "No thread has released it", "It is released", 'class="key"'):
        assert trace in key
        assert trace not in plain
    beside = re.sub(r"<figure>.*?</figure>", "", plain, flags=re.DOTALL)
    assert beside.count("PBUSY_LOCKED") == 1, "only the choice"


def test_the_key_is_below_its_question(pages: tuple[str, str]) -> None:
    text = Page(pages[1]).text
    assert text.index("Question 1") < text.index("It was asked for it.") < text.index("Question 2")


def test_each_moment_has_a_caption_a_picture_and_its_text(pages: tuple[str, str]) -> None:
    html = pages[0]
    page = Page(html)
    captions = re.findall(r"step \d+ of \d+", page.text)
    assert len(captions) == html.count('<section class="moment"') == html.count("<svg") == 4
    for caption in captions:
        assert ("aria-label", f"The screen at {caption}") in page.attributes
    assert page.text.count("The screen as text") == 4
    assert f'max="{len(captions) - 1}"' in html


def test_no_id_is_used_twice(pages: tuple[str, str]) -> None:
    ids = [value for name, value in Page(pages[1]).attributes if name == "id"]
    assert len({*ids}) == len(ids)


def test_a_question_is_between_its_page_and_the_next(pages: tuple[str, str]) -> None:
    text = Page(pages[0]).text
    parts = ["It begins here.", "Question 1", "The page is busy.", "It has index 3.", "Question 2"]
    parts += ["Question 3", "The end.", "Script of app"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert re.search(r"\n  1  # Take 3 pages|  1  # Take", text)


@pytest.mark.parametrize("key", [False, True])
def test_no_text_of_a_file_becomes_markup(key: bool) -> None:
    html = handout_html(handout_of(HOSTILE), key=key)
    page = Page(html)
    assert html.count("<script") == 1
    assert not {"a", "img", "b", "link", "iframe", "object"} & page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", html)


@pytest.mark.slow
def test_a_lesson_with_ten_moments_is_small(life_scenario: Scenario) -> None:
    with MomentCamera() as camera:
        handout = make_handout(life_scenario, camera)
    assert len(handout.stops) >= 10
    assert len(handout_html(handout, key=True).encode()) < 1_500_000 / 3
