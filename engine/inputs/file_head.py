"""The start of a file of unknown kind, as text: through gzip, in UTF-8 or UTF-16."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from stat import S_ISREG
from typing import Final

HEAD: Final = 1 << 16
"""Bytes of a file by which its kind is known, and of what gzip packs."""

_GZIP: Final = b"\x1f\x8b"
_PIECE: Final = 512
_MARK: Final = "\ufeff"
_MARKS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_LONGEST_UTF16: Final = 64
"""Bytes that are looked at in a file without a mark: in UTF-16, ASCII has every other byte 0."""


@dataclass(frozen=True)
class Head:
    """The start of a file.

    raw:     its bytes, unpacked; at most HEAD.
    gzipped: whether gzip had packed them.
    whole:   whether the file has no more.
    """

    raw: bytes
    gzipped: bool
    whole: bool

    @cached_property
    def utf16(self) -> str:
        """The encoding, if it is UTF-16; else ""."""
        start = self.raw[:_LONGEST_UTF16]
        if self.has_mark:
            return _MARKS[start[:2]]
        pairs = len(start) // 2
        first, second = start[: 2 * pairs : 2], start[1 : 2 * pairs : 2]
        if pairs > 1 and not any(second) and all(first):
            return "utf-16-le"
        return "utf-16-be" if pairs > 1 and not any(first) and all(second) else ""

    @property
    def has_mark(self) -> bool:
        """Whether it starts with a mark of UTF-16."""
        return self.raw[:2] in _MARKS

    @cached_property
    def text(self) -> str:
        """The text, with line ends of one character and without a byte order mark."""
        raw = self.raw[: len(self.raw) & ~1] if self.utf16 else self.raw
        text = raw.decode(self.utf16 or "utf-8", "replace").removeprefix(_MARK)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def lines(self) -> str:
        """The text up to its last whole line; of a file of one line, up to its last whole word."""
        if self.whole:
            return self.text
        cut = self.text.rfind("\n") + 1 or max(self.text.rfind(" "), self.text.rfind(",")) + 1
        return self.text[:cut] if cut else self.text


def head_of(raw: bytes) -> Head:
    """Return the start of a file, given its first HEAD bytes, or more."""
    if not raw.startswith(_GZIP):
        return Head(raw[:HEAD], gzipped=False, whole=len(raw) < HEAD)
    unpacked, ended = _unpacked(raw)
    return Head(unpacked, gzipped=True, whole=ended)


def _unpacked(raw: bytes) -> tuple[bytes, bool]:
    """Unpack what can be unpacked, at most HEAD bytes; return also whether that is all."""
    reader, found = zlib.decompressobj(16 + zlib.MAX_WBITS), b""
    try:
        for at in range(0, len(raw), _PIECE):
            found += reader.decompress(raw[at : at + _PIECE], HEAD - len(found))
            if len(found) >= HEAD:
                return found, False
    except zlib.error:
        return found, False
    return found, reader.eof


def read_head(path: Path | str) -> bytes | None:
    """Return the first HEAD bytes of a regular file; None for anything else, and if it cannot be read."""
    try:
        if not S_ISREG(os.stat(path).st_mode):
            return None  # a pipe gives its bytes once, and may wait for them
        with open(path, "rb") as stream:
            return stream.read(HEAD)
    except (OSError, ValueError):
        return None
