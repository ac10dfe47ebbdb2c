"""Reader for kernel traces: JSON lines with one object each, gzipped or plain.

Any other file is a BadInput with file and line; the rest of the program sees only objects whose numbers are
integers.
Source: golden/FORMAT.md.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, NoReturn

from engine.errors import BadInput

Line = dict[str, Any]

MAX_LINE: Final = 1 << 27
"""Maximum length of a line in bytes."""

_GZIP_MAGIC: Final = b"\x1f\x8b"


@contextmanager
def open_trace(path: str) -> Iterator[IO[bytes]]:
    """Open `path` for reading, decompressing it if it starts with gzip's magic number.

    Errors: BadInput if the file cannot be read.
    """
    try:
        with open(path, "rb") as raw:
            zipped = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            if zipped:
                with gzip.open(raw, "rb") as unzipped:
                    yield unzipped  # type: ignore[misc]  # GzipFile is an IO[bytes] in all but name
            else:
                yield raw
    except OSError as error:
        reason = error.strerror or error
        raise BadInput(f"cannot read the file: {reason}; give a trace", file=path) from None


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
    with open_trace(path) as stream, _readable(path, 1):
        return stream.read(64).lstrip().startswith(mark)


def read_text(path: str) -> str:
    """Return the whole text of a file.

    Errors: BadInput if it cannot be read or is not UTF-8.
    """
    with open_trace(path) as stream, _readable(path, 1):
        try:
            return stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"the file is not UTF-8: {error}; save it as UTF-8", file=path, line=1) from None


@contextmanager
def _readable(path: str, number: int) -> Iterator[None]:
    """Convert a gzip error to a BadInput for line `number`."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem = f"the gzip data is truncated or corrupt here ({error}); give a complete file"
        raise BadInput(problem, file=path, line=number) from None


def _next_line(stream: IO[bytes], path: str, number: int) -> bytes:
    with _readable(path, number):
        text = stream.readline(MAX_LINE)
    if len(text) == MAX_LINE:
        problem = f"the line is longer than {MAX_LINE} bytes; a trace has one JSON object per line"
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
        line = DECODER.decode(text.decode("utf-8"))
        if b"true" in text or b"false" in text:
            _refuse_booleans(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"not a line of JSON with integers: {error}", file=path, line=number) from None
    if type(line) is not dict:
        raise BadInput("not a JSON object; a trace has one per line", file=path, line=number)
    return line
