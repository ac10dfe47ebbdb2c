"""hwloc's text format for a set of numbers, such as a cpuset.

The format is a list of 32-bit words in hexadecimal, highest first, separated by commas:
`0x00000003,,0x0000f06f`. An empty word is 0, and a leading `0xf...f` means infinitely many ones. A Python
integer represents both: in two's complement a negative integer is an infinite set.
"""

from __future__ import annotations

import re
from typing import Final

_WORD = re.compile(r"(?:0x)?([0-9a-fA-F]{0,8})")
_SINGLE = re.compile(r"0x[0-9a-fA-F]+")
_ENDLESS: Final = "0xf...f"


def parse_bitmap(text: str) -> int:
    """Parse a bitmap to an integer whose bit n is set if n is in the set; negative = infinite.

    Errors: ValueError if the text is not a bitmap.
    """
    if _SINGLE.fullmatch(text):
        return int(text, 16)
    words = text.split(",")
    endless = words[0] == _ENDLESS
    digits = [_digits(word) for word in (words[1:] if endless else words)]
    if not endless and not any(digits):
        raise ValueError("no digits")
    finite = int("".join(word.rjust(8, "0") for word in digits) or "0", 16)
    return finite | -1 << 32 * len(digits) if endless else finite


def _digits(word: str) -> str:
    """Return the hexadecimal digits of a word, at most 8."""
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} is not a 32-bit word")
    return match[1]


def members(bitmap: int) -> list[int]:
    """Return the numbers in a finite set, ascending; [] for an infinite set."""
    if bitmap < 0:
        return []
    return [place for place, digit in enumerate(reversed(f"{bitmap:b}")) if digit == "1"]
