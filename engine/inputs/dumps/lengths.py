"""The lists of a dump as queue lengths by colour: how many colours there are, and where a list was cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from engine.constants import PQ_L2_SIZE
from engine.errors import BadInput
from engine.inputs.dumps.moment import UNKNOWN
from engine.inputs.dumps.wraps import ListRows, unwrapped
from engine.memory.cells import Array
from engine.words import plural

MAX_NUMBER: Final = (1 << 63) - 1
MAX_DIGITS: Final = 19

NO_LINE_END: Final = "without a line end"
"""Why the last number of a text is unknown: the rest of it may be missing."""

_ONLY_DIGITS: Final = re.compile(r"[0-9 ]*\Z")
_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,3}(?:[,'_.][0-9]{3})+|[0-9]+)\Z")
_SEPARATOR: Final = re.compile(r"[,'_.]")


class Lengths(NamedTuple):
    """The lists of a moment: the array of each type that it has, and notes on what could not be read."""

    queues: dict[str, Array]
    notes: list[str]


def number_of(word: str, *, unsigned: bool = False) -> int | None:
    """Return the number that a word is, with separators of thousands or not; None if it is not a number.

    unsigned: whether it was printed as an unsigned number of 64 bits, so that 2^64 - 1 is -1.
    Errors: BadInput (without a place) for a number that does not fit into 64 bits.
    """
    if not _NUMBER.match(word):
        return None
    digits = _SEPARATOR.sub("", word)
    short = len(digits.lstrip("-0")) <= MAX_DIGITS + unsigned
    number = int(digits) if short else MAX_NUMBER + 1
    if unsigned and short and MAX_NUMBER < number < 1 << 64:
        return number - (1 << 64)
    if abs(number) > MAX_NUMBER:
        raise BadInput(f"{word[:24]}{'...' * (len(word) > 24)} is too large; a counter is at most 2^63 - 1")
    return number


def lengths_of(lists: Sequence[ListRows], file: str) -> Lengths:
    """Return the lengths of the queues from the lists of one moment, at most one for each type.

    Errors: BadInput for more than 1,024 numbers, for a count that no machine has, for a number that is too
    large.
    """
    texts, note = unwrapped(lists)
    notes = [] if note is None else [note]
    read = [_numbers(one, text, file, notes) for one, text in zip(lists, texts, strict=True)]
    colors = _colors(lists, [len(numbers) for numbers in read], file)
    found = {}
    for one, numbers in zip(lists, read, strict=True):
        if colors is None:
            notes.append(f"PQ_{one.queue} (line {one.line}) has no numbers")
            continue
        found[one.queue] = _padded(one, numbers, colors, notes)
    return Lengths(found, notes)


def _numbers(one: ListRows, text: str, file: str, notes: list[str]) -> list[int]:
    """Return the numbers of a list up to the first word that is not a number."""
    if _ONLY_DIGITS.match(text):
        words = text.split()
        if max(map(len, words), default=0) < MAX_DIGITS:
            return list(map(int, words))
    numbers: list[int] = []
    for word in text.replace(", ", " ").split():
        try:
            number = UNKNOWN if word == "?" else number_of(word)
        except BadInput as error:
            raise BadInput(error.message, file=file, line=_line_of(one, word)) from None
        if number is None:
            break
        if number < 0 and word != "?":
            where = f"PQ_{one.queue}, colour {len(numbers)} (line {one.line})"
            notes.append(f"{where}: {word} is not a length; it is unknown")
            number = UNKNOWN
        numbers.append(number)
    return numbers


def _line_of(one: ListRows, word: str) -> int:
    """Return the line in which the first digits of a long number are."""
    return next((row.line for row in one.rows if word[:MAX_DIGITS] in row.text), one.line)


def _colors(lists: Sequence[ListRows], counts: Sequence[int], file: str) -> int | None:
    """Return the number of colours: that of the longest list if it can be one, else the kernel's 1,024."""
    most = max(counts)
    longest = lists[counts.index(most)]
    if most > PQ_L2_SIZE:
        hint = f"there are at most {PQ_L2_SIZE:,} colours; paste the list as the kernel printed it"
        raise BadInput(f"PQ_{longest.queue} has {most:,} numbers; {hint}", file=file, line=longest.line)
    if most == 0:
        return None
    complete = [one.ended for one, count in zip(lists, counts, strict=True) if count == most]
    if most & (most - 1) == 0 and (most == PQ_L2_SIZE or any(complete)):
        return most
    if sum(complete) > 1:
        hint = f"the number of colours is a power of two, {PQ_L2_SIZE:,} in the kernel"
        problem = f"{sum(complete)} lists have {most:,} numbers each; {hint}"
        raise BadInput(problem, file=file, line=longest.line)
    return PQ_L2_SIZE


def _padded(one: ListRows, numbers: list[int], colors: int, notes: list[str]) -> Array:
    """Return a list as an array with a length for each colour; where it is cut, the rest is unknown."""
    lengths = np.full(colors, UNKNOWN, np.int64)
    count = len(numbers)
    lengths[:count] = numbers
    if count == colors and not one.ended and lengths[-1] != UNKNOWN:
        lengths[-1] = UNKNOWN
        ends = f"the text ends in line {one.rows[-1].line}, PQ_{one.queue}, {NO_LINE_END}"
        notes.append(f"{ends}; the last number may be cut and is unknown")
    if count < colors:
        first = max(count - 1, 0)
        lengths[first:] = UNKNOWN
        ends = f"PQ_{one.queue} (line {one.line}) ends after {plural(count, 'number')} of {colors:,}"
        rest = f"the lengths from colour {first:,} on are unknown"
        notes.append(f"{ends}; the last number may be cut, and {rest}" if count else f"{ends}; {rest}")
    return lengths
