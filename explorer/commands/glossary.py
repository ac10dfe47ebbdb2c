"""Explanations, in a few sentences each, of a page's fields, its flags and the panels of the screen.

`explained` finds the explanation of any word: also of queues, limits, terms and kernel functions.
"""

from __future__ import annotations

import inspect
from typing import Final

from engine.constants import VMSTATS_FIELDS
from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import entries_of
from engine.debug.placements import CAUSES
from engine.debug.series import QUANTITIES
from engine.machine.sysctl import SYSCTLS
from engine.scenario.loader import Scenario
from engine.script.verbs import verbs
from explorer.commands.cell_terms import cell_field_text
from explorer.commands.terms import LIMITS, QUEUES, TERMS
from explorer.lenses.kit.registry import LENSES, lens_help
from explorer.lenses.numa import SHORT_CAUSES
from explorer.views.in_play import BADGES
from explorer.views.labels import SHORT_FLAGS

FIELDS: Final = {
    "queue": (
        "The queue that the page is on, one of 5 x {colors:,} on this machine; NONE if it is not on a "
        "queue, as after an allocation. To change it, the kernel holds the page's spinlock and then the "
        "queue's. Without these locks, the value is only a hint."
    ),
    "pc": (
        "The page's colour, {span}, computed from its physical address at boot. On a queue of any "
        "type, the page is always on the list of this colour. After NUMA setup, the colour also "
        "determines the socket whose share the page is in."
    ),
    "busy_count": (
        "The busy state of the page. Bit 31, LOCKED: hard busy, one owner, which may change everything. "
        "Bits 28 to 0: soft busy, a count of the users that need the page to stay what it is. Bit 30, "
        "WANTED: a thread sleeps until the page is released. Bit 29, SWAPINPROG: swap I/O on the page "
        "is in progress. Changed only by atomic operations."
    ),
    "flags": (
        "PG_ bits: whether the page is mapped, writable, referenced, never queued, not to be discarded. "
        "Only the thread that has the page busied may change most of them."
    ),
    "wire_count": (
        "How many times the page is wired: a wired page is never paged out. It may still be on a queue; "
        "the pageout daemon removes it when it finds it there. It changes from 0 to 1 and back only "
        "while the page is hard-busied."
    ),
    "hold_count": (
        "The number of holds, which keep the page from being reused without busying it. A page that is "
        "freed while held goes to PQ_HOLD instead of PQ_FREE; the last unhold moves it to PQ_FREE."
    ),
    "act_count": (
        "How active the page was recently, 0 to 64. The pageout daemon raises it for each use that it "
        "finds and lowers it at each scan without one; at 0, an active page becomes inactive. Changed "
        "without a lock."
    ),
    "valid": ("One bit for each 512 bytes that hold data. 0 after an allocation: nothing has been read yet."),
    "dirty": (
        "One bit for each 512 bytes changed since they were last written to their backing store. A "
        "clean page can be read again from there; a dirty page must be written before it can be "
        "reused."
    ),
    "object": (
        "The object - a file, anonymous memory, a device - whose data the page holds, at index "
        "`pindex`. Changes only with the page hard-busied and the object's token held exclusively."
    ),
    "pindex": "The page's index in its object. It keeps its value when the page leaves the object.",
    "spin": (
        "The page's spinlock, taken to move the page between queues. It is taken before a queue's lock;"
        " while a queue's lock is held, the kernel may only try to take it."
    ),
}
"""Each field of struct vm_page that the inspector shows; `field_text` fills in the machine's colours."""

FLAGS: Final = {
    "WINATCFLS": "dirty, and skipped once by the inactive scan: the next scan writes it",
    "FICTITIOUS": "not managed memory, or part of the drivers' reserve: wiring does not affect it",
    "WRITEABLE": "some mapping may allow writing, so it may become dirty at any moment",
    "MAPPED": "some process may have it in its page tables",
    "MAPPEDMULTI": "more than one mapping may exist: such pages are entered in the page hash",
    "REFERENCED": "used since the daemon's last scan; also set by every thread that slept on it",
    "CLEANCHK": "seen by a scan of its object",
    "NOSYNC": "skipped by the syncer",
    "UNQUEUED": "never put on a queue",
    "MARKER": "not a page: the position of a scan in a queue",
    "RAM": "reading it starts more read-ahead",
    "SWAPPED": "has a block in swap",
    "NOTMETA": "holds a file's contents, not the file system's own data",
    "NEED_COMMIT": "clean, but not to be discarded: the server has not committed it",
}
"""Each PG_ flag."""

