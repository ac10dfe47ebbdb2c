"""Writing TOML: the subset that scenarios need.

A string of several lines is written between triple quotes, so that a script stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ESCAPES: Final = {"\\": "\\\\", "\t": "\t", "\n": "\n"}


def toml_text(document: dict[str, Any]) -> str:
    """Return the text of a document of strings, integers, booleans, lists and tables."""
    return "\n".join(_table(document, ())).lstrip("\n") + "\n"


def _table(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield a table's own values, then its tables; a list of tables is written as [[...]] only at the top."""
    inner = [key for key, value in table.items() if isinstance(value, dict)]
    lists = [key for key, value in table.items() if not path and _is_tables(value)]
    for key, value in table.items():
        if key not in inner and key not in lists:
            yield f"{_key(key)} = {_value(value)}"
    for key in [key for key in table if key in inner or key in lists]:
        header = ".".join(map(_key, (*path, key)))
        for part in table[key] if key in lists else [table[key]]:
            yield f"\n[[{header}]]" if key in lists else f"\n[{header}]"
            yield from _table(part, (*path, key))


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _lines(value) if "\n" in value else _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(part)}' for key, part in value.items())} }}"
    return str(value)


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(char) for char in text).replace('"', '\\"').replace("\n", "\\n") + '"'


def _lines(text: str) -> str:
    body = "".join(_escaped(char) for char in text).replace('""', '"\\"')
    # If the text ends with an odd number of quotes, the last one is not escaped yet.
    odd = (len(text) - len(text.rstrip('"'))) % 2
    return f'"""\n{body[:-1]}\\""""' if odd else f'"""\n{body}"""'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    # Control characters, those of direction, and other line ends: people print files on terminals.
    number, safe = ord(char), char == " " or char.isprintable()
    return char if safe else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
