"""A handout as Markdown, and its pictures."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markdown_it import MarkdownIt

from explorer.papers.handout_markdown import handout_markdown, handout_pictures, picture_name
from tests.explorer.papers.small_lessons import HOSTILE, LESSON
from tests.explorer.papers.test_handout import handout_of


def test_the_pictures_are_those_that_the_text_names() -> None:
    handout = handout_of(LESSON)
    text, pictures = handout_markdown(handout, "my pictures", key=False), handout_pictures(handout)
    named = re.findall(r"\]\(my%20pictures/([^)]*)\)", text)
    assert named == [*pictures] == [picture_name(n) for n in range(1, 5)]
    for svg in pictures.values():
        assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_the_key_is_at_the_end_and_only_on_request() -> None:
    handout = handout_of(LESSON)
    plain, key = (handout_markdown(handout, "p", key=key) for key in (False, True))
    assert key.startswith(plain)
    assert key[len(plain) :].startswith("\n## Key\n\n**1.** b) 2\n\nIt was **asked** for it.\n")
    assert "asked** for it" not in plain


def test_the_questions_are_after_the_pages_of_their_moments() -> None:
    text = handout_markdown(handout_of(LESSON), "p", key=False)
    parts = ["It *begins* here.", "> On the screen: press n", "**1.** ", "The page is `busy`.", "**2.** ",
             "**3.** ", "The end.", "## Script of app"]  # fmt: skip
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_no_text_of_a_file_becomes_markup() -> None:
    text = handout_markdown(handout_of(HOSTILE), "p", key=True)
    html = MarkdownIt("commonmark").enable("table").render(text)
    tags = {*re.findall(r"<(\w+)", html)}
    assert not tags & {"script", "a", "b", "div"}
    assert {*re.findall(r'src="([^"]*)"', html)} <= {f"p/{picture_name(n)}" for n in range(1, 9)}
