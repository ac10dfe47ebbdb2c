"""The sources of the engine, which are part of every cached result and the same on every worker."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import engine


@cache
def engine_digest() -> str:
    """Return the sha256 of the names and texts of all modules of the engine, in hexadecimal."""
    root = Path(engine.__file__).parent
    found = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        text = path.read_bytes()
        found.update(f"{path.relative_to(root).as_posix()} {len(text)}\n".encode())
        found.update(text)
    return found.hexdigest()
