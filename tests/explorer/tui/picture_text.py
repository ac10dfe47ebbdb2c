"""The text in a picture."""

from __future__ import annotations

from xml.etree import ElementTree


def texts(svg: str) -> str:
    """Return all text of a picture."""
    return "".join(ElementTree.fromstring(svg).itertext())
