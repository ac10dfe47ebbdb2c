"""Lists whose lines were wrapped: by a terminal at its width, or by a mail program between two words.

A terminal continues in the next row after the last column, in the middle of a number if it must. So a wrap
between two digits is inside a number if all rows of the list but the last have the same, full width. A mail
program wraps at blanks, and its rows differ in width. A list has a number for each colour, a power of two of
them, 1,024 in the kernel: where the widths allow both readings, the count decides, for all lists of a moment
together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise, takewhile
from typing import Final, NamedTuple

from engine.constants import PQ_L2_SIZE
from engine.errors import BadInput

MAX_LENGTH: Final = 65_536
"""Maximum length of a list's text."""

SURE: Final = 3
"""This many rows of one width were probably wrapped by a terminal, where a count cannot confirm it."""

_LEADING_ZERO: Final = re.compile(r"(?<![0-9])0[0-9]")


class ListRow(NamedTuple):
    """A row of a list: its line, its text without prefix, and the columns that it and its prefix take."""

    line: int
    text: str
    width: int
    prefix: int


@dataclass
class ListRows:
    """The rows of one list as they were pasted.

    queue:  the type of the queues, a name of QUEUES.
    line:   where the list starts.
    indent: columns by which its first row is indented.
    ended:  whether its last row has a line end, so that its last number is whole.
    last:   whether the text ends with it.
    """

    queue: str
    line: int
    indent: int
    rows: list[ListRow]
    ended: bool = True
    last: bool = False
    length: int = field(default=0)

    def add(self, row: ListRow, file: str) -> None:
        """Append a row.

        Errors: BadInput if the list is longer than any list of a dump.
        """
        self.length += len(row.text)
        if self.length > MAX_LENGTH:
            problem = f"PQ_{self.queue} is too long; a list has at most {PQ_L2_SIZE:,} numbers"
            raise BadInput(problem, file=file, line=self.line)
        self.rows.append(row)


class _Wrap(NamedTuple):
    """A width at which a terminal wrapped, whether prefixes count, and whether to take indents off."""

    width: int
    prefixed: bool
    dedent: bool


def unwrapped(lists: Sequence[ListRows]) -> tuple[list[str], str | None]:
    """Return the text of each list of a moment in one line, and a note if it can be read in two ways.

    What can be read in two ways and is not likelier in one of them is left out: such a list is then cut.
    """
    spaced = [" ".join(row.text.strip() for row in one.rows) for one in lists]
    if all(len(one.rows) == 1 for one in lists):
        return spaced, None
    readings = [spaced]
    for wrap in _terminal_wraps(lists):
        texts = [_rejoined(one, wrap) for one in lists]
        whole = [text for text in texts if text is not None]
        if len(whole) == len(lists) and not any(_same(whole, other) for other in readings):
            readings.append(whole)
    if len(readings) == 1:
        return spaced, None
    ranks = [_rank(texts, lists) for texts in readings]
    best = [texts for texts, rank in zip(readings, ranks, strict=True) if rank == max(ranks)]
    if len(best) == 1:
        return best[0], None
    return _likelier(lists, best, spaced)


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    return all(left.split() == right.split() for left, right in zip(one, other, strict=True))


def _rank(texts: Sequence[str], lists: Sequence[ListRows]) -> int:
    """Return how many lists have equally many numbers, as many as there can be colours.

    A list in which the text ends is not counted: it may be cut. Less than 0 if the kernel cannot have printed
    them: a number like 07.
    """
    if any(_LEADING_ZERO.search(text) for text in texts):
        return -1
    counts = [len(text.split()) for text, one in zip(texts, lists, strict=True) if one.ended]
    return max((counts.count(count) for count in counts if can_be_colors(count)), default=0)


def can_be_colors(count: int) -> bool:
    """Whether a machine can have so many colours."""
    return 0 < count <= PQ_L2_SIZE and count & (count - 1) == 0


def _likelier(
    lists: Sequence[ListRows], best: Sequence[list[str]], spaced: list[str]
) -> tuple[list[str], str | None]:
    """Choose between readings whose counts are equally good: a terminal's if there are many full rows.

    Otherwise only what all readings have in common is sure.
    """
    words = f"the lists from line {lists[0].line} on can be read in two ways"
    full = sum(len(one.rows) - 1 for one in lists)
    if full >= SURE and best[0] is spaced and _longest(best[1]) == _longest(spaced):
        return best[1], f"{words}; the line ends are taken to be inside numbers"
    for one, *texts in zip(lists, *best, strict=True):
        one.ended &= all(text.split() == texts[0].split() for text in texts)
    common = [_common(texts) for texts in zip(*best, strict=True)]
    return common, f"{words}; the digits around a line end may be one number or two"


def _longest(texts: Sequence[str]) -> int:
    """Return the digits of the longest number: where halves were joined, it is no longer than the others."""
    return max((len(word) for text in texts for word in text.split()), default=0)


def _common(texts: Sequence[str]) -> str:
    """Return the numbers with which all readings of a list start."""
    columns = zip(*(text.split() for text in texts), strict=False)
    return " ".join(column[0] for column in takewhile(lambda words: len(set(words)) == 1, columns))


def _terminal_wraps(lists: Sequence[ListRows]) -> list[_Wrap]:
    indents = {one.indent for one in lists if len(one.rows) > 1}
    prefixes = {row.prefix for one in lists for row in one.rows}
    found = []
    for dedent in (True, False) if any(indents) else (False,):
        for prefixed in (True, False) if len(prefixes) > 1 else (True,):
            full = chain.from_iterable(one.rows[:-1] for one in lists)
            found.append(_Wrap(max(_columns(row, prefixed) for row in full), prefixed, dedent))
    return found


def _columns(row: ListRow, prefixed: bool) -> int:
    return row.width if prefixed else row.width - row.prefix


def _rejoined(one: ListRows, wrap: _Wrap) -> str | None:
    """Return the list as it was before a terminal wrapped it; None if its rows do not have that width.

    A row that lacks one column ended in a blank, which copying has cut off.
    """
    parts = [one.rows[0].text]
    for row, after in pairwise(one.rows):
        text = after.text
        if wrap.dedent and text[: one.indent].isspace():
            text = text[one.indent :]
        columns = _columns(row, wrap.prefixed)
        if columns == wrap.width - 1 and not text.startswith(" "):
            parts.append(" ")
        elif columns != wrap.width:
            return None
        parts.append(text)
    if _columns(one.rows[-1], wrap.prefixed) > wrap.width:
        return None
    return "".join(parts)
