"""The footer's keys: the next useful ones, as many as fit, none clipped."""

from __future__ import annotations

from typing import Final

from explorer.rows import Tip

_Keys = tuple[tuple[str, str, str], ...]
"""(key as printed, what it does, command) of each."""

_REST: Final[_Keys] = (("?", "help", "help"), (":", "cmd", "console"), ("q", "quit", "quit"))
_NEWCOMER: Final[_Keys] = (("s", "step", "step"), ("n", "over", "over"), ("c", "run", "continue"))
_INSIDE: Final[_Keys] = (("s", "step", "step"), ("S", "back", "back"), *_NEWCOMER[1:])
_ENDED: Final[_Keys] = (("S", "back", "back"), ("N", "call back", "back-over"), ("g", "begin", "first"))
_RUNNING: Final[_Keys] = (
    ("Esc", "stop", "interrupt"),
    ("Space", "pause", "play"),
    ("+", "faster", "faster"),
    ("-", "slower", "slower"),
)
_MORE: Final[_Keys] = (
    ("Space", "play", "play"),
    ("]", "next change", "event"),
    ("←→↑↓", "colour", "right"),
    ("Enter", "its pages", "pages"),
    ("/", "page", "page"),
    (">", "thread", "next-thread"),
    ("Tab", "panel", "next-panel"),
    ("z", "zoom", "zoom"),
    ("L", "lesson", "lesson"),
    ("p", "predict", "predict"),
    ("N", "over back", "back-over"),
    ("G", "newest", "last"),
    ("g", "begin", "first"),
    ("m", "mark", "mark"),
)


def tips(*, begun: bool, ended: bool, running: bool, width: int) -> tuple[Tip, ...]:
    """The useful keys of the moment, most useful first, as many as fit into `width` columns."""
    if running:
        return _fitting(_RUNNING[: 3 if width < 60 else 4], (), width)
    first = _ENDED if ended else _INSIDE if begun else _NEWCOMER
    if width < 60:
        return _fitting(first[:2], _REST[:1], width)
    named = {command for _, _, command in first}
    more = tuple(key for key in _MORE if key[2] not in named) if width > 80 else ()
    return _fitting((*first, *more), _REST, width)


def _fitting(first: _Keys, rest: _Keys, width: int) -> tuple[Tip, ...]:
    """`rest`, and before it as much of `first` as there is room for."""
    kept = [Tip(*key) for key in first]
    ends = tuple(Tip(*key) for key in rest)
    while kept and sum(len(tip.key) + len(tip.text) + 3 for tip in (*kept, *ends)) > width:
        kept.pop()
    return (*kept, *ends)
