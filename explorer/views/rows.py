"""The input of widgets: small frozen rows, made by `explorer.views` from a history at its cursor.

A row holds plain values, not a machine or a history; a widget only paints its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.constants import PQ_NONE, QUEUE_BASES
from engine.memory.cells import Array
from explorer.views.spans import columns

TYPES: Final = (*(name for name, base in QUEUE_BASES.items() if base != PQ_NONE), "NONE")
"""The rows of the map from the top: the five queue types, then the pages in use that are not queued."""

SHORT: Final = {
    "FREE": "FREE", "INACTIVE": "INAC", "ACTIVE": "ACTV", "CACHE": "CACH", "HOLD": "HOLD", "NONE": "NONE",
}  # fmt: skip
"""Names of the queue types in four letters."""


@dataclass(frozen=True)
class Band:
    """The colours first .. beyond - 1, which belong to `label` (a node, a core, a cpu)."""

    first: int
    beyond: int
    label: str


def socket_bands(sockets: int, size: int) -> tuple[Band, ...]:
    """The colours of each socket's node, `size` each; boot gives those that are left over to no node."""
    return tuple(Band(n * size, (n + 1) * size, f"node {n}") for n in range(sockets))


@dataclass(frozen=True, eq=False)
class MapRow:
    """A queue type: the pages on each colour's queue, and the changes of the last step.

    counts:  pages by colour; -1 where that is unknown, as in a dump that is cut.
    changed: colours whose count the last step changed; touched: colours where it wrote a lock or a link.
    full:    the count that fills a cell. total: None if it is unknown.
    cursor:  the colour under the cursor, or -1 if the cursor is on another type.
    busy, wired: only for NONE, the number of busy and of wired pages by colour.
    sought:  colours that the current allocation has visited; asked: the one it requested, or -1.
    differs: colours that differ from the moment that this one is compared with.
    scale:   what a full cell means, in words, where the types have scales of their own; else "".
    sparse:  whether changes are marked only where at most half of the cells have some: in a row that is
             marked as a whole, the marks would say nothing and hide the levels.
    """

    name: str
    counts: Array
    full: int
    total: int | None
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
    scale: str = ""
    sparse: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the pages of any colour are known."""
        return bool((self.counts >= 0).any())


@dataclass(frozen=True, eq=False)
class ReserveRow:
    """The contiguous reserve: its free blocks, and the blocks that the last step allocated or freed."""

    free: Array
    total: int
    changed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AxisRow:
    """The colour axis below the map: the number of colours, their nodes, and the cursor."""

    colors: int
    cursor: int
    nodes: tuple[Band, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Change:
    """A cell that a step changed: its owner, its name, and its old and new value in words."""

    subject: str
    cell: str
    old: str
    new: str
    plumbing: bool = False

    @property
    def difference(self) -> str:
        """The flags set and cleared, for a cell of flags; else ""."""
        return flag_difference(self.old, self.new) if self.cell == "flags" else ""

    def __str__(self) -> str:
        return f"{self.subject} {self.cell} {self.difference or f'{self.old}→{self.new}'}"


def flag_difference(old: str, new: str) -> str:
    """The flags set and cleared between two sets of flags in words: `+MAPPED -REFERENCED`."""
    before, after = (words.split("|") if words != "0" else [] for words in (old, new))
    gained, lost = [w for w in after if w not in before], [w for w in before if w not in after]
    return " ".join([*(f"+{word}" for word in gained), *(f"-{word}" for word in lost)])


PAGE_FIELDS: Final = (
    "queue", "pc", "flags", "busy_count", "wire_count", "hold_count", "act_count", "valid", "dirty",
    "object", "pindex", "spin",
)  # fmt: skip
"""The fields of struct vm_page in the inspector."""


@dataclass(frozen=True)
class PageVerdict:
    """Whether a page can be freed now, in words.

    short: `freed: no - wire_count 1`; since: what made it so, ` since step 131 (freer, vm_page_wire)`, or "".
    """

    allowed: bool
    short: str
    since: str = ""

    def fitting(self, width: int) -> str:
        """The verdict as it fits into `width` columns: `…` for the function, the thread, or the step."""
        step, by, maker = self.since.partition(" (")
        thread = [f"{step}{by}{maker.partition(', ')[0]}…)"] if ", " in maker else []
        brief = f"{step} …", f"{step.replace('since step', 'since')} …"
        sinces = (self.since, *thread, *brief) if by else (self.since,)
        forms = (f"{self.short}{since}" for since in sinces)
        dropped = " …" if self.since else ""
        return next((form for form in forms if columns(form) <= width), self.short + dropped)


@dataclass(frozen=True)
class PageRow:
    """The current struct vm_page of a page, with the old value of each field that the last step changed.

    values:    the numbers of PAGE_FIELDS; old: the old numbers of the fields that the last step changed.
    queue, old_queue: as text, `FREE[5]`; old_queue is empty if the queue did not change.
    band:      the cpu that the page's colour belongs to; node: the node of its address.
    taker:     the cpu that allocated the page, or -1; local: whether the node is that cpu's, None if unknown.
    following: whether the inspector follows the last step's page; false if the page is pinned.
    name:      what people call the page: `app.m`, else `heap[3]`, else its number.
    field:     the field under the inspector's cursor, or "".
    zeroed:    the bytes that the last step filled with zeros: `zeroed`, `bytes 0-511 zeroed`, or "".
    verdict:   whether the page can be freed now; None if that was not asked.
    checked:   the fields of the page that the end of the run is about, the deciding one first.
    lit:       the fields that the lesson asks to look at.
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
    taker: int = -1
    name: str = ""
    zeroed: str = ""
    verdict: PageVerdict | None = None
    checked: tuple[str, ...] = ()
    lit: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ThreadRow:
    """A thread: its position and its next action.

    ran: it took the last step; next: it takes the next one; chosen: `s` steps it.
    calls: the active kernel functions, outermost first; action: the next atomic action.
    holds: locks and tokens in words; waits: what it waits for, and the holder.
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
    """A thread's script and its current line (0 if it is at none); `ran` as in ThreadRow.

    cursor: the line under the source cursor, or 0; breaks: the lines with a breakpoint.
    nowhere: why it is at no line.
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
    nowhere: str = "ended"


