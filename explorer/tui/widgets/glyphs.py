"""ASCII-only mode of the screen, for terminals, fonts and screen readers without the other glyphs.

A line filter of Textual replaces the glyphs in finished lines, so panels, lenses and pages do not handle
ASCII themselves. Text from a scenario, which may contain any character, keeps its width.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from explorer.views.ascii_twins import in_ascii
from explorer.views.safe_text import without_controls


class SafeFilter(LineFilter):
    """Removes control characters, which only text from a file can have, from the lines of every widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Return the segments without control characters."""
        if all(text.isprintable() for text, _, control in segments if not control):
            return segments
        return [
            Segment(text if control else without_controls(text), style, control)
            for text, style, control in segments
        ]


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII in the finished lines of every widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Return the segments in ASCII."""
        return [
            Segment(text if text.isascii() else in_ascii(text), style, control)
            for text, style, control in segments
        ]
