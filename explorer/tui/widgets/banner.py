"""The banner at the end of a run: function, condition, page, and a hint what to do."""

from __future__ import annotations

from explorer.views.rows import Verdict
from explorer.views.spans import Line, padded, shortened, spread


def banner_lines(verdict: Verdict, width: int) -> list[Line]:
    """Format the end of a run and a hint: a finding in two lines and its calls, any other end in one line."""
    style = "bar-bad" if verdict.bad else "bar-good" if verdict.title == "COMPLETED" else "bar-warn"
    hint = ((f"{verdict.hint} ", style),)
    if not verdict.bad:
        return [spread(((f" {verdict.title}: {verdict.text}", style),), hint, width, style)]
    title = spread(((f" {verdict.title}", style),), hint, width, style)
    return [title, *(_filled(text, width, style) for text in (verdict.text, *verdict.calls))]


def _filled(text: str, width: int, style: str) -> Line:
    return ((padded(shortened(f" {text}", width), width), style),)
