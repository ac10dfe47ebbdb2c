"""The lists of a dump as queue lengths by colour: how many colours there are, and where a list was cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from engine.constants import PQ_L2_SIZE
from engine.errors import BadInput
from engine.inputs.dumps.wraps import ListRows, can_be_colors, unwrapped
from engine.machine.counters import UNKNOWN
from engine.memory.cells import Array
from engine.words import plural

MAX_NUMBER: Final = (1 << 63) - 1
MAX_DIGITS: Final = 19

NO_LINE_END: Final = "without a line end"
"""Why the last number of a text is not sure: the rest of it may be missing."""

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
    counts = [len(numbers) for numbers in read]
    colors = _colors(lists, counts, file)
    doubt = any(
        len(one.rows) > 1 and not one.last and count != colors
        for one, count in zip(lists, counts, strict=True)
    )
    found = {}
    for one, numbers in zip(lists, read, strict=True):
        if colors is None:
            notes.append(f"PQ_{one.queue} (line {one.line}) has no numbers")
            continue
        found[one.queue] = _padded(one, numbers, colors, notes, doubt=doubt)
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
    """Return the number of colours: that of the longest list if it can be one, else the kernel's 1,024.

    Where two lists agree, a longer one has rows of another list, whose first line is missing.
    """
    most = max(counts)
    longest = lists[counts.index(most)]
    whole = [count for one, count in zip(lists, counts, strict=True) if one.ended]
    often = [count for count in whole if can_be_colors(count) and whole.count(count) > 1]
    agreed = max(often, key=lambda count: (whole.count(count), count), default=0)
    if most > PQ_L2_SIZE and not agreed:
        hint = f"there are at most {PQ_L2_SIZE:,} colours; paste the list as the kernel printed it"
        raise BadInput(f"PQ_{longest.queue} has {most:,} numbers; {hint}", file=file, line=longest.line)
    if most == 0:
        return None
    if agreed and whole.count(agreed) > whole.count(most):
        return agreed
    if can_be_colors(most) and (most == PQ_L2_SIZE or most in whole):
        return most
    if whole.count(most) > 1 and len(longest.rows) == 1:
        hint = f"the number of colours is a power of two, {PQ_L2_SIZE:,} in the kernel"
        problem = f"{whole.count(most)} lists have {most:,} numbers each; {hint}"
        raise BadInput(problem, file=file, line=longest.line)
    return PQ_L2_SIZE


def _padded(one: ListRows, numbers: list[int], colors: int, notes: list[str], *, doubt: bool) -> Array:
    """Return a list as an array with a length for each colour, UNKNOWN where it is not sure.

    doubt: whether a wrapped list that the text does not end with has another count: a line may be missing
           there, or the lines of all lists are joined in a wrong way.
    """
    lengths = np.full(colors, UNKNOWN, np.int64)
    known, note = _known(one, numbers, colors, doubt=doubt)
    lengths[:known] = numbers[:known]
    if note is not None:
        notes.append(note)
    return lengths


def _known(one: ListRows, numbers: list[int], colors: int, *, doubt: bool) -> tuple[int, str | None]:
    """Return how many of the first numbers of a list are sure, and a note on the others."""
    count, name = len(numbers), f"PQ_{one.queue} (line {one.line})"
    if count == colors:
        ends = f"the text ends in line {one.rows[-1].line}, PQ_{one.queue}, {NO_LINE_END}"
        return count, None if one.ended else f"{ends}; its last number is taken as whole"
    sure = max(count - 1, 0)
    if doubt and len(one.rows) > 1:
        sure = min(sure, max(len(one.rows[0].text.split()) - 1, 0))
        rest = f"the lengths from colour {sure:,} on are unknown"
        return sure, f"{name} has {plural(count, 'number')} instead of {colors:,}; {rest}"
    if count > colors:
        return 0, f"{name} has {plural(count, 'number')} instead of {colors:,}; it is unknown"
    ends = f"{name} ends after {plural(count, 'number')} of {colors:,}"
    rest = f"the lengths from colour {sure:,} on are unknown"
    return sure, f"{ends}; the last number may be cut, and {rest}" if count else f"{ends}; {rest}"
