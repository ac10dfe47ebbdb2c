"""What a browser sends over the websocket: a JSON list, whose first item is its type.

Everything is checked here, since a program that has the URL can send anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from explorer import LARGEST_SCREEN

LARGEST_STATE: Final = 4 << 20
"""Characters of the longest state string, as `engine.saved.state_string` has it, which imports NumPy."""

LARGEST: Final = LARGEST_STATE + 64
"""Bytes of the largest message: a state string in its envelope."""

DEFAULT_SIZE: Final = (80, 24)

_LONGEST_PING: Final = 64


class BadEnvelope(Exception):
    """A message that no page of the server sends."""


@dataclass(frozen=True)
class Typed:
    """Keys, the mouse, or answers of the terminal, as the terminal sends them."""

    text: bytes


@dataclass(frozen=True)
class Meta:
    """A message for the visitor's process.

    used: whether it shows that the visitor is there.
    """

    content: Mapping[str, str | int]
    used: bool = False


@dataclass(frozen=True)
class Ping:
    """A message that is sent back."""

    text: str


def read_envelope(text: str) -> Typed | Meta | Ping | None:
    """Read a message of the browser; None for one of an unknown type, which a later page may send.

    Errors: BadEnvelope.
    """
    try:
        envelope = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadEnvelope("this is not JSON") from error
    kind, *values = envelope if isinstance(envelope, list) and envelope else [None]
    if not isinstance(kind, str):
        raise BadEnvelope("this is not a list that starts with a type")
    value = values[0] if values else None
    if kind in ("focus", "blur"):
        return Meta({"type": kind})
    if kind == "resize":
        columns, lines = _size(value)
        return Meta({"type": "resize", "width": columns, "height": lines}, used=True)
    if kind in ("stdin", "open", "ping"):
        return _with_text(kind, value)
    return None


def _with_text(kind: str, value: object) -> Typed | Meta | Ping:
    if not isinstance(value, str):
        raise BadEnvelope(f"{kind} has no text")
    if kind == "stdin":
        return Typed(value.encode("utf-8", "replace"))
    if kind == "ping":
        return Ping(value[:_LONGEST_PING])
    if len(value) > LARGEST_STATE:
        raise BadEnvelope("the state string is too long")
    return Meta({"type": "open", "state": value.encode("utf-8", "replace").decode()}, used=True)


def _size(value: object) -> tuple[int, int]:
    """Return columns and lines; of a window that has more than the largest screen, those of that screen."""
    if not isinstance(value, dict):
        raise BadEnvelope("resize has no size")
    return _within(_count(value.get("width")), _count(value.get("height")))


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadEnvelope("a size is not a number of characters")
    return value


def first_size(query: Mapping[str, str]) -> tuple[int, int]:
    """Return the columns and lines of the screen that the websocket's URL gives, or DEFAULT_SIZE."""
    found = [query.get("width", ""), query.get("height", "")]
    if not all(text.isascii() and text.isdecimal() and len(text) < 10 for text in found):
        return DEFAULT_SIZE
    return _within(*map(int, found))


def _within(columns: int, lines: int) -> tuple[int, int]:
    return min(max(columns, 1), LARGEST_SCREEN[0]), min(max(lines, 1), LARGEST_SCREEN[1])
