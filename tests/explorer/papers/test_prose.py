"""Markdown as safe HTML, and as safe Markdown: the words are those of the screen."""

from __future__ import annotations

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.papers.prose import escaped, fenced, html_of, markdown_of
from explorer.views.markdown import markdown_lines
from tests.tiers import only_fast


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a `code` *em* **bold**", "<p>a <code>code</code> <em>em</em> <strong>bold</strong></p>"),
        ("[the words](lens:life)", "<p>the words</p>"),
        ("[x](javascript:alert(1))", "<p>x</p>"),
        ("![x](http://example.com/x.png)", "<p>!x</p>"),
        ("<b>x</b> & &amp;", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &amp;amp;</p>"),
        ("<http://example.com>", "<p>&lt;http://example.com&gt;</p>"),
        ("_vm_page_free_ and __x__", "<p>_vm_page_free_ and __x__</p>"),
        ("one\n\n    two", "<p>one</p>\n<p>two</p>"),
        ("# Title", "<h4>Title</h4>"),
        ("a\x1b[31m\u202eb", "<p>a[31mb</p>"),
    ],
)
def test_the_html_has_markup_only_from_markdown(text: str, html: str) -> None:
    assert html_of(text) == html


def test_lists_and_tables_are_html() -> None:
    assert "<li>one</li>" in html_of("- one\n- two")
    assert "<td>1</td>" in html_of("| a |\n|---|\n| 1 |")


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("a `c<d` *em* **bold** [words](lens:life)", "a `c<d` *em* **bold** words"),
        ("<b>x</b> &amp; &", r"\<b>x\</b> \&amp; &"),
        ("![x](http://example.com)", "!x"),
        ("[a]: http://example.com", r"\[a]: http://example.com"),
        ("heap[0] and _x_y_", r"heap[0] and \_x_y\_"),
        ("- one\n  more\n- two\n\n3. three", "- one more\n- two\n\n3. three"),
        ("| a | b |\n|---|---|\n| `x` | y\\|z |", "| a | b |\n|---|---|\n| `x` | y\\|z |"),
        ("> quoted\n\n# Title", "> quoted\n\n**Title**"),
        ("```\na <b>\n```", "```\na <b>\n```"),
    ],
)
def test_markdown_keeps_its_form_without_html_and_links(text: str, markdown: str) -> None:
    assert markdown_of(text) == markdown


def _words(html: str) -> str:
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", "", html)))


@pytest.mark.parametrize("name", only_fast(OWN.names, "life-of-a-page", "tour"))
def test_the_words_of_the_library_are_those_of_the_screen(name: str) -> None:
    scenario = load(name)
    texts = [page.say for page in scenario.pages]
    texts += [text for question in scenario.questions for text in (question.ask, question.why)]
    for text in texts:
        shown = "".join(span for line in markdown_lines(text, 10_000) for span, _ in line)
        plain = re.sub(r"[\s•]+", "", shown)
        assert _words(html_of(text)) == plain
        # What a reader of full Markdown makes of it, HTML included, is the same.
        assert _words(MarkdownIt("commonmark").enable("table").render(markdown_of(text))) == plain


@pytest.mark.parametrize("text", ["a `b` *c* [d](e) <f> &amp; \\ _g_", "x\n\n# y", "plain, 1,024 of heap[0]"])
def test_an_escaped_text_is_shown_as_it_is(text: str) -> None:
    assert _words(MarkdownIt().render(escaped(text))) == re.sub(r"\s+", "", text)


def test_no_fence_in_code_ends_it() -> None:
    assert fenced("a\n```\n<b>").split("\n")[0] == "````"
    assert MarkdownIt().render(fenced("```\n<b>")) == "<pre><code>```\n&lt;b&gt;\n</code></pre>\n"
