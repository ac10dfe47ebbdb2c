"""Trace formats with one access a line, read in blocks: what they have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import numpy as np

from engine.errors import BadInput
from engine.references.chunk import MOST_BYTES, Accesses
from engine.references.fields import Fields, Numbers

ADDRESS_BITS: Final = 64

_MOST_SHOWN: Final = 40
"""Bytes of a bad line in a message."""


class AccessLines(ABC):
    """A format with one access a line.

    All lines of a block are read at once by their fields; a line that these do not explain is then read
    alone, and this decides whether it is right.
    """

    name: str
    """What `--format` calls it."""

    @property
    @abstractmethod
    def fetches(self) -> bool:
        """Whether a line can be the fetch of an instruction."""

    @property
    @abstractmethod
    def separators(self) -> bytes:
        """The bytes between the fields of a line."""

    @abstractmethod
    def by_fields(self, fields: Fields) -> tuple[Accesses, Numbers]:
        """Read all lines; return also the numbers of those that must be read alone."""

    @abstractmethod
    def access(self, line: bytes) -> tuple[int, int, int]:
        """Read one line that is not blank: its kind of access, the address and the size in bytes.

        Errors: BadInput.
        """

    def accesses(self, text: bytes) -> tuple[Accesses, tuple[int, str] | None]:
        """Read a text; return also its first bad line: the number from 0, and what is wrong."""
        fields = Fields(text, self.separators)
        found, unread = self.by_fields(fields)
        for number in unread.tolist():
            try:
                kind, address, size = self.access(fields.line(number))
            except BadInput as error:
                return found, (number, error.message)
            found.kinds[number], found.addresses[number], found.sizes[number] = kind, address, size
        return found, None


def no_accesses(count: int) -> Accesses:
    """Return the accesses of lines without one."""
    return Accesses(np.zeros(count, np.uint8), np.zeros(count, np.uint64), np.ones(count, np.uint64))


def checked_access(address: bytes, base: int, size: bytes) -> tuple[int, int]:
    """Read an address and the size of an access in bytes, in digits.

    Errors: BadInput if they are too large, or the size is 0.
    """
    first = checked_number(address, base)
    count = checked_number(size, 10)
    if not 1 <= count <= MOST_BYTES:
        raise BadInput(f"an access of {count:,} bytes; one has 1 to {MOST_BYTES:,}")
    if (first + count - 1) >> ADDRESS_BITS:
        raise BadInput(f"the access ends after the last address of {ADDRESS_BITS} bits; use a smaller one")
    return first, count


def checked_number(digits: bytes, base: int, bits: int = ADDRESS_BITS) -> int:
    """Read a number from its digits.

    Errors: BadInput if it does not fit the bits.
    """
    digits = digits.lstrip(b"0") or b"0"
    if len(digits) > bits or (number := int(digits, base)) >> bits:
        raise BadInput(f"{shown(digits)} is too large; a number has at most {bits} bits")
    return number


def shown(text: bytes) -> str:
    """Return the first bytes of a bad line or word in quotes."""
    return repr(text[:_MOST_SHOWN].decode("ascii", "backslashreplace"))
