"""Trace formats with one access a line: lackey, pin, rw and din.

Each is described once, as a pattern of a line and as the fields of one. All lines of a block are read at once
by their fields; a line that these do not explain is read by the pattern, which decides what is right.

The patterns, and where the formats come from, are in engine.inputs.reference_lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import BadInput
from engine.inputs import reference_lines
from engine.inputs.reference_lines import BLANKS
from engine.references.access_lines import AccessLines, checked_access, no_accesses, shown
from engine.references.chunk import FETCH, MOST_BYTES, NONE, READ, UNKNOWN, WRITE, Accesses
from engine.references.fields import Fields, Flags, Numbers


@dataclass(frozen=True)
class LineFormat(AccessLines):
    """A format with one access a line.

    name:    what `--format` calls it.
    example: a line of it, for messages.
    pattern: a line without the blanks at its ends; the groups are op, address and maybe size.
    kinds:   the letter of an operation -> the kind of access.
    fields:  how many fields a line has.
    op, address, size: the numbers of these fields; without `size`, an access is of one byte. Without `op`,
             the operation is the first or the second field, and the address the other one.
    marked:  (number of a field, the one mark in a line, which follows this field directly).
    number:  a further field that is a hexadecimal number.
    """

    name: str
    example: str
    pattern: re.Pattern[bytes]
    kinds: dict[bytes, int]
    fields: int
    address: int = 1
    op: int | None = None
    size: int | None = None
    marked: tuple[int, bytes] | None = None
    number: int | None = None

    @property
    def fetches(self) -> bool:
        """Whether an operation is a fetch."""
        return FETCH in self.kinds.values()

    @property
    def separators(self) -> bytes:
        """The blanks, and the mark."""
        return BLANKS + (self.marked[1] if self.marked else b"")

    def access(self, line: bytes) -> tuple[int, int, int]:
        """Read one line: its kind of access, the address and the size.

        Errors: BadInput.
        """
        line = line.strip(BLANKS)
        match = self.pattern.fullmatch(line)
        if match is None:
            raise BadInput(
                f"{shown(line)} is not a line of format {self.name}; use lines like `{self.example}`"
            )
        groups = match.groupdict()
        op, address = (
            (groups[name] or groups[f"{name}2"] for name in ("op", "address"))
            if self.op is None
            else (groups["op"], groups["address"])
        )
        return self.kinds[op], *checked_access(address, 16, groups.get("size", b"1"))

    def by_fields(self, fields: Fields) -> tuple[Accesses, Numbers]:
        """The accesses of all lines, and the numbers of the lines that are still to be read one by one."""
        counts = np.diff(fields.first)
        lines = np.flatnonzero(counts == self.fields)
        first = fields.first[lines]
        op, address = self._op_and_address(fields, first)
        kinds = self._table()[fields.letters(op)]
        addresses, right = fields.hexadecimal(address)
        sizes = np.ones(len(lines), np.uint64)
        if self.size is not None:
            sizes, whole = fields.decimal(first + self.size)
            right &= whole & (sizes >= 1) & (sizes <= MOST_BYTES)
        right &= (kinds != UNKNOWN) & (addresses + (sizes - np.uint64(1)) >= addresses)
        right &= self._well_formed(fields, first)
        found, done = no_accesses(len(counts)), lines[right]
        found.kinds[done], found.addresses[done], found.sizes[done] = (
            kinds[right],
            addresses[right],
            sizes[right],
        )
        unread = counts != 0
        unread[done] = False
        return found, np.flatnonzero(unread)

    def _well_formed(self, fields: Fields, first: Numbers) -> Flags:
        """Whether the lines with these first fields have what is neither an operation nor an address."""
        right = np.ones(len(first), np.bool_)
        if self.number is not None:
            right &= fields.hexadecimal(first + self.number)[1]
        if self.marked is not None:
            # Each line has one mark after its field, or no line is trusted: then none has one elsewhere.
            field, mark = self.marked
            right &= fields.followed_by(first + field, mark)
            right &= np.count_nonzero(fields.text == ord(mark)) == len(first)
        return right

    def _op_and_address(self, fields: Fields, first: Numbers) -> tuple[Numbers, Numbers]:
        if self.op is not None:
            return first + self.op, first + self.address
        swapped = self._table()[fields.letters(first)] == UNKNOWN
        return first + swapped, first + ~swapped

    def _table(self) -> npt.NDArray[np.uint8]:
        table = np.full(256, UNKNOWN, np.uint8)
        for letter, kind in self.kinds.items():
            table[ord(letter)] = kind
        return table


LACKEY: Final = LineFormat(
    name=reference_lines.LACKEY,
    example=" L 1ffeffe7e0,8",
    pattern=reference_lines.LINES[reference_lines.LACKEY],
    kinds={b"I": FETCH, b"L": READ, b"S": WRITE, b"M": WRITE},
    fields=3,
    op=0,
    size=2,
    marked=(1, b","),
)
PIN: Final = LineFormat(
    name=reference_lines.PIN,
    example="0x7f31c0: W 0x7ffe18",
    pattern=reference_lines.LINES[reference_lines.PIN],
    kinds={b"R": READ, b"W": WRITE},
    fields=3,
    op=1,
    address=2,
    marked=(0, b":"),
    number=0,
)
RW: Final = LineFormat(
    name=reference_lines.RW,
    example="R 7ffe18",
    pattern=reference_lines.LINES[reference_lines.RW],
    kinds={b"R": READ, b"W": WRITE},
    fields=2,
)
DIN: Final = LineFormat(
    name=reference_lines.DIN,
    example="1 7ffe18",
    pattern=reference_lines.LINES[reference_lines.DIN],
    # 3 is an access of an unknown kind, 4 is not an access but a flush of the cache.
    kinds={b"0": READ, b"1": WRITE, b"2": FETCH, b"3": READ, b"4": NONE},
    fields=2,
    op=0,
)