@dataclass(frozen=True)
class EventRow:
    """A step of the log: its thread, function, action, and changed cells.

    remarks:  what it printed, zeroed and compared, in words.
    sentence: for the step at the cursor, what its thread did and because of what, without the thread's name.
    """

    step: int
    thread: str
    number: int
    function: str
    action: str
    changes: tuple[Change, ...] = ()
    now: bool = False
    remarks: tuple[str, ...] = ()
    sentence: str = ""


@dataclass(frozen=True)
class TimelineRow:
    """The timeline of the run: the cursor, the density of writes, and the marks.

    density: the number of writes in each of `len(density)` equal parts of 0 .. total.
    marks:   (step, glyph) pairs.
    lanes:   kinds of events, each with its number of events in the same parts; () without lanes.
    """

    step: int
    total: int
    open: bool
    density: tuple[int, ...] = ()
    marks: tuple[tuple[int, str], ...] = ()
    lanes: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class StatusRow:
    """The status line: step, branch, thread of the last step, free memory, and outcome.

    score: correct predictions, `3/5`. machine, rules: their names; own: whether they are the scenario's own.
    parameters: the values that are not the scenario's defaults, `n = 6`, or "".
    question: which question of how many, `question 2 of 7`, or ""; due: whether it waits for an answer.
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
    machine: str = ""
    rules: str = ""
    own: bool = True
    question: str = ""
    due: bool = False
    parameters: str = ""


@dataclass(frozen=True)
class RunEnd:
    """The end of a run, for the banner: a title, an explanation, a hint, and the calls involved."""

    title: str
    text: str
    hint: str
    bad: bool
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """The text of the message line; `kind` is say, echo, error or hint.

    lines: what a box shows if the text does not fit into the line; a box without a text opens always.
    title: the title of that box.
    """

    text: str
    kind: str = "say"
    lines: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Tip:
    """A key of the footer: its name, its action, and the id of its command."""

    key: str
    text: str
    command: str

    @property
    def columns(self) -> int:
        """Its width in the footer: a space before the key, and one on either side of the text."""
        return columns(self.key) + columns(self.text) + 3
