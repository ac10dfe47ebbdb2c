"""The text of a scenario or course file, as UTF-8 and of limited size."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from engine.errors import BadInput

LARGEST_FILE: Final = 1 << 20


def read_text(path: Path, what: str = "a scenario file") -> str:
    """Read the text of a file.

    what: what the file should be, for messages.
    Errors: BadInput with the file if it cannot be read.
    """
    return text_of(read_bytes(path, what), path)


def read_bytes(path: Path, what: str = "a scenario file") -> bytes:
    """Read the bytes of a file.

    what: as for read_text.
    Errors: BadInput with the file if it cannot be read, or is too large.
    """
    file = str(path)
    try:
        if path.is_dir():
            raise BadInput(f"this is a directory; give {what}", file=file)
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadInput(f"cannot read the file: {error.strerror}; give {what}", file=file) from None
    if len(raw) > LARGEST_FILE:
        raise BadInput(f"the file is too large; the limit is {LARGEST_FILE:,} bytes", file=file)
    return raw


def text_of(raw: bytes, path: Path) -> str:
    """Decode the bytes of a file.

    Errors: BadInput with file and line if they are not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput("the file is not UTF-8; save it as UTF-8 text", file=str(path), line=line) from None
