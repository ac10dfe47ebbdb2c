"""Whether a path is that of a regular file, which can be read to its end, and again."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK
from typing import Final

from engine.errors import BadInput

_KINDS: Final = {S_IFDIR: "a directory", S_IFIFO: "a pipe", S_IFSOCK: "a socket"}


def other_kind(mode: int) -> str:
    """Return what a file with this st_mode is, in words; "" for a regular file."""
    kind = S_IFMT(mode)
    return "" if kind == S_IFREG else _KINDS.get(kind, "a device")


def check_no_pipe(path: Path | str, advice: str) -> None:
    """Check that reading a file will end: it is not a pipe, a socket or a device.

    advice: what to give instead. What else is wrong, such as a directory, its reader says.
    Errors: BadInput.
    """
    try:
        kind = other_kind(os.stat(path).st_mode)
    except (OSError, ValueError):
        return
    if kind not in ("", _KINDS[S_IFDIR]):
        raise BadInput(f"this is {kind}, not a regular file; {advice}", file=str(path))
