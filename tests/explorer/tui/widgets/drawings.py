"""Panels drawn as text in a test, and the pieces with a style."""

from __future__ import annotations

from explorer.views.spans import Line


def drawn(text: str) -> str:
    """Return a drawing without its first and last line break."""
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def marked(lines: list[Line], style: str) -> list[str]:
    """Return the pieces that have a style."""
    return [text for spans in lines for text, name in spans if name == style]
