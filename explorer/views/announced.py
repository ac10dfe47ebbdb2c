"""An announcement, which is an order, as what the thread does: `read busy_count` -> `reads busy_count`."""

from __future__ import annotations

import re
from typing import Final

_ALSO: Final = frozenset({"clear", "decide", "free", "lower", "set"})
"""The verbs that come second in an announcement."""

_ATOMIC: Final = re.compile(r"compare-and-(set|clear) (.+)")
"""An atomic exchange: it writes a cell if the cell has the value that was read before."""


def third_person(announcement: str) -> str:
    """An announcement as what a thread does: `read busy_count` -> `reads busy_count`."""
    atomic = _ATOMIC.fullmatch(announcement)
    if atomic is not None:
        return f"{_does(atomic[1])} {atomic[2]} by compare-and-{atomic[1]}"
    words = announcement.split(" ")
    joined = [before.endswith(",") or before in ("and", "or") for before in words[:-1]]
    also = [joins and word in _ALSO for joins, word in zip(joined, words[1:], strict=True)]
    return " ".join(_does(word) if does else word for word, does in zip(words, [True, *also], strict=True))


def _does(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"
