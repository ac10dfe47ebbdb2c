"""The source of a script, and the names that a scenario must not define."""

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
"""Reserved words: not allowed as the name of an object, process, thread or variable."""


THE_OBJECT: Final = "object"
"""The table whose name an object or a variable may have too, as in the document: the table has brackets."""


@dataclass(frozen=True)
class Script:
    """A script's text, and a function that returns the file's line of each of its lines."""

    text: str
    file: str
    lines: Callable[[], Sequence[int]]

    def line(self, number: int) -> int:
        """Return the file's line of line `number` (from 1) of the script."""
        lines = self.lines()
        return lines[min(max(number, 1), len(lines)) - 1]

    def at(self, number: int) -> Line:
        """Return the same lazily, for a message that may not be needed."""
        return partial(self.line, number)
