"""Traces as tables: each line is an access, and the user says which column is what (`--columns`).

Columns are divided by a comma or a semicolon, with or without blanks, or by blanks, with or without a colon
before them. So this also reads the text of DynamoRIO's memory traces and of gem5's packet traces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.errors import BadInput
from engine.inputs.reference_lines import BLANKS, CSV
from engine.references.access_lines import AccessLines, checked_access, no_accesses, shown
from engine.references.chunk import FETCH, READ, UNKNOWN, WRITE, Accesses
from engine.references.fields import Fields, Numbers

KINDS: Final[Mapping[bytes, int]] = {
    b"r": READ, b"l": READ, b"0": READ, b"read": READ, b"load": READ,
    b"w": WRITE, b"s": WRITE, b"m": WRITE, b"1": WRITE, b"write": WRITE, b"store": WRITE,
    b"i": FETCH, b"2": FETCH, b"ifetch": FETCH, b"fetch": FETCH,
}  # fmt: skip
"""The operations, in lower case."""

MOST_COLUMNS: Final = 1000

_NAMES: Final = ("addr", "op", "size")
_RIGHT: Final = "use addr=N, op=N and size=N, such as addr=2,op=3; the first column is 1"
_BETWEEN: Final = re.compile(rb"[ \t\r\v\f]*[,;][ \t\r\v\f]*|:?[ \t\r\v\f]+")
_ADDRESS: Final = re.compile(rb"0[xX]([0-9a-fA-F]+)|([0-9]+)")
_SIZE: Final = re.compile(rb"[0-9]+")
_NAME: Final = re.compile(rb"[a-zA-Z\x80-\xff]")
_LIKE_NUMBER: Final = re.compile(rb"[0-9]|\A\W*[a-fA-F]+\W*\Z")
"""What is found in a number that is written wrong: a digit, or hexadecimal digits only, even in quotes."""


@dataclass(frozen=True)
class Columns(AccessLines):
    """A table; the numbers of its columns are from 0.

    address: of the address, hexadecimal after `0x`, else decimal.
    op:      of the operation; without it, all accesses are reads.
    size:    of the size in bytes; without it, an access is of one byte.
    """

    address: int
    op: int | None = None
    size: int | None = None
    name = CSV

    @property
    def fetches(self) -> bool:
        """With a column of the operation."""
        return self.op is not None

    @property
    def separators(self) -> bytes:
        """The blanks, commas, semicolons and colons."""
        return BLANKS + b",;:"

    def access(self, line: bytes) -> tuple[int, int, int]:
        """Read one line.

        Errors: BadInput.
        """
        cells = _BETWEEN.split(line.strip(BLANKS))
        address = _ADDRESS.fullmatch(self._cell(cells, self.address))
        if address is None:
            problem = (
                f"{shown(self._cell(cells, self.address))} in column {self.address + 1} is not an address"
            )
            raise BadInput(f"{problem}; use a decimal number, or a hexadecimal one with 0x")
        kind = READ if self.op is None else KINDS.get(self._cell(cells, self.op).lower(), UNKNOWN)
        if kind == UNKNOWN:
            problem = (
                f"{shown(self._cell(cells, self.op or 0))} in column {(self.op or 0) + 1} is not an operation"
            )
            raise BadInput(f"{problem}; use R, L or 0 to read, W, S, M or 1 to write, I or 2 to fetch")
        size = b"1" if self.size is None else self._cell(cells, self.size)
        if not _SIZE.fullmatch(size):
            raise BadInput(
                f"{shown(size)} in column {(self.size or 0) + 1} is not a size; use a number of bytes"
            )
        base = 10 if address[1] is None else 16
        return kind, *checked_access(address[1] or address[2], base, size)

    def _cell(self, cells: list[bytes], column: int) -> bytes:
        if column >= len(cells):
            raise BadInput(f"the line has no column {column + 1}; check --columns")
        return cells[column]

    def by_fields(self, fields: Fields) -> tuple[Accesses, Numbers]:
        """Leave all lines to be read alone: an empty column is not a field."""
        counts = np.diff(fields.first)
        return no_accesses(len(counts)), np.flatnonzero(counts)

    def is_header(self, line: bytes) -> bool:
        """Whether the first line of a file names the columns: no field that is read could be right."""
        cells = _BETWEEN.split(line.strip(BLANKS))
        if max(self.address, self.op or 0, self.size or 0) >= len(cells):
            return False
        if self.op is not None and cells[self.op].lower() in KINDS:
            return False
        numbers = [cells[column] for column in (self.address, self.size) if column is not None]
        return all(_NAME.search(cell) and not _LIKE_NUMBER.search(cell) for cell in numbers)


def read_columns(text: str) -> Columns:
    """Parse what `--columns` says, such as `addr=2,op=3`.

    Errors: BadInput.
    """
    columns: dict[str, int] = {}
    for item in text.split(","):
        name, _, number = item.strip().partition("=")
        right = (
            number.isascii() and number.isdecimal() and len(number) <= 4 and 1 <= int(number) <= MOST_COLUMNS
        )
        if name not in _NAMES or not right:
            raise BadInput(f"--columns: {item[:40]!r} is not a column; {_RIGHT}")
        if name in columns:
            raise BadInput(f"--columns: {name} is given twice; give it once")
        columns[name] = int(number) - 1
    if "addr" not in columns:
        raise BadInput(f"--columns has no addr; {_RIGHT}")
    return Columns(columns["addr"], columns.get("op"), columns.get("size"))
