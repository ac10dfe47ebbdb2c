"""What things mean, in a few sentences each: the fields of a page, its flags, the panels of the screen."""

from __future__ import annotations

from typing import Final

FIELDS: Final = {
    "queue": (
        "Which of the 5 x 1,024 queues the page is on; NONE when it is on none, as after an "
        "allocation. It changes only with the page's spinlock and then the queue's held. Read without"
        " locks it is a hint."
    ),
    "pc": (
        "The page's colour, 0 to 1,023, from its physical address; fixed at boot. On a queue of any "
        "type it is always on the list of this colour. After NUMA setup the colour also says which "
        "socket's share it is in."
    ),
    "busy_count": (
        "Who works on the page. Bit 31 LOCKED: hard busy, one owner, who may change everything. Bits "
        "28 to 0: soft busy, a count of those who only need it to stay what it is. Bit 30 WANTED: "
        "somebody sleeps until it is released. Bit 29 SWAPINPROG: its data is on the way from or to "
        "swap. Changed by atomics alone."
    ),
    "flags": (
        "PG_ bits: whether it is mapped, writable, referenced, never queued, not to be thrown away. "
        "Most may be changed only by whoever has the page busied."
    ),
    "wire_count": (
        "How often it is wired: a wired page is never paged out. It may sit on a queue all the same; "
        "the pageout daemon unlinks it when it comes across it. From 0 to 1 and back only while hard-"
        "busied."
    ),
    "hold_count": (
        "How many keep it from being reused without busying it. A page that is freed while held goes "
        "to PQ_HOLD instead of PQ_FREE, and on to PQ_FREE at the last unhold."
    ),
    "act_count": (
        "How active it was lately, 0 to 64. The pageout daemon adds for each use it finds and takes "
        "off for each scan without one; at 0 an active page becomes inactive. Kept without any lock."
    ),
    "valid": (
        "One bit for each 512 bytes that hold data. 0 after an allocation: nothing has been read in yet."
    ),
    "dirty": (
        "One bit for each 512 bytes changed since they were last written to their backing store. A "
        "clean page can be had again from there; a dirty one has to be written before it can be "
        "reused."
    ),
    "object": (
        "The object - a file, anonymous memory, a device - whose data the page holds, at `pindex` in "
        "it. Changes only with the page hard-busied and the object's token held exclusively."
    ),
    "pindex": "Which page of its object it is. Left as it was when the page leaves the object.",
    "spin": (
        "The page's own spinlock, taken for moves between queues: always before a queue's lock, never"
        " while one is held, except by trying."
    ),
}
"""Each field of struct vm_page that the inspector shows."""

FLAGS: Final = {
    "WINATCFLS": "dirty, and passed over once by the inactive scan: written at the next",
    "FICTITIOUS": "not managed memory, or of the drivers' reserve: wiring does nothing to it",
    "WRITEABLE": "some mapping may allow writing, so it may become dirty at any moment",
    "MAPPED": "some process may have it in its page tables",
    "MAPPEDMULTI": "more than one mapping may exist: such pages are entered in the page hash",
    "REFERENCED": "used since the daemon last looked; every thread that slept on it sets it too",
    "CLEANCHK": "seen by a scan of its object",
    "NOSYNC": "the syncer leaves it alone",
    "UNQUEUED": "never put on a queue",
    "MARKER": "no page: a bookmark of a scan in a queue",
    "RAM": "reading it asks for more to be read ahead",
    "SWAPPED": "has a block in swap",
    "NOTMETA": "holds a file's contents, not the file system's own data",
    "NEED_COMMIT": "clean, but not to be thrown away: the server has not committed it",
}
"""Each PG_ flag."""

PANELS: Final = {
    "map": (
        "The map: each row is a queue type, each cell one colour or the fullest of several. The glyph"
        " is how full the list is, · to █; reversed where the last step changed a count, underlined "
        "where it only locked or relinked. ←→↑↓ move the cursor, Enter goes through the pages there, "
        ":color N and :view queue show more."
    ),
    "page": (
        "The inspector: every field of the page's struct vm_page; old → new where the last step "
        "changed one. It follows the page of the last step until you pin one (/ or Enter on the map; "
        "Esc lets go). ( and ) choose a field: W asks why it holds what it holds, w watches it, ? "
        "explains it."
    ),
    "threads": (
        "The threads: where each stands in the kernel, what it does next, which locks it holds and "
        "what it waits for. < and > or a click choose the thread that s steps; a returns to the "
        "schedule."
    ),
    "source": (
        "The scenario's scripts, with the line at which each thread stands (▶ steps next). ↑↓ move a "
        "cursor: t runs to its line, b breaks there (●)."
    ),
    "log": (
        "The event log: one line a step, newest last, with the cells it changed. v looks another way:"
        " why, life, moves, search and more; :view NAME picks one."
    ),
    "timeline": (
        "The run as a line: how much each stretch wrote. ┃ is now, ▲ your marks, ⌥ where branches "
        "begin, ◆ a finding. Click or drag, or ← and → a step at a time."
    ),
    "console": "Type any command here, in full or as far as it is clear; ↑ recalls, Esc leaves.",
}
"""What each panel shows and which keys work there."""


def explained(word: str) -> str | None:
    """What a field or a flag means; None when it is neither."""
    name = word.strip().removeprefix("PG_")
    if name in FIELDS:
        return FIELDS[name]
    upper = name.upper()
    return f"PG_{upper}: {FLAGS[upper]}." if upper in FLAGS else None
