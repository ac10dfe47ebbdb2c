"""The code panel: the call stack, the function's source or outline with marks, and the step's sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from explorer.views.code import CALLS, DONE, NOW, CodeLine, CodeRow
from explorer.views.spans import (
    Line,
    Span,
    fit,
    length,
    line,
    rule,
    thread_style,
    wrapped,
    wrapped_spans,
)

TALL: Final = 8
"""Below this height, the panel shows only a few actions; the stack is in its top line."""

ROOMY: Final = 12
"""From this height on, the locks are shown too."""

LEAST: Final = (0, 3)
"""The least lines of code that the sentence leaves, on a low panel and on a tall one."""

WIDE: Final = 60
"""From this width on, a level of indentation takes two columns instead of one."""

_GLYPHS: Final = {NOW: ("▶", "ran"), DONE: ("✓", "good"), CALLS: ("▷", "next")}
_ARROW: Final = " › "


@dataclass(frozen=True)
class Layout:
    """The panel's lines: those above and below the code, and the visible lines of code.

    A line of code that is too long takes several lines of the panel.
    crumbs_at: the line with the call stack; crumbs: its parts, each with the index of its frame or -1.
    titled:    whether the panel's name is before them on that line.
    """

    head: list[Line]
    body: list[tuple[CodeLine, Line]]
    foot: list[Line]
    crumbs_at: int
    crumbs: list[tuple[int, Span]]
    titled: bool = True


def code_lines(row: CodeRow, width: int, height: int, *, focused: bool, outline: bool) -> list[Line]:
    """Format the panel; at most `height` lines of at most `width` columns."""
    laid = laid_out(row, width, height, focused=focused, outline=outline)
    body = [shown for _, shown in laid.body]
    gap: list[Line] = [()] * (height - len(laid.head) - len(body) - len(laid.foot))
    return [fit(spans, width) for spans in (*laid.head, *body, *gap, *laid.foot)][:height]


def laid_out(row: CodeRow, width: int, height: int, *, focused: bool, outline: bool) -> Layout:
    """Arrange the panel; the parts are as `code_lines` shows them."""
    title = line(("code", "title"))
    right = line(("outline", "dim")) if outline and row.outline else ()
    if height < TALL:
        title, crumbs, right = _short_title(row, title, right, width)
        stack = (*((" ", ""),) * bool(title), *(span for _, span in crumbs)) if crumbs else ()
        head = [rule((*title, *stack), width, focused=focused, right=right)]
        crumbs_at = 0
    else:
        crumbs = _crumbs(row, width)
        head = [rule(title, width, focused=focused, right=right)]
        head += [tuple(span for _, span in crumbs)] if crumbs else []
        crumbs_at = 1
    if not row.outline and not row.lines:
        foot = _sentence(row, width, height - len(head))
        head += _words(row, width)[: max(height - len(head) - len(foot), 0)]
        return Layout(head, [], foot, crumbs_at, crumbs)
    if height >= TALL:
        head += _heading(row, width, height)
    foot = _sentence(row, width, height - len(head) - LEAST[height >= TALL])
    room = max(height - len(head) - len(foot), 0)
    if height < TALL:
        body = _few(row, room, width, outline=outline)
    else:
        body = _window(row.outline if outline else row.lines, room, width, outline=outline)
    return Layout(head, body, foot, crumbs_at, crumbs, titled=bool(title))


def _short_title(
    row: CodeRow, title: Line, right: Line, width: int
) -> tuple[Line, list[tuple[int, Span]], Line]:
    """Return what fits in one line of the panel's name, the stack, and the right text.

    The function's name says more than the others.
    """
    for kept, last in ((title, right), ((), right), ((), ())):
        room = width - length(kept) - bool(kept) - (length(last) + 2) * bool(last) - 5
        crumbs = _crumbs(row, room)
        if length(span for _, span in crumbs) <= room:
            return kept, crumbs, last
    return (), crumbs, ()


def _heading(row: CodeRow, width: int, height: int) -> list[Line]:
    """Format what the function does and which locks, in more lines the taller the panel is."""
    found = _clipped(line((row.summary, "label")), width, height // ROOMY) if row.summary else []
    if row.locks and height >= ROOMY:
        found += _clipped(line(("locks: ", "faint"), (row.locks, "dim")), width, height // ROOMY + 1)
    return found


def _clipped(spans: Line, width: int, most: int) -> list[Line]:
    """Wrap spans into up to `most` lines, at least one; the last one is cut if there is more."""
    lines = wrapped_spans(spans, width)
    rest = tuple(span for more in lines[max(most - 1, 0) :] for span in (*more, (" ", "")))[:-1]
    return [fit(each, width) for each in (*lines[: max(most - 1, 0)], rest)][: len(lines)]


def _words(row: CodeRow, width: int) -> list[Line]:
    return [line((text, "code")) for part in row.words for text in wrapped(part, width)]


def _sentence(row: CodeRow, width: int, room: int) -> list[Line]:
    """Format the sentence in up to `room` lines; the last one is cut if there is more."""
    return _clipped(line((row.sentence, "now")), width, room) if room > 0 and row.sentence else []


# --- the call stack ---------------------------------------------------------------------------------------


def _crumbs(row: CodeRow, width: int) -> list[tuple[int, Span]]:
    """Format the stack; if it does not fit, outer functions are left out, never the one that is shown."""
    kept = list(range(len(row.crumbs)))
    while True:
        found = _crumb_spans(row, kept)
        outer = [at for at in kept[:-1] if at != row.frame]
        if length(span for _, span in found) <= width or not outer:
            break
        kept.remove(outer[0])
    too_long = length(span for _, span in found) > width
    return found[2:] if too_long and row.place and kept else found


def _crumb_spans(row: CodeRow, kept: list[int]) -> list[tuple[int, Span]]:
    found: list[tuple[int, Span]] = [(-1, (row.place, thread_style(row.number)))] if row.place else []
    expected = 0
    for at in kept:
        if at != expected:
            found += [(-1, (_ARROW, "faint")), (-1, ("…", "dim"))]
        expected = at + 1
        style = "now" if at == row.frame else "" if row.kernel[at] else "dim"
        found += [(-1, (_ARROW, "faint")), (at, (row.crumbs[at], style))]
    if row.returned and row.frame >= 0:
        found.append((-1, (" (returns)", "dim")))
    return found


def frame_at(laid: Layout, x: int, y: int, height: int) -> int | None:
    """Return the index of the frame whose name is at a place of the panel; None if there is none."""
    if y != laid.crumbs_at:
        return None
    column = length(laid.head[0][:1]) + (len("code ") if laid.titled else 0) if height < TALL else 0
    for at, span in laid.crumbs:
        end = column + length([span])
        if column <= x < end:
            return at if at >= 0 else None
        column = end
    return None


# --- the code ---------------------------------------------------------------------------------------------


def _few(row: CodeRow, room: int, width: int, *, outline: bool) -> list[tuple[CodeLine, Line]]:
    """Return a few lines of the outline: the one before the current line, that line, and what follows."""
    lines = [code for code in row.outline if outline or code.kind != "branch"]
    at = max(_center(lines) - min(room // 2, 1), 0)
    begin = min(at, max(len(lines) - room, 0))
    flat = [replace(code, depth=code.depth if outline else 0) for code in lines[begin : begin + room]]
    return [(code, fit(_code_lines(code, None, outline=True)[0], width)) for code in flat]


def _window(
    lines: Sequence[CodeLine], room: int, width: int, *, outline: bool
) -> list[tuple[CodeLine, Line]]:
    """Return the lines around the cursor, or else around the current one."""
    at = _center(lines)
    # Every line of code takes a line of the panel or more, so no more of them are visible.
    near = range(max(at - room, 0), min(at + room, len(lines)))
    shown = [(n, part) for n in near for part in _code_lines(lines[n], width, outline=outline)]
    middle = next((y for y, (n, _) in enumerate(shown) if n == at), 0)
    begin = min(max(middle - room // 2, 0), max(len(shown) - room, 0))
    return [(lines[n], part) for n, part in shown[begin : begin + room]]


def _center(lines: Sequence[CodeLine]) -> int:
    """Return the index of the line under the cursor, or else of the current one."""
    cursor = (n for n, code in enumerate(lines) if code.cursor)
    current = (n for n, code in enumerate(lines) if code.mark in (NOW, CALLS))
    return next(cursor, next(current, 0))


def _code_lines(code: CodeLine, width: int | None, *, outline: bool) -> list[Line]:
    """Format a line of code; it is wrapped to `width` columns unless its end does not matter."""
    mark = _GLYPHS.get(code.mark, (" ", ""))
    gutter: Span = ("▸" if code.cursor else " ", "focus")
    if code.stop:
        gutter = ("◉" if code.cursor else "●", "bad")
    step = 2 if width is None or width >= WIDE else 1
    text = code.text.lstrip(" ")
    indent = step * (code.depth if outline else (len(code.text) - len(text)) // 4)
    style = _style(code)
    whole = width is None or code.kind in ("comment", "head") or indent + 2 + len(text) <= width
    parts = [text] if whole or width is None else wrapped(text, max(width - indent - 4, 8))
    first = line(mark, gutter, (" " * indent, ""), (parts[0], style))
    return [first, *(line((" " * (indent + 4), ""), (part, style)) for part in parts[1:])]


def _style(code: CodeLine) -> str:
    if code.mark in (NOW, CALLS):
        return "line" if code.mark == NOW else "now"
    return "code" if code.kind in ("action", "call") and code.mark != DONE else "dim"


def action_at_line(row: CodeRow, laid: Layout, y: int) -> int:
    """Return the number of the action at line `y` of the panel, or the nearest one; 0 if there is none."""
    at = y - len(laid.head)
    if not 0 <= at < len(laid.body):
        return 0
    number = laid.body[at][0].number
    actions = [code for code in row.outline if code.action]
    return min(actions, key=lambda code: abs(code.number - number)).action if actions else 0


def moved_cursor(row: CodeRow, by: int) -> int:
    """Return the action that is `by` actions after the one under the cursor; 0 if there is none.

    Without a cursor, it starts at the current line.
    """
    actions = [code for code in row.outline if code.action]
    if not actions:
        return 0
    lines = [code for code in row.outline if code.cursor or code.mark in (NOW, CALLS)]
    start = next((code for code in lines if code.cursor), lines[0] if lines else actions[0])
    if start.action:
        at = actions.index(start) + by
    else:
        # The current line is a call: the actions before and after it are the nearest ones.
        earlier = sum(code.number < start.number for code in actions)
        at = earlier + by - (by > 0)
    return actions[min(max(at, 0), len(actions) - 1)].action