STAGE: Final = (
    "The stage: a lane is a queue type, NONE has the pages in use that are not on a queue. A tile is a page "
    "in play: one that a thread's step has written, or that a variable holds. It has the name of that "
    "variable, else its object and index, else its number. L locked, S soft busy, W wanted, w wired, h "
    "held, D dirty, M mapped, R referenced. Where tiles are close, b[7] is page 7 of object b; where they "
    "are one cell, the letter is the object's, and • is a page without an object. Capitals are dirty. The "
    "strip shows the other pages by colour, those that the setup took in grey. An arrow between lanes is "
    "the last move, with its kernel function. ←→↑↓ or a click choose a tile, Esc follows the steps again; M "
    "shows the map."
)
MAP: Final = (
    "The map: a row is a queue type, a cell is one colour, or the fullest of several. The glyph shows how "
    "full the list is, from · (no page) over ▁ to █. Reversed: the last step changed the count. Underlined: "
    "it locked or relinked the queue. ▲ is the cursor: the page's colour until ←→↑↓ move it; Enter cycles "
    "through the pages there. NONE has the pages in use that are not on a queue: b busy, w wired, B both. "
    "DMA is the contiguous reserve. ● is a page that moves between queues, ? the colour that an allocation "
    "asks for. While two moments are compared, ≠ marks the differences. M shows the stage."
)
"""What can be in the centre of the screen; the help page has both."""

MARKS: Final = (
    "In the lesson, ▸ is what to do next. ◈ marks what the page asks you to look at: a tile, a field, a lane "
    "or a panel, and below the text each cell with its value."
)
"""The marks of a lesson, for the help page."""

PANELS: Final = {
    "centre": f"{STAGE} {MAP}",
    "page": (
        "The inspector: every field of the page's struct vm_page, with old → new if the last step "
        "changed it. It follows the page of the last step until you pin a page (/ or Enter on the map; "
        "Esc unpins it). ( and ) select a field: W explains how it got its value, w watches it, ? "
        "explains its meaning."
    ),
    "threads": (
        "The threads: the kernel function that each thread is in, what it does next, the locks it "
        "holds and what it waits for. < and > or a click select the thread that s steps; a returns to "
        "the schedule."
    ),
    "source": (
        "The scenario's scripts, with the current line of each thread (▶ steps next). ↑↓ move a "
        "cursor: t runs to its line, b sets a breakpoint there (●)."
    ),
    "log": (
        "The event log: one line per step, newest last, with the cells that the step changed. v shows "
        "the next lens: why, life, moves, search and more; :view NAME shows the one you name."
    ),
    "timeline": (
        "The run as a line: how much each part of it wrote. ┃ is the current step, ▲ a mark, ⌥ the "
        "start of a branch, ◆ a finding, ● a breakpoint, ? a question of the scenario. Zoomed (z), and on a "
        "large screen, it has a lane for marks and one for each kind of event: pages that change their "
        "queue, threads that go to sleep or wake up, page faults, clock ticks. Click or drag to go to a "
        "step; ← and → move one step."
    ),
    "code": (
        "The kernel function that took the last step: ▶ is its atomic action, ✓ are those before it. The "
        "line above names the calls; ← and → show the code of a caller or of the called function. ↑↓ move "
        "a cursor over the atomic actions, b sets a breakpoint there, O folds the source to its atomic "
        "actions. The last line says what the step did, and why."
    ),
    "lesson": (
        "A page of the scenario's lesson, the one that belongs to this moment. r reads on: it shows the rest "
        "of the page, then the next page and its moment; R turns back, L closes the lesson. ▸ is what to do, "
        "◈ what the page asks you to look at, here and in the other panels. ←→ choose a link, Enter or a "
        "click follows it; ↑↓, PgUp and PgDn scroll. A question that a run has come to takes its place: "
        "digits answer, or ↑↓ and Enter; Esc leaves it, p asks it again, ! continues past it. On the card "
        "at the end, ↑↓ and Enter go to a question or open a scenario."
    ),
    "console": "Type a command, in full or abbreviated; ↑ recalls earlier commands, Esc closes it.",
}
"""The content of each panel and the keys that work there."""

