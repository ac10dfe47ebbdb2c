"""The scenario of a replay: a process that takes a reference string, and the daemon, on one processor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.constants import PAGE_SHIFT
from engine.errors import BadInput
from engine.machine.rules import read_rules
from engine.references.references import References
from engine.replay.frames import GRID, frames_of, swap_blocks
from engine.run.reference_string import REFERENCES_PER_TICK
from engine.saved.toml_text import toml_text
from engine.scenario.trace_file import places_of
from engine.words import plural

PROCESS: Final = "program"
THREAD: Final = "app"
DAEMON: Final = "pager"
MEMORY: Final = "memory"
"""The names of the process, its thread, the daemon's thread and the object."""

NO_KEYS: Final[Mapping[str, Any]] = {}

MOST_STEPS: Final = 1_000_000_000


def replay_scenario(
    trace_name: str,
    references: References,
    frames: int,
    tick: int = REFERENCES_PER_TICK,
    rules: str = "document",
    keys: Mapping[str, Any] = NO_KEYS,
) -> str:
    """Return the TOML text of a scenario that replays a string on a machine with N frames for it.

    trace_name: the file, or `made:...`. references: the string itself. frames: the pages that can hold it.
    tick: how many references make a tick of the clock. rules: the rule set, options included.
    keys: further keys of the thread, which say how a file is read.
    Errors: BadInput for a number of frames that no machine has, rules that do not exist, a string without
            references, and a name that no key can have.
    """
    if not len(references):
        raise BadInput(f"{references.name} has no references; give a string with at least one")
    _check_name(trace_name)
    rule_set, options = read_rules(rules).nearer()
    sized, places = frames_of(frames), places_of(references)
    first, pages = int(places[0]), int(places[-1] - places[0]) + 1
    document: dict[str, Any] = {
        "format": 1,
        "title": f"{_printable(references.name)} in {plural(frames, 'frame')}"[:200],
        "level": "intermediate",
        "teaches": "How the five queues choose which pages stay in memory, on a string of references.",
        "rules": rule_set,
        "machine": {
            "memory": f"{sized.memory >> 20} MiB",
            "topology": GRID,
            "colors": sized.colors,
            "swap": swap_blocks(len(places)),
            "steps_per_tick": 0,
            **options,
            "thresholds": sized.thresholds,
        },
        "limits": {"steps": MOST_STEPS},
        "object": [{"name": MEMORY, "size": pages}],
        "process": [
            {"name": PROCESS, "maps": [{"object": MEMORY, "start": first << PAGE_SHIFT, "pages": pages}]}
        ],
        "thread": [
            {"name": DAEMON, "script": "pagedaemon()\n"},
            {"name": THREAD, "process": PROCESS, "trace": trace_name, "tick": tick, **keys},
        ],
        "page": _pages(
            min(_FIRST, len(references)),
            count=plural(len(references), "reference"),
            pages=plural(len(places), "page"),
            held=f"{frames:,} pages fit",
            sized=sized,
            tick=tick,
        ),
    }
    return toml_text(document)


def _pages(first: int, **facts: object) -> list[dict[str, Any]]:
    """The pages of the lesson: the start, after the `first` references, and the end."""
    return [
        {
            "at": "start",
            "say": _START.format(first=first, **facts),
            "do": f"until {THREAD}.position >= {first}",
        },
        {"at": f"when {THREAD}.position >= {first}", "say": _FURTHER.format(**facts), "do": "continue"},
        {"at": "end", "say": _END.format(**facts), "look": list(_COUNTERS)},
    ]


def _printable(name: str) -> str:
    """Return a name for a title: one line, of characters that a terminal shows."""
    return "".join(char if char.isprintable() else "?" for char in name)


def _check_name(name: str) -> None:
    """Check that TOML can have the name of a string as a line of text.

    Errors: BadInput.
    """
    if "\n" in name or any("\ud800" <= char <= "\udfff" for char in name):
        problem = "has a line break, or bytes that are not UTF-8"
        raise BadInput(f"the name {name[-200:]!r} {problem}, so no scenario can name the file; rename it")


_FIRST: Final = 1000
"""After how many references there is a page of the lesson."""

_COUNTERS: Final = (
    "cpu[0].cnt.v_zfod",
    f"process[{PROCESS}].majflt",
    "cpu[0].cnt.v_swappgsout",
    "cpu[0].cnt.v_reactivated",
    "cpu[0].cnt.v_pdwakeups",
)
"""The counters that give the columns of `pageq replay`."""

_START: Final = """\
The thread `app` takes {count} to {pages}, one by one; {held} into memory. Press `c` to run to the
end, which takes minutes for a long string, or go to reference {first:,} first.

A hit is one step of the processor. A reference to a page that is not mapped is a page fault: `s` follows its
steps through the kernel. A run of hits that change nothing is one step; the log says how many there were.
The clock ticks after every {tick:,} references. The daemon `pager` runs while `app` waits for memory.

The machine: {sized}.
"""

_FURTHER: Final = """\
`:until process[program].majflt >= 1` runs to the first page that comes back from swap. `:why` of a cell, such
as `thread[app].var.position` or the queue of a page, names the steps that led to its value.
"""

_END: Final = """\
All of {count} are taken. The counters give what `pageq replay` prints:

| column | counters |
|---|---|
| misses | `v_zfod` + `majflt`: pages filled with zeros, and read from swap |
| hits | the other references |
| page-outs | `v_swappgsout` |
| reactivations | `v_reactivated` |
| passes | `v_pdwakeups` |

`:print cpu[0].cnt.v_zfod + process[program].majflt` prints the misses.
"""
