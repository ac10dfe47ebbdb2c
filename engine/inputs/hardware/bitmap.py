"""hwloc's text form of a set of numbers, such as a cpuset.

32-bit words in hexadecimal, the highest first, separated by commas: `0x00000003,,0x0000f06f`. A word left
empty is 0, and a leading `0xf...f` stands for ones without end. A Python integer holds either kind: in two's
complement a negative one is a set without end.
"""

from __future__ import annotations

import re
from typing import Final

_WORD = re.compile(r"(?:0x)?([0-9a-fA-F]{0,8})")
_SINGLE = re.compile(r"0x[0-9a-fA-F]+")
_ENDLESS: Final = "0xf...f"


def parse_bitmap(text: str) -> int:
    """Read a bitmap into an integer whose bit n says whether n is in the set; negative = without end.

    Errors: ValueError when the text is no bitmap.
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
    """The hexadecimal digits of one word, at most 8."""
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} is no 32-bit word")
    return match[1]


def members(bitmap: int) -> list[int]:
    """The numbers in a finite set, ascending; of a set without end, none are counted."""
    if bitmap < 0:
        return []
    return [place for place, digit in enumerate(reversed(f"{bitmap:b}")) if digit == "1"]