CHOOSERS: Final = {
    "experiment": (
        "An experiment: its claim, its verdicts (ok, the numbers show it; not, they refute it; --, it was "
        "not measured), its chart and its table. ↑↓ choose a row, Enter opens its run, :experiment back "
        "returns; :experiment rows shows each run. z gives it the screen, with what each measure is and what "
        "the numbers show. :experiment NAME measures one, with KEY=VALUES after it for other values; Esc "
        "ends that, and :experiment list lists them. pageq help experiments has the rest."
    ),
}
"""The lenses that are used like a panel of their own."""

_CENTRES: Final = {"stage": STAGE, "map": MAP}


def field_text(name: str, colors: int) -> str:
    """Return the explanation of a field of FIELDS on a machine with this number of colours."""
    span = f"0 to {colors - 1:,} on this machine" if colors > 1 else "always 0 on this machine"
    return FIELDS[name].format(colors=colors, span=span)


def explained(word: str, colors: int) -> str | None:
    """Return the explanation of a word on a machine with this number of colours; None for an unknown word.

    A word is a field or a flag of a page, a queue type, a panel, a limit or a count of vmstats, a term of
    the glossary, or a kernel function.
    """
    name = word.strip().removeprefix("PG_")
    if name in FIELDS:
        return field_text(name, colors)
    flag = SHORT_FLAGS.get(name, name.upper())
    if flag in FLAGS:
        return f"PG_{flag}: {FLAGS[flag]}."
    if name in BADGES:
        return f"{name} on a tile: {BADGES[name]}. {explained(BADGES[name], colors)}"
    queue = name.removeprefix("PQ_").removeprefix("VM_")
    looks = (
        QUEUES.get, _limit, _term, PANELS.get, _CENTRES.get, function_text, _queue, _series, _lens, _cause,
        cell_field_text,
    )  # fmt: skip
    return next(filter(None, (look(queue) for look in looks)), None)


def parameter_text(scenario: Scenario | None, name: str) -> str | None:
    """Return what a parameter of a scenario is in this run, and can be; None if it has no such parameter."""
    found = next((one for one in scenario.form.parameters if one.name == name), None) if scenario else None
    if found is None:
        return None
    values = ", ".join(map(str, found.values))
    return f"A parameter of this scenario: {found.value} in this run, of {values}. Expressions read it."


def _queue(name: str) -> str | None:
    return QUEUES.get(name.upper())


def _limit(name: str) -> str | None:
    if name not in VMSTATS_FIELDS:
        return None
    known = (SYSCTLS.get(f"{prefix}.{name}") for prefix in ("vm", "vm.stats.vm"))
    meaning = next((entry.meaning for entry in known if entry is not None), "")
    return f"{meaning[0].upper()}{meaning[1:]}." if meaning else LIMITS[name]


def _term(name: str) -> str | None:
    return TERMS.get(name.lower())


def _series(name: str) -> str | None:
    return f"A series of charts: {QUANTITIES[name].meaning}." if name in QUANTITIES else None


def _lens(name: str) -> str | None:
    return f"A lens: {lens_help(name)}. :view {name} shows it." if name in LENSES else None


def _cause(name: str) -> str | None:
    """Why a page is remote, by the short word of the lenses `machine` and `numa`."""
    cause = next((n for n, word in SHORT_CAUSES.items() if word == name.lower()), None)
    if cause is None:
        return None
    field = cell_field_text(name)
    return f"Why a page is on another node: {CAUSES[cause]}.{f' {field}' if field else ''}"


def function_text(name: str) -> str | None:
    """Return what a kernel function or a verb of scripts does, and its contract; None if there is neither."""
    function = kernel_functions().get(name)
    if function is not None and not function.__doc__:
        module = function.__module__.rpartition(".")[2]
        return f"A part of the model in {module}, without a description; :break {name} stops where it begins."
    if function is not None and function.__doc__:
        summary, *entries = entries_of(inspect.cleandoc(function.__doc__))
        return "\n".join((summary, "", *entries)) if entries else summary
    return f"{verbs()[name].form}: {verbs()[name].summary}" if name in verbs() else None


def terms() -> tuple[str, ...]:
    """Return every word that has an explanation, except functions."""
    flags = (f"PG_{flag}" for flag in FLAGS)
    found = (
        *FIELDS, *flags, *QUEUES, *PANELS, *_CENTRES, *VMSTATS_FIELDS, *TERMS, *QUANTITIES, *LENSES,
        *SHORT_CAUSES.values(),
    )  # fmt: skip
    return tuple(dict.fromkeys(found))


REFERENCE: Final = (
    "In a shell, pageq help prints the reference: scenario files, scripts, cells, schedules, JSON."
)
"""The last line of the help of the screen and of text mode."""
