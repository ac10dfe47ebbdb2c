"""The text of a trace file in blocks of whole lines, gzipped or plain, without its comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Final

from engine.errors import BadInput
from engine.inputs.reference_lines import COMMENTS
from engine.inputs.traces.file import GZIP_ERRORS, STDIN, open_trace, readable

BLOCK: Final = 1 << 20
"""Bytes of a block, about: as many as stay in the cache of a processor."""

_MARK: Final = b"\xef\xbb\xbf"
_COMMENTS: Final = re.compile(rb"^(?:==|#)[^\n]*", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A part of a file.

    text:   the bytes; in place of a comment there is nothing, so the lines keep their numbers.
    line:   the number of the first line, from 1.
    whole:  whether it ends at the end of a line; if not, the line is longer than a block, and the next one
            continues it after a word.
    """

    text: bytes
    line: int
    whole: bool

    def line_at(self, offset: int) -> int:
        """Return the number of the line at an offset into the text."""
        return self.line + self.text.count(b"\n", 0, offset)


def shown_path(path: str) -> str:
    """Return what messages call a file."""
    return "stdin" if path == "-" else path


def text_blocks(path: str) -> Iterator[Block]:
    """Yield the text of a file, or of standard input for `-`.

    Errors: BadInput with file and line if it cannot be read, is not text, or has a word of a block's length.
    """
    with open_trace(STDIN if path == "-" else path) as stream:
        yield from _without_comments(_cut(stream, shown_path(path)))


def _cut(stream: BufferedIOBase, name: str) -> Iterator[Block]:
    """Cut a stream after the last line of each piece that is read, or after the last word of a long line."""
    pieces = _pieces(stream)
    text, line = _next_piece(pieces, name, 1).removeprefix(_MARK), 1
    while text:
        cut = text.rfind(b"\n") + 1 or _after_word(text, name, line)
        if cut:
            yield Block(text[:cut], line, text[cut - 1] == ord("\n"))
            line += text.count(b"\n", 0, cut)
            text = text[cut:]
        piece = _next_piece(pieces, name, line)
        if not piece:
            break
        text += piece
    if text:
        yield Block(text, line, whole=True)


def _pieces(stream: BufferedIOBase) -> Iterator[bytes]:
    """Yield the bytes in pieces of a block; where gzip data ends early, all that comes before first.

    Errors: GZIP_ERRORS.
    """
    ended: Exception | None = None
    while ended is None:
        parts, missing = [], BLOCK
        try:
            while missing and (part := stream.read1(missing)):
                parts.append(part)
                missing -= len(part)
        except GZIP_ERRORS as error:
            ended = error
        if parts:
            yield b"".join(parts)
        elif ended is None:
            return
    raise ended


def _next_piece(pieces: Iterator[bytes], name: str, line: int) -> bytes:
    """Return the next piece, which starts in a line; nothing at the end."""
    with readable(name, line):
        piece = next(pieces, b"")
    if (at := piece.find(b"\0")) >= 0:
        line += piece.count(b"\n", 0, at)
        raise BadInput("the file is not text; give a trace as text, or gzipped", file=name, line=line)
    return piece


def _after_word(text: bytes, name: str, line: int) -> int:
    """Return where to cut a line: after a word if it is longer than a block, else 0, to read more of it."""
    if len(text) < BLOCK:
        return 0
    cut = max(text.rfind(end) for end in (b" ", b",", b"\t", b"\r")) + 1
    if not cut:
        problem = f"a word is longer than {BLOCK:,} bytes; give a text trace, one reference a line"
        raise BadInput(problem, file=name, line=line)
    return cut


def _without_comments(blocks: Iterator[Block]) -> Iterator[Block]:
    """Remove the lines that begin with `==` or `#`; such a line may be longer than a block."""
    continued = comment = False
    for block in blocks:
        head, end, tail = block.text.partition(b"\n") if continued else (b"", b"", block.text)
        head = b"" if comment else head
        last = block.text[block.text.rfind(b"\n") + 1 :]
        comment = (comment if continued and not end else last.startswith(COMMENTS)) and not block.whole
        continued = not block.whole
        if b"#" in tail or b"==" in tail:
            tail = _COMMENTS.sub(b"", tail)
        yield Block(head + end + tail, block.line, block.whole)
