"""Trace formats of words, divided by commas, blanks or lines: addresses and page numbers. All are reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import BadInput
from engine.inputs import reference_lines
from engine.inputs.reference_lines import BLANKS
from engine.references.access_lines import checked_number, shown
from engine.references.fields import Fields

PAGE_BITS: Final = 63
"""Bits of a page number, at most."""


@dataclass(frozen=True)
class WordFormat:
    """A format of words.

    name:    what `--format` calls it.
    example: two words, for messages.
    pattern: a word; its group is the digits.
    base:    of the digits; of hexadecimal digits `0x` is before them.
    bits:    of the largest number.
    """

    name: str
    example: str
    pattern: re.Pattern[bytes]
    base: int
    bits: int
    fetches = False

    def numbers(self, text: bytes) -> tuple[npt.NDArray[np.uint64], tuple[int, str] | None]:
        """Read the words of a text; return also the first bad one: its offset, and what is wrong."""
        fields = Fields(text, BLANKS + b",")
        every = np.arange(len(fields))
        if self.base == 16:
            found, right = fields.hexadecimal(every)
            right &= fields.prefixed(every)
        else:
            found, right = fields.decimal(every)
        for number in np.flatnonzero(~right).tolist():
            try:
                found[number] = self.number(fields.field(number))
            except BadInput as error:
                # The fields have a line end before the text.
                return found, (int(fields.starts[number]) - 1, error.message)
        return found, None

    def number(self, word: bytes) -> int:
        """Read one word.

        Errors: BadInput.
        """
        match = self.pattern.fullmatch(word)
        if match is None:
            raise BadInput(
                f"{shown(word)} is not a word of format {self.name}; use words like `{self.example}`"
            )
        return checked_number(match[1], self.base, self.bits)


ADDRESSES: Final = WordFormat(
    reference_lines.ADDRESSES, "0x7ffe18, 0x401000", reference_lines.WORDS[reference_lines.ADDRESSES], 16, 64
)
PAGES: Final = WordFormat(
    reference_lines.PAGES, "7, 0, 1", reference_lines.WORDS[reference_lines.PAGES], 10, PAGE_BITS
)
