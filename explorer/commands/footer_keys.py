"""The keys in the footer: the most useful ones at the moment, as many as fit, none clipped."""

from __future__ import annotations

from typing import Final

from explorer.commands.keys import Keys
from explorer.views.rows import Tip

_Tips = tuple[tuple[str, str], ...]
"""(label, command id) of each; the user's key map gives the key."""

_REST: Final[_Tips] = (("help", "help"), ("cmd", "console"), ("quit", "quit"))
_NEWCOMER: Final[_Tips] = (("step", "step"), ("over", "over"), ("run", "continue"))
_INSIDE: Final[_Tips] = (("step", "step"), ("back", "back"), *_NEWCOMER[1:])
_ENDED: Final[_Tips] = (("back", "back"), ("back over", "back-over"), ("start", "first"))
_RUNNING: Final[_Tips] = (
    ("stop", "interrupt"),
    ("pause", "play"),
    ("faster", "faster"),
    ("slower", "slower"),
    ("steps/moves", "unit"),
)
_ON_STAGE: Final[_Tips] = (("play", "play"), ("next change", "event"), ("tile", "right"), ("map", "centre"))
_ON_MAP: Final[_Tips] = (
    ("play", "play"), ("next change", "event"), ("colour", "right"), ("pages", "pages"), ("stage", "centre"),
)  # fmt: skip
_ELSEWHERE: Final[_Tips] = (("play", "play"), ("next change", "event"))
_IN_CENTRE: Final = {"stage": _ON_STAGE, "map": _ON_MAP}
_MORE: Final[_Tips] = (
    ("find", "page"),
    ("thread", "next-thread"),
    ("panel", "next-panel"),
    ("zoom", "zoom"),
    ("lesson", "lesson"),
    ("predict", "predict"),
    ("back over", "back-over"),
    ("last", "last"),
    ("start", "first"),
    ("mark", "mark"),
)


def tips(
    *, begun: bool, ended: bool, running: bool, width: int, keys: Keys | None = None, centre: str = "stage"
) -> tuple[Tip, ...]:
    """Return the useful keys of the moment, most useful first, as many as fit into `width` columns.

    keys: the user's keys; by default, those of the table.
    centre: `stage` or `map` while it has the focus; else "".
    """
    keys = keys or Keys()
    if running:
        return _fitting(keys, _RUNNING[: 3 if width < 60 else 5], (), width)
    first = _ENDED if ended else _INSIDE if begun else _NEWCOMER
    if width < 60:
        return _fitting(keys, first[:2], _REST[:1], width)
    named = {command for _, command in first}
    others = (*_IN_CENTRE.get(centre, _ELSEWHERE), *_MORE)
    more = tuple(tip for tip in others if tip[1] not in named) if width > 80 else ()
    return _fitting(keys, (*first, *more), _REST, width)


def _fitting(keys: Keys, first: _Tips, rest: _Tips, width: int) -> tuple[Tip, ...]:
    """Return `rest`, and before it as many of `first` as fit."""
    kept, ends = _with_keys(keys, first), _with_keys(keys, rest)
    while kept and sum(tip.columns for tip in (*kept, *ends)) > width:
        kept.pop()
    return (*kept, *ends)


def _with_keys(keys: Keys, tips: _Tips) -> list[Tip]:
    """Return the tips of the commands that have a key."""
    named = [Tip(_key(keys, command), text, command) for text, command in tips]
    return [tip for tip in named if tip.key]


def _key(keys: Keys, command: str) -> str:
    """Return a command's first key; for a move in the centre, the keys of all four directions."""
    if command != "right":
        return keys.word(command)
    words = [word for name in ("left", "right", "up", "down") if (word := keys.word(name))]
    return ("" if all(len(word) == 1 for word in words) else "/").join(words)
