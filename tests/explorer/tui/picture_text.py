"""What a picture says."""

from __future__ import annotations

from xml.etree import ElementTree


def texts(svg: str) -> str:
    """All text of a picture."""
    return "".join(ElementTree.fromstring(svg).itertext())
