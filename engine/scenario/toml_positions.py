"""Line numbers of the tables, keys, array elements and strings of a TOML file.

`tomllib` returns values without positions. This scanner walks over a document that `tomllib` has accepted and
records the line of each table, key and array element, and for each string the file's line of each of its
own lines. If it has no line for an item, it uses the nearest enclosing one: at least the table's header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

Path = tuple[str | int, ...]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SPACE: Final = re.compile(r"[ \t]*")
_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_TRIM: Final = re.compile(r"\\[ \t]*\n\s*")
_SCALAR: Final = re.compile(r"[^,\]}\n#]*")


class Places:
    """The line numbers of a document, which is scanned at the first lookup.

    given: the keys that were not given in the document, and their origin.
    """

    def __init__(self, document: str, given: Mapping[Path, str] | None = None) -> None:
        self._document = document
        self._given = given or {}

    def given(self, path: Path) -> str:
        """Return the origin of a key, or of keys of a table, outside the document: `--set KEY`; or ""."""
        around = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in self._given), None)
        if around is not None:
            return self._given[around]
        return ", ".join(place for at, place in self._given.items() if path and at[: len(path)] == path)

    @cached_property
    def _found(self) -> _Scan:
        return _Scan(self._document)

    @property
    def lines(self) -> dict[Path, int]:
        """Path of a table, key or element -> its line."""
        return self._found.lines

    @property
    def text(self) -> dict[Path, list[int]]:
        """Path of a string -> the file's line of each line of the string."""
        return self._found.text

    def line(self, path: Path) -> int:
        """Return the line of `path`, or of the nearest item that contains it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


class _Scan:
    """A scan of a document, from its first line to its last."""

    def __init__(self, document: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.text: dict[Path, list[int]] = {}
        self._document = document.replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self._arrays: dict[Path, int] = {}
        while self._at < len(self._document):
            self._statement()

    # --- walking ------------------------------------------------------------------------------------------

    def _statement(self) -> None:
        """Scan a table header or a key with its value, after blank lines and comments."""
        self._skip_blank()
        start = self._at
        if self._peek("["):
            self._header()
        elif start < len(self._document):
            self._pair(self._table)
        if self._at == start:  # no progress: skip to the next line
            self._to_line_end()

    _table: Path = ()

    def _peek(self, text: str) -> bool:
        return self._document.startswith(text, self._at)

    def _advance(self, to: int) -> str:
        """Advance to position `to`, counting lines; return the text in between."""
        passed = self._document[self._at : to]
        self._line += passed.count("\n")
        self._at = to
        return passed

    def _skip_spaces(self) -> None:
        match = _SPACE.match(self._document, self._at)
        self._at = match.end() if match else self._at

    def _skip_blank(self) -> None:
        """Skip white space, line ends and comments."""
        while self._at < len(self._document):
            if self._peek("#"):
                self._to_line_end()
            elif self._document[self._at] in " \t\n\r":
                self._advance(self._at + 1)
            else:
                return

    def _to_line_end(self) -> None:
        end = self._document.find("\n", self._at)
        self._advance(len(self._document) if end < 0 else end + 1)

    def _header(self) -> None:
        array = self._peek("[[")
        line = self._line
        self._at += 2 if array else 1
        keys = self._keys()
        self._to_line_end()
        path = self._resolve((), keys[:-1]) + tuple(keys[-1:])
        if array:
            self.lines.setdefault(path, line)
            number = self._arrays[path] = self._arrays.get(path, -1) + 1
            path = (*path, number)
        self.lines[path] = line
        self._table = path

    def _resolve(self, path: Path, keys: list[str]) -> Path:
        """Follow `keys`, entering the last element of each array of tables."""
        for key in keys:
            path = (*path, key)
            if path in self._arrays:
                path = (*path, self._arrays[path])
        return path

    def _keys(self) -> list[str]:
        """Scan a dotted key."""
        keys = []
        while True:
            self._skip_spaces()
            if self._peek('"') or self._peek("'"):
                keys.append(self._quoted())
            elif match := _BARE.match(self._document, self._at):
                self._at = match.end()
                keys.append(match[0])
            self._skip_spaces()
            if not self._peek("."):
                return keys
            self._at += 1

    def _quoted(self) -> str:
        """Scan a quoted key; its escapes are not resolved, as no allowed key has any."""
        quote = self._document[self._at]
        start = self._at + 1
        self._skip_quoted(quote)
        return self._document[start : self._at - 1]

    def _pair(self, table: Path) -> None:
        line = self._line
        keys = self._keys()
        if not self._peek("="):
            return
        self._at += 1
        for depth in range(1, len(keys) + 1):
            self.lines.setdefault((*table, *keys[:depth]), line)
        self._value((*table, *keys))

    # --- values -------------------------------------------------------------------------------------------

    def _value(self, path: Path) -> None:
        self._skip_spaces()
        self.lines.setdefault(path, self._line)
        for quotes in ('"""', "'''"):
            if self._peek(quotes):
                self._long_string(path, quotes)
                return
        if self._peek('"') or self._peek("'"):
            self._short_string(path)
        elif self._peek("["):
            self._at += 1
            self._elements(path)
        elif self._peek("{"):
            self._at += 1
            self._inline_table(path)
        else:
            match = _SCALAR.match(self._document, self._at)
            self._at = match.end() if match else self._at

    def _elements(self, path: Path) -> None:
        number = 0
        while True:
            self._skip_blank()
            start = self._at
            if self._at >= len(self._document) or self._peek("]"):
                self._at += 1
                return
            if self._peek(","):
                self._at += 1
                continue
            self.lines[*path, number] = self._line
            self._value((*path, number))
            number += 1
            if self._at == start:
                return

    def _inline_table(self, path: Path) -> None:
        while True:
            self._skip_blank()
            start = self._at
            if self._at >= len(self._document) or self._peek("}"):
                self._at += 1
                return
            if self._peek(","):
                self._at += 1
                continue
            self._pair(path)
            if self._at == start:
                return

    def _skip_quoted(self, quote: str) -> None:
        self._at += 1
        while self._at < len(self._document) and not self._peek(quote):
            escaped = quote[0] == '"' and self._peek("\\")
            self._advance(self._at + (2 if escaped else 1))
        self._at += len(quote)

    def _short_string(self, path: Path) -> None:
        line, start, quote = self._line, self._at, self._document[self._at]
        self._skip_quoted(quote)
        escapes = quote == '"'
        lines = 1 + (_count_escaped_newlines(self._document[start : self._at]) if escapes else 0)
        self.text[path] = [line] * lines

    def _long_string(self, path: Path, quotes: str) -> None:
        self._at += 3
        if self._peek("\n"):  # a line end right after the opening quotes is not part of the string
            self._advance(self._at + 1)
        lines = self.text[path] = [self._line]
        while self._at < len(self._document) and not self._peek(quotes):
            if quotes == '"""' and self._peek("\\"):
                self._escape(lines)
                continue
            newline = self._peek("\n")
            self._advance(self._at + 1)
            if newline:
                lines.append(self._line)
        self._at += 3
        while self._peek(quotes[0]):  # up to two quotes may precede the closing ones
            self._at += 1

    def _escape(self, lines: list[int]) -> None:
        """Scan an escape in a long string: a line continuation, an escaped line end, or any other."""
        trim = _TRIM.match(self._document, self._at)
        if trim:
            self._advance(trim.end())
            return
        match = _ESCAPE.match(self._document, self._at)
        text = self._advance(match.end() if match else self._at + 1)
        if _count_escaped_newlines(text):
            lines.append(self._line)


def _count_escaped_newlines(text: str) -> int:
    return sum(
        escape in ("\\n", "\\u000a", "\\U0000000a", "\\u000A", "\\U0000000A")
        for escape in _ESCAPE.findall(text)
    )
