"""The source of a script, and the names that a scenario must not define."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from engine.constants import QUEUE_BASES
from engine.errors import BadInput, Line
from engine.language.builtins import FUNCTIONS
from engine.language.symbols import SETUP, VM_TOKEN
from engine.language.values import CONSTANTS
from engine.run.interrupt import BIODONE
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


MOST_LINES: Final = 5_000
MOST_CHARACTERS: Final = 200_000
"""The lines and the characters of all scripts of a scenario: each line takes about 0.1 ms to compile."""


def check_length(scripts: Iterable[Script]) -> None:
    """Check the length of all scripts of a scenario together, before they are parsed.

    A statement after a semicolon counts as a line.
    Errors: BadInput with the place of the script that exceeds a limit.
    """
    lines = characters = 0
    for script in scripts:
        lines += 1 + script.text.count("\n") + script.text.count(";")
        characters += len(script.text)
        if lines > MOST_LINES or characters > MOST_CHARACTERS:
            limit = f"{MOST_LINES:,} lines and {MOST_CHARACTERS:,} characters in all"
            raise BadInput(
                f"the scripts are too long; use at most {limit}", file=script.file, line=script.line(1)
            )
