"""A file that a key of a scenario names: it must be a regular file, so that reading it ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.inputs.regular_file import other_kind

LONGEST: Final = 200
"""Characters of a name in a message; of a longer one the end."""


def state_of(name: str, folder: Path, error: Callable[[str], BadInput], right: str) -> tuple[int, ...]:
    """Return what changes when the contents of a named file do: its time and size.

    folder: from which the path is counted. error: returns a BadInput at the key. right: what a message
    advises.
    Errors: BadInput if there is no such file, or it is not a regular one.
    """
    stat = _stat(folder / name)
    if stat is None or other_kind(stat.st_mode):
        raise error(f"{_wrong(name, stat)}; {right}")
    return (stat.st_mtime_ns, stat.st_size)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        return None


def _wrong(name: str, stat: os.stat_result | None) -> str:
    """What a name is, if it is not that of a regular file."""
    shown = repr(name if len(name) <= LONGEST else f"...{name[-LONGEST:]}")
    if stat is None:
        return f"there is no file {shown}"
    return f"{shown} is {other_kind(stat.st_mode)}, not a regular file"
