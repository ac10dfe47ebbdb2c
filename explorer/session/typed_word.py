"""A word that a user typed, in full or abbreviated."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import BadInput


def word_of(text: str, words: Iterable[str]) -> str:
    """Return the one of `words` that `text` is, or the one that begins with it; "" if there is none.

    Of `continue` and `continue-past`, `cont` is the one with which the other begins.
    Errors: BadInput if several words begin with it.
    """
    known = tuple(words)
    begun = [word for word in known if text and word.startswith(text)]
    if text in known or not begun:
        return text if text in known else ""
    shortest = min(begun, key=len)
    if not all(word.startswith(shortest) for word in begun):
        raise BadInput(f"{text[:40]!r} is ambiguous; use {', '.join(begun)}")
    return shortest
