"""Reader for kernel traces: JSON lines with one object each, gzipped or plain.

Any other file is a BadInput with file and line; the rest of the program sees only objects whose numbers are
integers.
Source: golden/FORMAT.md.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from typing import Any, Final, NoReturn

from engine.errors import BadInput

Line = dict[str, Any]

MAX_LINE: Final = 1 << 23
"""Maximum length of a line in bytes. The longest operation lists 65,536 pages, in 5 MB; what Python makes of
a line takes up to 25 times its length."""

MAX_TEXT: Final = 1 << 23
"""Maximum length in bytes of a file that is read as a whole."""

MOST_DIGITS: Final = 4000
"""Python prints integers of at most 4,300 digits; those of a line, and what follows from them, stay below."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_MARK: Final = b"\xef\xbb\xbf"
_LONG_NUMBER: Final = re.compile(rb"[0-9]{%d}" % MOST_DIGITS)
_TOO_LONG: Final = f"a number has {MOST_DIGITS:,} digits or more; no value of a kernel has"


GZIP_ERRORS: Final = (EOFError, zlib.error, gzip.BadGzipFile)
"""What the reader of gzip data raises where it is truncated or corrupt."""

STDIN: Final = 0
"""The file descriptor of standard input."""


@contextmanager
def open_trace(path: str | int, wanted: str = "a trace") -> Iterator[BufferedIOBase]:
    """Open `path` for reading, decompressing it if it starts with gzip's magic number.

    path:   a file, or a pipe; or the number of an open file, which stays open.
    wanted: what the file should be, for the message.
    Errors: BadInput if the file cannot be read.
    """
    try:
        with open(path, "rb", closefd=isinstance(path, str)) as raw:
            # A pipe cannot be rewound.
            if raw.peek(2).startswith(_GZIP_MAGIC):
                with gzip.open(raw, "rb") as unzipped:
                    yield unzipped
            else:
                yield raw
    except OSError as error:
        reason = error.strerror or error
        name = "stdin" if path == STDIN else str(path)
        raise BadInput(f"cannot read the file: {reason}; give {wanted}", file=name) from None


def read_lines(path: str) -> Iterator[tuple[int, Line]]:
    """Yield each line of a trace as (line number from 1, object).

    Errors: BadInput for a file that cannot be read, is truncated, or has anything except JSON objects.
    """
    number = 0
    with open_trace(path) as stream:
        while True:
            number += 1
            text = _next_line(stream, path, number)
            if not text:
                break
            yield number, _parse(text, path, number)
    if number == 1:
        raise BadInput("the file is empty; a trace starts with a header line", file=path, line=1)


def begins_with(path: str, mark: bytes) -> bool:
    """Whether a file starts with `mark`, after optional white space.

    Errors: BadInput if the file cannot be read.
    """
    with open_trace(path) as stream, readable(path, 1):
        return stream.read(64).removeprefix(_MARK).lstrip().startswith(mark)


def read_text(path: str) -> str:
    """Return the whole text of a file.

    Errors: BadInput if it cannot be read, is too long, or is not UTF-8.
    """
    with open_trace(path) as stream, readable(path, 1):
        raw = stream.read(MAX_TEXT + 1)
        if len(raw) > MAX_TEXT:
            problem = f"a file that starts with [ has at most {MAX_TEXT:,} bytes; split it"
            raise BadInput(problem, file=path, line=1)
        if found := _LONG_NUMBER.search(raw):
            line = raw.count(b"\n", 0, found.start()) + 1
            raise BadInput(f"not JSON with integers: {_TOO_LONG}", file=path, line=line)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadInput(f"the file is not UTF-8: {error}; save it as UTF-8", file=path, line=1) from None


@contextmanager
def readable(path: str, number: int) -> Iterator[None]:
    """Convert a gzip error to a BadInput for line `number`."""
    try:
        yield
    except GZIP_ERRORS as error:
        problem = f"the gzip data is truncated or corrupt here ({error}); give a complete file"
        raise BadInput(problem, file=path, line=number) from None


def _next_line(stream: BufferedIOBase, path: str, number: int) -> bytes:
    with readable(path, number):
        text = stream.readline(MAX_LINE)
    if number == 1:
        text = text.removeprefix(_MARK)
    if len(text) == MAX_LINE:
        problem = f"the line is longer than {MAX_LINE:,} bytes; a trace has one JSON object per line"
        raise BadInput(problem, file=path, line=number)
    return text


_BOOLEANS_ALLOWED: Final = frozenset({"brief", "finalize"})


def _refuse_booleans(value: Any, key: str = "") -> None:
    """Reject JSON's true and false, which would pass for 1 and 0, except in two settings of the header."""
    if isinstance(value, dict):
        for name, member in value.items():
            _refuse_booleans(member, name)
    elif isinstance(value, list):
        for member in value:
            _refuse_booleans(member, key)
    elif isinstance(value, bool) and key not in _BOOLEANS_ALLOWED:
        raise ValueError(f"`{key}` is {str(value).lower()}; it must be an integer")


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not an integer")


DECODER: Final = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)


def _parse(text: bytes, path: str, number: int) -> Line:
    try:
        if len(text) >= MOST_DIGITS and _LONG_NUMBER.search(text):
            raise ValueError(_TOO_LONG)
        line = DECODER.decode(text.decode("utf-8"))
        if b"true" in text or b"false" in text:
            _refuse_booleans(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"not a line of JSON with integers: {error}", file=path, line=number) from None
    if type(line) is not dict:
        raise BadInput("not a JSON object; a trace has one per line", file=path, line=number)
    return line
