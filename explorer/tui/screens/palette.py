"""The palette: Textual's, which finds commands by words, as a steady screen."""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol, runtime_checkable

from textual.command import CommandPalette, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher
from textual.markup import escape

from explorer.commands.finder import entries, numbered
from explorer.session.session import Session
from explorer.tui.screens.steady import Steady

AHEAD: Final = 1.01
"""How much more a lens counts than a command of the same name, which asks for an argument."""


@runtime_checkable
class Finding(Protocol):
    """A screen in whose session things are found."""

    session: Session

    def enter_line(self, text: str) -> None:
        """Execute a line of the console."""


class Finds(Provider):
    """Finds scenarios, lenses, pages, their lists, threads, functions, terms, questions, each by its line."""

    async def search(self, query: str) -> Hits:
        """Yield what matches the words."""
        screen = self.screen
        if not isinstance(screen, Finding):
            return
        matcher = self.matcher(query)
        exact = numbered(screen.session, query)
        if exact is not None:
            yield Hit(
                1.0, Content(exact.text), partial(screen.enter_line, exact.line), exact.text, exact.help
            )
        for entry in entries(screen.session):
            score = matcher.match(entry.text)
            if entry.name:
                score = max(score, AHEAD * matcher.match(entry.name))
            if score > 0:
                shown, about = _highlighted(matcher, entry.text), escape(entry.help)
                yield Hit(score, shown, partial(screen.enter_line, entry.line), entry.text, about)


def _highlighted(matcher: Matcher, text: str) -> Content:
    """Return a text with the letters that match; brackets in it are not markup, as they are for Textual.

    A question of a stranger's scenario could have an action of Textual in its markup.
    """
    content = Content(text)
    _, offsets = matcher.fuzzy_search.match(matcher.query, text)
    for offset in offsets:
        if not text[offset].isspace():
            content = content.stylize(matcher.match_style, offset, offset + 1)
    return content


class Palette(Steady, CommandPalette):
    """The list of commands that match the typed words."""

    # Textual cannot wrap a command's text in a list without a column for it.
    DEFAULT_CSS = """
    Palette #--results { min-width: 10; }
    """
