"""The fields of a block of text, found and read as numbers with NumPy.

A field is a run of bytes without separators. The methods take arrays of field numbers and answer for all of
them at once; what they cannot answer, they mark, so that the caller can read it in another way.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

NO_DIGIT: Final = 255


def _digits(text: bytes) -> npt.NDArray[np.uint8]:
    """The value of each byte as a digit of hexadecimal."""
    values = np.full(256, NO_DIGIT, np.uint8)
    for byte in text:
        values[byte] = int(chr(byte), 16)
    return values


_HEX: Final = _digits(b"0123456789abcdefABCDEF")
_DECIMAL: Final = _digits(b"0123456789")

_MOST_HEX: Final = 16
"""Hex digits of 64 bits."""

_MOST_DECIMAL: Final = 18
"""Decimal digits that always fit 63 bits; the few larger numbers that do are read one by one."""


class Fields:
    """The fields of a text.

    text:   the bytes, with a line end before the first and after the last.
    starts: where each field starts in the text.
    ends:   where each field ends.
    """

    def __init__(self, text: bytes, separators: bytes) -> None:
        """Find the fields; a line end is always a separator."""
        between = np.zeros(256, np.bool_)
        between[list(separators + b"\n")] = True
        self.text = np.frombuffer(b"\n" + text + b"\n", np.uint8)
        outside = between[self.text]
        edges = np.flatnonzero(outside[1:] != outside[:-1]) + 1
        self.starts: Numbers = edges[::2]
        self.ends: Numbers = edges[1::2]

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def lines(self) -> Numbers:
        """Where each line starts in the text, and where the last one ends."""
        return np.flatnonzero(self.text == ord("\n")) + 1

    @cached_property
    def first(self) -> Numbers:
        """The first field of each line; one more for the end."""
        return np.searchsorted(self.starts, self.lines)

    def line(self, number: int) -> bytes:
        """The text of a line, without its end."""
        return self.text[self.lines[number] : self.lines[number + 1] - 1].tobytes()

    def field(self, number: int) -> bytes:
        """The text of a field."""
        return self.text[self.starts[number] : self.ends[number]].tobytes()

    def letters(self, fields: Numbers) -> npt.NDArray[np.uint8]:
        """The byte of each field of one byte; 0 for a longer one."""
        starts = self.starts[fields]
        return np.where(self.ends[fields] - starts == 1, self.text[starts], np.uint8(0))

    def followed_by(self, fields: Numbers, mark: bytes) -> Flags:
        """Whether each field is directly followed by a byte."""
        return np.equal(self.text[self.ends[fields]], ord(mark))

    def hexadecimal(self, fields: Numbers) -> tuple[Words, Flags]:
        """Read fields of up to 16 hex digits, `0x` before them or not; whether each is one."""
        return self._numbers(self._after_prefix(fields), self.ends[fields], _HEX, 16, _MOST_HEX)

    def prefixed(self, fields: Numbers) -> Flags:
        """Whether each field starts with `0x`."""
        return np.not_equal(self._after_prefix(fields), self.starts[fields])

    def decimal(self, fields: Numbers) -> tuple[Words, Flags]:
        """Read fields of up to 18 decimal digits; whether each is one."""
        return self._numbers(self.starts[fields], self.ends[fields], _DECIMAL, 10, _MOST_DECIMAL)

    def _after_prefix(self, fields: Numbers) -> Numbers:
        starts = self.starts[fields]
        prefixed = (self.text[starts] == ord("0")) & (self.text[starts + 1] | 0x20 == ord("x"))
        after: Numbers = starts + 2 * prefixed
        return after

    def _numbers(
        self, starts: Numbers, ends: Numbers, digits: npt.NDArray[np.uint8], base: int, most: int
    ) -> tuple[Words, Flags]:
        widths = ends - starts
        right = (widths > 0) & (widths <= most)
        values = np.zeros(len(starts), np.uint64)
        for place in range(min(int(widths.max(initial=0)), most)):
            # From the first digit to the last; a field that has no such place stays as it is.
            there = widths > place
            digit = digits[self.text[np.where(there, starts + place, 0)]]
            right &= (digit != NO_DIGIT) | ~there
            values = np.where(there, values * np.uint64(base) + digit, values)
        return values, right
