"""The plain lines of a pasted text: without the marks that terminals and pagers leave in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from engine.errors import BadInput

MAX_LINES: Final = 2_000_000
"""Maximum number of lines of a text."""

MAX_LINE: Final = 65_536
"""Maximum length of a line that can be part of a dump; 1,024 numbers of 20 digits take 21,504."""

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")

_PLAIN: Final = (
    ("\ufeff", ""),
    ("\u200b", ""),
    ("\u00a0", " "),
    ("\u2007", " "),
    ("\u2009", " "),
    ("\u202f", " "),
    ("\u2212", "-"),
    ("\t", " "),
    ("\r\r\n", "\n"),
    ("\r\n", "\n"),
)
"""Characters that stand for others, and line ends: applied in this order."""

_ESCAPE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[()*+][0-9A-Za-z]|\x1b[0-~]"
)
_CONTROL: Final = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]")
_PAGER: Final = re.compile(r"--More--(?:\([0-9]+%\))?(?:\r *\r|\x08+ *\x08+|\r(?!\n))?")
"""The prompt of a pager, and what erases it."""


class Row(NamedTuple):
    """A line of the text as it is read: line number, text without its end, and whether it has an end."""

    line: int
    text: str
    ended: bool


def decoded(raw: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 with its mark; bytes that are neither become U+FFFD."""
    coding = "utf-16" if raw.startswith(_UTF16) else "utf-8"
    return raw.decode(coding, errors="replace")


def rows(text: str, file: str) -> Iterator[Row]:
    """Yield the lines of a text, without escape sequences, pager prompts and other control characters.

    Lines end with LF, CRLF or CR. Where the text has LF, what follows a lone CR is a row of its own with the
    same line number.
    Errors: BadInput if there are more than MAX_LINES lines.
    """
    text = _plain(text)
    start, line = 0, 0
    while start < len(text):
        line += 1
        if line > MAX_LINES:
            raise BadInput(f"the text has more than {MAX_LINES:,} lines; split it", file=file, line=line)
        end = text.find("\n", start)
        ended = end >= 0
        piece = text[start : end if ended else None]
        start = end + 1 if ended else len(text)
        if "\b" in piece:
            piece = _erased(piece)
        *parts, last = piece.split("\r")
        yield from (Row(line, part, True) for part in parts)
        yield Row(line, last, ended)


def _plain(text: str) -> str:
    if "\x1b" in text or "\x9b" in text:
        text = _ESCAPE.sub("", text)
    if "--More--" in text:
        text = _PAGER.sub("", text)
    for odd, plain in _PLAIN:
        if odd in text:
            text = text.replace(odd, plain)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return _CONTROL.sub("", text) if _CONTROL.search(text) else text


def _erased(line: str) -> str:
    """Return a line as it looks on a terminal after its backspaces."""
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
