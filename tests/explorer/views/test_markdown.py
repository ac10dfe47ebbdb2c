"""Markdown as lines: each kind of block and of style, at any width, and every lesson of the library."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.views.markdown import INLINE, first_sentence, inline, markdown_lines
from explorer.views.spans import length, plain

BLOCKS = [
    ("a heading", "# A `page`\ntext", 20, "A page\ntext"),
    ("a paragraph is wrapped at words", "one two\nthree four", 9, "one two\nthree\nfour"),
    ("one empty line between blocks", "one\n\n\n\ntwo", 9, "one\n\ntwo"),
    ("a list", "- one\n- two three\n  four\n\nfive", 9, "• one\n• two\n  three\n  four\n\nfive"),
    ("a numbered list", "1. one\n10. two three", 9, "1. one\n10. two\n    three"),
    ("a list in a list", "- one\n  - two", 12, "• one\n  • two"),
    ("a text ends where a list begins", "one\n- two", 9, "one\n\n• two"),
    ("a quote", "> one\n> two three", 9, "│ one two\n│ three"),
    ("code keeps its lines and spaces", "```c\na  b\n  c\n```\nend", 9, "a  b\n  c\n\nend"),
    ("a line of code that is too long is split", "```\nabcdefgh\n```", 5, "abcde\nfgh"),
    ("code is split before a word", "```\nab  cd ef\n```", 7, "ab  cd\n ef"),
    ("a line of a table stays below its column", "```\na 1  bb cc dd\n```", 10, "a 1  bb cc\n     dd"),
    ("code without an end", "```\na", 5, "a"),
    ("a table", "| a | bcd |\n|---|---|\n| ef | `g` |\n", 20, "a   bcd\nef  g"),
    ("a bar in a cell", "| a \\| b | c |\n|--|--|\n", 20, "a | b  c"),
    (
        "the widest cell of a table is wrapped",
        "| k | what it does |\n|--|--|\n| s | takes one step |",
        13,
        "k  what it\n   does\ns  takes one\n   step",
    ),
    ("a table without room for its columns", "| abcdefghij | klmnopqrst |", 9, "abcdefghi\nj\nklmnopqrs\nt"),
    ("only a rule of a table", "|---|---|", 9, ""),
    ("nothing", "", 9, ""),
    ("a word that is too long", "a verylongword b", 6, "a\nverylo\nngword\nb"),
    ("wide characters", "山山 山山山山", 5, "山山\n山山\n山山"),
]


@pytest.mark.parametrize(
    ("text", "width", "shown"), [case[1:] for case in BLOCKS], ids=[c[0] for c in BLOCKS]
)
def test_a_block_is_drawn_as(text: str, width: int, shown: str) -> None:
    assert plain(markdown_lines(text, width)) == shown


STYLES = [
    ("plain", (("plain", ""),)),
    ("a `b c` d", (("a ", ""), ("b c", "inline-code"), (" d", ""))),
    ("``a`b``", (("a`b", "inline-code"),)),
    ("**a** *b*", (("a", "bold"), (" ", ""), ("b", "emphasis"))),
    ("**a `b`**", (("a ", "bold"), ("b", "inline-code"))),
    ("see [the term](term:colour).", (("see ", ""), ("the term", "link term:colour"), (".", ""))),
    ("[a page](page.html), [x](http:y)", (("a page", "link"), (", ", ""), ("x", "link"))),
    ("2 * 3 * 4, a*b*c, [x]", (("2 * 3 * 4, a*b*c, [x]", ""),)),
    ("snake_case_name `unclosed", (("snake_case_name `unclosed", ""),)),
    ("**X** and **Y**", (("X", "bold"), (" and ", ""), ("Y", "bold"))),
    ("`*`, `**`", (("*", "inline-code"), (", ", ""), ("**", "inline-code"))),
    ("", ()),
]


@pytest.mark.parametrize(("text", "spans"), STYLES, ids=[text or "nothing" for text, _ in STYLES])
def test_a_piece_has_the_style_of_its_marks(text: str, spans: tuple[tuple[str, str], ...]) -> None:
    assert inline(text) == spans


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Title\n\nA page is *born*\nfree. It dies.", "A page is born free."),
        ("No end", "No end"),
        ("Step 3.5 is `a.b`. More", "Step 3.5 is a.b."),
        ("- a list only", ""),
        ("", ""),
    ],
)
def test_the_first_sentence_is_that_of_the_first_paragraph(text: str, said: str) -> None:
    assert plain([first_sentence(text)]) == said


@given(st.text("ab 山`*|>#-1.[]()\n\t", max_size=60), st.integers(0, 12))
def test_no_line_is_wider_than_the_panel_whatever_the_text(text: str, width: int) -> None:
    # A wide character has no smaller form: it takes two columns, also of one.
    assert all(length(line) <= max(width, 4) for line in markdown_lines(text, width))


def words(text: str) -> list[str]:
    """The words of a Markdown text, without its marks."""
    text = re.sub(r"^\s*(\||```|#+ |[-*] |\d+\. |> )|\||^[\s|:-]+$|\*\*", " ", text, flags=re.MULTILINE)
    return re.findall(r"\w+", INLINE.sub(lambda match: match["link"] or match[0], text))


@pytest.mark.parametrize("path", sorted(OWN.path.glob("*.toml")), ids=lambda path: path.stem)
def test_a_lesson_of_the_library_keeps_its_words_and_loses_its_marks(path: Path) -> None:
    lesson = load(path.stem).form.whole_lesson
    for width in (100, 38):
        lines = markdown_lines(lesson, width)
        assert max(map(length, lines), default=0) <= width
        shown = plain(lines)
        assert "**" not in shown
    wide = plain(markdown_lines(lesson, 10_000))
    assert [word for word in words(lesson) if word not in wide] == []
