"""Schedules: who takes the next step, as text and as a choice (DESIGN, decision 6).

`ITEM{,ITEM}` with ITEM = THREAD[:N|:line|:op|:block|:end], tick[:N], io[:K], timeout:THREAD or preempt:CPU;
behind the last item the default goes on: the cpus take one step each, in number order. Or `rr` (the default
alone), or `random:SEED` (splitmix64 over the threads that can run). How far a schedule is gone is cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput

_NUMBER: Final = re.compile(r"[1-9]\d*")
_UNTIL: Final = ("line", "op", "block", "end")
_MASK64: Final = (1 << 64) - 1
DEFAULT: Final = "rr"


@dataclass(frozen=True)
class Item:
    """One item: `kind` is steps, line, op, block, end, tick, io, timeout or preempt.

    text: as written; number: how many steps, ticks or completions, or the cpu; name: the thread.
    """

    text: str
    kind: str
    number: int = 1
    name: str = ""


@dataclass(frozen=True)
class Schedule:
    """A parsed schedule: items, then the default; or random steps from `seed`."""

    text: str = DEFAULT
    items: tuple[Item, ...] = ()
    seed: int | None = None

    @property
    def plain(self) -> bool:
        """Whether this is the default alone."""
        return not self.items and self.seed is None


def parse_schedule(text: str, *, file: str | None = None, line: int | None = None) -> Schedule:
    """Read a SCHEDULE; line breaks separate items like commas, `#` begins a comment.

    Errors: BadInput that names the item which is none.
    """
    bare = ",".join(part.split("#")[0].strip() for part in text.splitlines())
    words = [word.strip() for word in bare.split(",") if word.strip()]
    if words == [DEFAULT] or not words:
        return Schedule()
    if len(words) == 1 and words[0].startswith("random:"):
        return Schedule(words[0], seed=_seed(words[0], file, line))
    return Schedule(",".join(words), tuple(_item(word, file, line) for word in words))


def _seed(word: str, file: str | None, line: int | None) -> int:
    seed = word.partition(":")[2]
    if not seed.isdecimal():
        raise BadInput(f"{word!r} has no seed; write random:NUMBER", file=file, line=line)
    return int(seed) & _MASK64


def _item(word: str, file: str | None, line: int | None) -> Item:
    head, colon, tail = word.partition(":")
    head, tail = head.strip(), tail.strip()
    number = int(tail) if _NUMBER.fullmatch(tail) else 0
    if head in ("tick", "io") and (number or not colon):
        return Item(word, head, number or 1)
    if head == "preempt" and tail.isdecimal():
        return Item(word, head, int(tail))
    if head == "timeout" and tail:
        return Item(word, head, name=tail)
    if head and head not in ("tick", "io", "preempt", "timeout", "rr", "random"):
        if tail in _UNTIL:
            return Item(word, tail, name=head)
        if number or not colon:
            return Item(word, "steps", number or 1, head)
    right = "THREAD, THREAD:N, THREAD:line|op|block|end, tick[:N], io[:K], timeout:THREAD or preempt:CPU"
    raise BadInput(f"schedule item {word!r} is none; write {right}", file=file, line=line)


def splitmix64(state: int) -> tuple[int, int]:
    """The next state and the next 64-bit number of the splitmix64 sequence."""
    state = (state + 0x9E3779B97F4A7C15) & _MASK64
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK64
    return state, z ^ (z >> 31)
