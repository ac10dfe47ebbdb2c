"""A script as it stands in its file, and the words that nothing in a scenario may be called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from engine.constants import QUEUE_BASES
from engine.errors import Line
from engine.language.builtins import FUNCTIONS
from engine.language.symbols import SETUP, VM_TOKEN
from engine.language.values import CONSTANTS
from engine.run.runner import BIODONE
from engine.run.schedule import WORDS

TABLES: Final = (
    *("vmstats", "cpu", "queue", "page", "object", "thread", "hash", "alist", "Global"),
    *("process", "map_entry", "backing", "buf"),
)
RESERVED: Final = frozenset(
    {
        SETUP,
        VM_TOKEN,
        "NULL",
        "True",
        "False",
        "None",
        "end",
        BIODONE,
    }
    | {*WORDS, *CONSTANTS, *FUNCTIONS, *QUEUE_BASES, *TABLES, "vm_contig_spin", "range", "events"}
)
"""Words that no object, process, thread or variable may be called."""


@dataclass(frozen=True)
class Script:
    """A script's text, and what gives the file's line of each of its own lines."""

    text: str
    file: str
    lines: Callable[[], Sequence[int]]

    def line(self, number: int) -> int:
        """The file's line of line `number` (from 1) of the script."""
        lines = self.lines()
        return lines[min(max(number, 1), len(lines)) - 1]

    def at(self, number: int) -> Line:
        """The same, worked out when a message needs it."""
        return partial(self.line, number)
