"""The files that an experiment names: what is read must be a regular file, and its contents count."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.references import made, recorded

_BLOCK: Final = 1 << 20


def is_regular(path: Path) -> bool:
    """Whether a path is a regular file: reading it ends, and nothing else happens."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def string_digest(name: str, folder: Path) -> str:
    """Return the sha256 of the file of a reference string; "" for a made one, whose name says all.

    folder: from which the path of a file is counted. A file that is not there, or not regular, has "" too.
    Errors: BadInput if it cannot be read, or there is no such recorded string.
    """
    if name.startswith(made.PREFIX):
        return ""
    is_recorded = name.startswith(recorded.PREFIX)
    path = Path(recorded.recorded_path(name)) if is_recorded else folder / name
    return file_digest(path) if is_regular(path) else ""


def file_digest(path: Path) -> str:
    """Return the sha256 of a file's contents, in hexadecimal.

    Errors: BadInput if it cannot be read.
    """
    found = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                found.update(block)
    except OSError as error:
        raise BadInput(f"cannot read the file: {error.strerror}", file=str(path)) from None
    return found.hexdigest()
