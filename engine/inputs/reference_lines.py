"""The formats of reference strings, as their lines show them, without the parts that read them.

engine.references reads the formats; this module recognises one by its lines, and does not need NumPy.

Source: valgrind's lackey (`--trace-mem=yes`), Pin's pinatrace, Dinero's din input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

BLANKS: Final = b" \t\r\v\f"

COMMENTS: Final = (b"==", b"#")
"""What a line starts with that is a comment."""

LACKEY, PIN, RW, DIN, ADDRESSES, PAGES, CSV = "lackey", "pin", "rw", "din", "addresses", "pages", "csv"
"""The names of the formats."""

FORMATS: Final = (LACKEY, PIN, RW, DIN, ADDRESSES, PAGES, CSV)
"""What `--format` takes; all but the last are known by their content, and tried in this order."""

_HEX: Final = rb"(?:0[xX])?(?P<address>[0-9a-fA-F]+)"
_OP: Final = rb"(?P<op>[RW])"

LINES: Final = {
    LACKEY: re.compile(rb"(?P<op>[ILSM])\s+" + _HEX + rb",(?P<size>[0-9]+)"),
    PIN: re.compile(rb"(?:0[xX])?[0-9a-fA-F]+:\s*" + _OP + rb"\s+" + _HEX),
    RW: re.compile(
        _OP
        + rb"\s+"
        + _HEX
        + rb"|"
        + (_HEX + rb"\s+" + _OP).replace(b"address", b"address2").replace(b"op", b"op2")
    ),
    DIN: re.compile(rb"(?P<op>[0-4])\s+" + _HEX),
}
"""A line without the blanks at its ends; the groups are op, address and maybe size."""

WORDS: Final = {ADDRESSES: re.compile(rb"0[xX]([0-9a-fA-F]+)"), PAGES: re.compile(rb"([0-9]+)")}
"""A word; its group is the digits."""

OPERATIONS: Final = frozenset(
    {"r", "l", "read", "load", "w", "s", "m", "write", "store", "i", "ifetch", "fetch"}
)
"""The operations of a table in letters, in lower case."""

_BETWEEN_WORDS: Final = re.compile(rb"[\s,]+")
_ADDRESS: Final = re.compile(r"0[xX][0-9a-fA-F]+")
_CELL: Final = re.compile(r"[^\s,;]+")


def format_of(line: bytes, *, din: bool) -> str | None:
    """Return the format of a line that has more than blanks, one of FORMATS; None if it has none.

    din: whether the line may be one of Dinero, whose lines can be lists of page numbers too.
    """
    line = line.strip(BLANKS)
    for name, pattern in LINES.items():
        if (din or name != DIN) and pattern.fullmatch(line):
            return name
    for name, pattern in WORDS.items():
        if all(pattern.fullmatch(word) for word in _BETWEEN_WORDS.split(line.strip(b","))):
            return name
    return None


def format_of_lines(lines: Iterable[bytes]) -> str | None:
    """Return the format that all lines have, those that are blank or comments aside; None for none."""
    told = [line for line in lines if line.strip(BLANKS) and not line.startswith(COMMENTS)]
    for din in (False, True):
        found = {format_of(line, din=din) for line in told}
        if len(found) == 1 and None not in found:
            return found.pop()
    return None


def columns_of(lines: Sequence[str]) -> str | None:
    """Return what `--columns` must say of a table, such as `addr=2,op=3`; None if it is not one of accesses.

    Addresses are known by 0x, or by the header; an operation is a word of OPERATIONS.
    """
    rows = [[cell.strip() for cell in re.split("[,;]", line)] for line in lines if line.strip()]
    if not rows or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
        return None
    header = [] if any(map(_ADDRESS.fullmatch, rows[0])) else [cell.lower() for cell in rows[0]]
    rows = rows[1:] if header else rows
    if not rows or not all(_CELL.fullmatch(cell) for row in rows for cell in row):
        return None
    table = list(zip(*rows, strict=True))
    named = {name: [n for n, cell in enumerate(header) if cell.startswith(name)] for name in ("addr", "size")}
    hexadecimal = [n for n, cells in enumerate(table) if all(map(_ADDRESS.fullmatch, cells))]
    decimal = [n for n, cells in enumerate(table) if all(map(str.isdecimal, cells))]
    address = [n for n in named["addr"] if n in decimal or n in hexadecimal] or hexadecimal
    op = [n for n, cells in enumerate(table) if all(cell.lower() in OPERATIONS for cell in cells)]
    size = [n for n in named["size"] if n in decimal]
    if not address or not (op or header):
        return None
    found = (("addr", address), ("op", op), ("size", size))
    return ",".join(f"{name}={numbers[0] + 1}" for name, numbers in found if numbers)
