"""The limits of a TOML text beyond its size: dotted keys, tables, and the size of integers.

tomllib takes time and memory that grow with the square of the number of parts of a dotted key, and about 0.1
ms for each table, so both are limited before the text is parsed. Python neither reads nor prints an integer
of more than 4,300 digits, and hexadecimal ones are read at any length: no integer of more than 64 bits is let
through.
"""

from __future__ import annotations

import re
from typing import Any, Final

from engine.errors import BadInput
from engine.inputs.shapes import is_long, is_number
from engine.scenario.toml_positions import Path, Places

MOST_PARTS: Final = 4
"""Maximum number of parts of a dotted key; no key of pageq has more than three."""

MOST_TABLES: Final = 20_000
"""Maximum number of table headers, inline tables and dotted keys."""

TOO_LARGE: Final = "an integer has at most 64 bits; use a smaller one"

_PART: Final = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DOTTED: Final = rf"(?:{_PART}[ \t]*+\.[ \t]*+)"
_LONG_KEY: Final = re.compile(
    rf"^(?:[^\n]*?[{{,])?[ \t]*+\[{{0,2}}+[ \t]*+{_DOTTED}{{{MOST_PARTS},}}+{_PART}[ \t]*+[=\]]"
)
_TABLE: Final = re.compile(rf"^[ \t]*+(?:\[|{_DOTTED})|\{{", re.MULTILINE)
_LONG_NUMBER: Final = re.compile(r"\d(?:_?\d){4299}")


def check_size(text: str, file: str) -> None:
    """Check the number of tables of a TOML text, and of parts of its keys, before it is parsed.

    Errors: BadInput with file and line.
    """
    if sum(1 for _ in _TABLE.finditer(text)) > MOST_TABLES:
        raise BadInput(f"this file has more than {MOST_TABLES:,} tables; use fewer", file=file, line=1)
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") >= MOST_PARTS and _LONG_KEY.match(line):
            words = f"this key has more than {MOST_PARTS} parts; use a shorter one"
            raise BadInput(words, file=file, line=number)


def check_integers(document: dict[str, Any], text: str, file: str) -> None:
    """Check that every integer of a parsed TOML text has at most 64 bits.

    Errors: BadInput with file and line.
    """
    path = too_large(document)
    if path is not None:
        raise BadInput(f"{path[0]}: {TOO_LARGE}", file=file, line=Places(text).line(path))


def too_large(value: Any) -> Path | None:
    """Return the path of the first integer of more than 64 bits in a value; () if the value is one itself."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(((*path, key), member) for key, member in part.items())
        elif isinstance(part, list):
            waiting.extend(((*path, number), member) for number, member in enumerate(part))
        elif is_number(part) and not is_long(part):
            return path
    return None


def unreadable_number(text: str) -> int | None:
    """Return the line of the first number that Python cannot read as an integer, or None."""
    found = _LONG_NUMBER.search(text)
    return None if found is None else text.count("\n", 0, found.start()) + 1
