"""The keys that a text starts with, if it is TOML or JSON, also where it is cut or has mistakes.

A parser would refuse such a text, and with it the answer to what it should have been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_STRINGS: Final = re.compile(
    r"""(?s)\#[^\n]*|\"{3}(?:\\.|.)*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?"""
)
_KEY: Final = re.compile(
    r"""^[ \t]*+(?:"([^"\n]*+)"|([A-Za-z0-9_-]++))[ \t]*+(?:\.[^=\n]*+)?=""", re.MULTILINE
)
_TABLE: Final = re.compile(r"^[ \t]*+\[\[?[ \t]*+([A-Za-z0-9_-]++)[^\]\n]*+\]\]?[ \t]*+$", re.MULTILINE)
_TOKEN: Final = re.compile(r'(?s)"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)|[{}\[\]:,]|[^\s"{}\[\]:,]+')


@dataclass(frozen=True)
class TomlKeys:
    """The keys above the first table, and the first words of the tables' names."""

    keys: frozenset[str]
    tables: frozenset[str]


@dataclass(frozen=True)
class JsonKeys:
    """The keys of the first object, with the text of each value that is not a table or a list.

    listed: whether the object is the first of a list.
    """

    values: dict[str, str] = field(default_factory=dict)
    listed: bool = False


def toml_keys(text: str) -> TomlKeys:
    """Return the keys of a text, as if it were TOML; none if it starts with other words, as a README does."""
    text = _STRINGS.sub(_without_lines, text)
    first = _TABLE.search(text)
    start = len(text) - len(text.lstrip())
    if not (_KEY.match(text, start) or _TABLE.match(text, start)):
        return TomlKeys(frozenset(), frozenset())
    keys = _KEY.finditer(text, 0, len(text) if first is None else first.start())
    tables = (found[1] for found in _TABLE.finditer(text))
    return TomlKeys(frozenset(found[1] or found[2] for found in keys), frozenset(tables))


def _without_lines(found: re.Match[str]) -> str:
    """A comment becomes nothing, a string of several lines an empty one."""
    string = found[0]
    if string.startswith("#"):
        return ""
    return '""' if string.startswith(('"""', "'''")) else string


def json_keys(text: str) -> JsonKeys | None:
    """Return the keys of the first object of a text, as if it were JSON; None if it starts with none."""
    start = text.lstrip()
    listed = start.startswith("[")
    if not (start[1:].lstrip() if listed else start).startswith("{"):
        return None
    found = JsonKeys({}, listed)
    for key, value in _members(text, 1 + listed):
        found.values.setdefault(key, value)
    return found


def _members(text: str, wanted: int) -> Iterator[tuple[str, str]]:
    """The keys and values of the first object that is `wanted` brackets deep."""
    depth, key, last, after_colon = 0, "", "", False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            if depth == wanted and after_colon:
                yield key, ""
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth < wanted:
                return
        elif depth == wanted and mark == ":":
            key, after_colon = last, True
            continue
        elif depth == wanted and after_colon:
            yield key, mark.strip('"')
        last, after_colon = token[1] or "", False
