"""The banner at the end of a run: function, condition, page, and a hint what to do."""

from __future__ import annotations

from explorer.views.rows import RunEnd
from explorer.views.spans import Line, columns, padded, shortened, spread, wrapped


def text_room(height: int) -> int:
    """Return how many lines the text of a finding may have on a screen with `height` lines."""
    return 4 if height >= 24 else 1


def banner_lines(end: RunEnd, width: int, most: int = 1) -> list[Line]:
    """Format the end of a run and a hint: in one line if that is enough; a finding in several lines.

    most: maximum number of lines for the text. The calls have a line each. The hint gives way
    to a long first line.
    """
    style = "bar-bad" if end.bad else "bar-good" if end.title == "COMPLETED" else "bar-warn"
    whole = f" {end.title}: {end.text}"
    single = not end.bad and (most == 1 or columns(whole) <= width)
    head, hint = whole if single else f" {end.title}", f"{end.hint} "
    fits = columns(head) + columns(hint) < width
    title = spread(((head, style),), ((hint, style),), width, style) if fits else _filled(head, width, style)
    if single:
        return [title]
    parts = wrapped(end.text, max(width - 2, 1))
    text = [*parts[: most - 1], " ".join(parts[most - 1 :])]
    return [title, *(_filled(f" {part}", width, style) for part in (*filter(None, text), *end.calls))]


def _filled(text: str, width: int, style: str) -> Line:
    return ((padded(shortened(text, width), width), style),)
