"""What widgets receive: small frozen rows, made by `explorer.views` from a history at its cursor.

A row holds plain values, no machine and no history: a widget paints what it is given and asks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.memory.cells import Array
from explorer.views.spans import columns


@dataclass(frozen=True)
class Band:
    """The colours first .. beyond - 1, which belong to `label` (a node, a core, a cpu)."""

    first: int
    beyond: int
    label: str


@dataclass(frozen=True, eq=False)
class MapRow:
    """One queue type: pages on each colour's list, and what the last step did to them.

    counts:  pages by colour.
    changed: colours whose count the last step changed; touched: those it wrote to otherwise (a lock, a link).
    full:    the count that fills a cell.
    cursor:  the colour under the cursor, or -1 when the cursor is on another type.
    busy, wired: for NONE alone, how many of the counted pages are busy and wired, by colour.
    sought:  colours that the allocation under way has looked at; asked: the one it asked for, or -1.
    differs: colours that are otherwise at the other moment that this one is compared with.
    """

    name: str
    counts: Array
    full: int
    total: int
    delta: int = 0
    changed: frozenset[int] = frozenset()
    touched: frozenset[int] = frozenset()
    cursor: int = -1
    busy: Array | None = None
    wired: Array | None = None
    bands: tuple[Band, ...] = ()
    sought: frozenset[int] = frozenset()
    asked: int = -1
    differs: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class ReserveRow:
    """The contiguous reserve: which of its blocks are free, and which the last step took or gave back."""

    free: Array
    total: int
    changed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AxisRow:
    """The colours under the maps: how many, whose they are, and where the cursor is."""

    colors: int
    cursor: int
    nodes: tuple[Band, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Change:
    """One cell that a step changed: what it belongs to, its name, and old and new value in words."""

    subject: str
    cell: str
    old: str
    new: str
    plumbing: bool = False

    @property
    def difference(self) -> str:
        """Which flags came and went, for a cell of flags; else ""."""
        return flag_difference(self.old, self.new) if self.cell == "flags" else ""

    def __str__(self) -> str:
        return f"{self.subject} {self.cell} {self.difference or f'{self.old}→{self.new}'}"


def flag_difference(old: str, new: str) -> str:
    """Of two sets of flags in words, which the second has more and less: `+MAPPED -REFERENCED`."""
    before, after = (words.split("|") if words != "0" else [] for words in (old, new))
    gained, lost = [w for w in after if w not in before], [w for w in before if w not in after]
    return " ".join([*(f"+{word}" for word in gained), *(f"-{word}" for word in lost)])


PAGE_FIELDS: Final = (
    "queue", "pc", "flags", "busy_count", "wire_count", "hold_count", "act_count", "valid", "dirty",
    "object", "pindex", "spin",
)  # fmt: skip
"""The fields of struct vm_page that a person is shown."""


@dataclass(frozen=True)
class PageRow:
    """struct vm_page as it stands, with the old value of each field that the last step changed.

    values:    the numbers of PAGE_FIELDS; old: the numbers before the last step, of those it changed.
    queue, old_queue: in words, `FREE[5]`; old_queue is empty when it did not change.
    band:      whose colours the page's colour belongs to; node: where its address lies.
    following: whether the inspector goes with the last step's page, or was pinned by the person.
    field:     the field under the person's cursor, or "".
    """

    number: int
    address: int
    values: Mapping[str, int]
    old: Mapping[str, int]
    queue: str
    old_queue: str
    owner: str
    spin: str
    band: str
    node: str
    local: bool | None
    following: bool
    place: str = ""
    field: str = ""


@dataclass(frozen=True)
class ThreadRow:
    """A thread: where it is and what it does next.

    ran: it took the last step; next: it takes the next one; chosen: `s` steps it.
    calls: the kernel functions under way, outermost first; action: the next atomic action.
    holds: locks and tokens in words; waits: what it waits for, and who has that.
    """

    number: int
    name: str
    cpu: int
    state: str
    calls: tuple[str, ...] = ()
    action: str = ""
    holds: tuple[str, ...] = ()
    waits: str = ""
    ran: bool = False
    next: bool = False
    chosen: bool = False


@dataclass(frozen=True)
class SourceRow:
    """A thread's script and the line it stands at (0 when it has ended); `ran` as in ThreadRow.

    cursor: the line under the person's cursor, or 0; breaks: the lines with a breakpoint.
    """

    number: int
    name: str
    cpu: int
    lines: tuple[str, ...]
    line: int
    ran: bool = False
    next: bool = False
    done: bool = False
    cursor: int = 0
    breaks: frozenset[int] = frozenset()


@dataclass(frozen=True)
class EventRow:
    """One step of the log: who did what where, and the cells it changed."""

    step: int
    thread: str
    number: int
    function: str
    action: str
    changes: tuple[Change, ...] = ()
    now: bool = False


@dataclass(frozen=True)
class TimelineRow:
    """The run as a line: where the cursor is, how busy each stretch was, and the marks on it.

    density: writes in each of `len(density)` equal stretches of 0 .. total.
    marks:   (step, glyph) pairs.
    """

    step: int
    total: int
    open: bool
    density: tuple[int, ...] = ()
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class StatusRow:
    """Where we are: time, branch, who stepped, how much memory there is, and how the run ended.

    score: how much was predicted right, `3/5`.
    """

    step: int
    total: int
    open: bool
    branch: str
    branches: int
    thread: str
    stepping: str
    free: int
    reserved: int
    minimum: int
    outcome: str = ""
    activity: str = ""
    score: str = ""


@dataclass(frozen=True)
class Verdict:
    """How a run ended, for the banner: a title, what was found, what to do now, and the calls concerned."""

    title: str
    text: str
    hint: str
    bad: bool
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """What the message line says; `kind` is say, echo, error or hint."""

    text: str
    kind: str = "say"


@dataclass(frozen=True)
class Tip:
    """One key of the footer: as printed, what it does, and the id of its command."""

    key: str
    text: str
    command: str

    @property
    def columns(self) -> int:
        """Columns that it takes in the footer: a space before the key, one on either side of the text."""
        return columns(self.key) + columns(self.text) + 3
