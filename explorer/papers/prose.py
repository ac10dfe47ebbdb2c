"""The Markdown of lessons and questions, as HTML or as Markdown that is safe in any page.

It is what the screen shows (see `explorer.views.markdown`): a link of a lesson, which only the screen can
follow, becomes its words, and whatever else could load a file or leave the page is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from explorer.views.safe_text import without_controls

OFF: Final = (
    *("image", "autolink", "html_inline", "entity", "escape"),
    *("html_block", "reference", "lheading", "hr", "code"),
)
"""Markdown that is not part of a lesson's: the screen shows it as it is written."""

BELOW: Final = 3
"""Headings of a text are this many levels below those of the page."""

_SPECIAL: Final = re.compile(r"[\\`*<]|&(?=#?\w+;)|\[(?=[^\]]*\][(:\[])|(?<![^\W_])_|_(?![^\W_])")
"""Characters that a reader of Markdown may take for more than themselves."""


def html_of(text: str) -> str:
    """Return Markdown as HTML: paragraphs, lists, tables, code, emphasis; every other character as text."""
    html: str = _reader().render(without_controls(text))
    return html.strip()


def markdown_of(text: str) -> str:
    """Return Markdown as Markdown that has no HTML, link or image."""
    root = SyntaxTreeNode(_reader().parse(without_controls(text)))
    return "\n".join(_blocks(root))


def escaped(text: str) -> str:
    """Return a text that is not Markdown, on one line, as Markdown that shows it as it is."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(without_controls(text).split()))


def fenced(code: str) -> str:
    """Return lines of code as Markdown."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}\n{without_controls(code)}\n{fence}"


# --- the reader -------------------------------------------------------------------------------------------


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(list(OFF))
    reader.inline.ruler.at("emphasis", _by_stars)
    # No link is written, so none can be bad: also of these, the words are what a reader sees.
    reader.validateLink = _any_link  # type: ignore[method-assign]
    for kind in ("link_open", "link_close"):
        reader.add_render_rule(kind, _nothing)
    for kind in ("heading_open", "heading_close"):
        reader.add_render_rule(kind, _heading)
    return reader


def _by_stars(state: StateInline, silent: bool) -> bool:
    """Read emphasis by `*` only: names such as `_vm_page_free` have underscores at their ends."""
    return state.src[state.pos] == "*" and emphasis.tokenize(state, silent)


def _any_link(url: str) -> bool:
    return True


def _nothing(_: Any, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    return ""


def _heading(renderer: Any, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    token = tokens[number]
    token.tag = f"h{min(int(token.tag[1:]) + BELOW, 6)}"
    html: str = renderer.renderToken(tokens, number, options, env)
    return html


# --- as Markdown ------------------------------------------------------------------------------------------


def _blocks(node: SyntaxTreeNode) -> Iterator[str]:
    """Yield the lines of the blocks of a node, with an empty line between two of them."""
    for number, child in enumerate(node.children):
        if number:
            yield ""
        yield from _block(child)


def _block(node: SyntaxTreeNode) -> Iterator[str]:
    match node.type:
        case "heading":
            yield f"**{_inline(node)}**"
        case "bullet_list" | "ordered_list":
            for number, item in enumerate(node.children, int(node.attrs.get("start", 1))):
                mark = "- " if node.type == "bullet_list" else f"{number}. "
                yield from _indented(mark, " " * len(mark), _blocks(item))
        case "blockquote":
            yield from _indented("> ", "> ", _blocks(node))
        case "fence":
            yield from fenced(node.content.removesuffix("\n")).split("\n")
        case "table":
            yield from _table(node)
        case _:
            yield _inline(node)


def _indented(first: str, rest: str, lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{rest if number else first}{line}".rstrip()


def _table(node: SyntaxTreeNode) -> Iterator[str]:
    rows = [row.children for part in node.children for row in part.children]
    for number, row in enumerate(rows):
        cells = [_inline(cell).replace("|", r"\|") for cell in row]
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            yield f"|{'---|' * len(row)}"


def _inline(node: SyntaxTreeNode) -> str:
    """Return the text of a node: code, emphasis and bold as they were, links as their words."""
    if node.type == "text":
        return _SPECIAL.sub(r"\\\g<0>", node.content)
    if node.type in ("softbreak", "hardbreak"):
        return " "
    mark = node.markup if node.type in ("em", "strong", "code_inline") else ""
    inside = node.content if node.type == "code_inline" else "".join(map(_inline, node.children))
    return f"{mark}{inside}{mark}"
