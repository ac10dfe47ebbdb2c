"""The library of scenarios that comes with the program, and lookup of a scenario by name or path.

Listing reads only the keys at the start of each file, so that `pageq list` imports neither NumPy nor the
model.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput

LIBRARY: Final = Path(__file__).parent / "library"

_ORDER: Final = {"beginner": 0, "intermediate": 1, "expert": 2}

FIRST: Final = ("life-of-a-page", "tour")
"""The scenarios with which a new user starts."""


@dataclass(frozen=True)
class Listing:
    """The data of a scenario in the list."""

    name: str
    title: str
    level: str
    rules: str
    covers: tuple[str, ...]
    teaches: str = ""


def library_names() -> list[str]:
    """The names of the library's scenarios, in alphabetical order."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def list_scenarios() -> tuple[Listing, ...]:
    """List the library by level, easiest first; FIRST come first within their level."""
    found = [_listing(LIBRARY / f"{name}.toml") for name in library_names()]
    return tuple(
        sorted(found, key=lambda listing: (_ORDER[listing.level], listing.name not in FIRST, listing.name))
    )


_TABLE: Final = re.compile(r"^\[", re.MULTILINE)


def head_of(text: str) -> dict[str, Any]:
    """Read the keys of a TOML text before its first table; the rest of the text is not parsed.

    Errors: ValueError if the text is not TOML.
    """
    for table in _TABLE.finditer(text):
        try:
            return tomllib.loads(text[: table.start()])
        except tomllib.TOMLDecodeError:
            continue  # this [ starts a line within a string or list
    return tomllib.loads(text)


def _listing(path: Path) -> Listing:
    keys = head_of(path.read_text(encoding="utf-8"))
    return Listing(
        path.stem,
        keys["title"],
        keys.get("level", "beginner"),
        keys.get("rules", "document"),
        tuple(keys.get("covers", ())),
        keys.get("teaches", ""),
    )


WELL_KNOWN: Final = ("tour", "life-of-a-page")
"""The names that a message gives if no name is like the one that was typed."""


def find(name_or_path: str) -> Path:
    """Return the path of a scenario, given its name in the library or a path.

    Errors: BadInput, with the nearest names, if there is no such scenario.
    """
    names = library_names()
    if name_or_path in names:
        return LIBRARY / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if _is_there(path):
        return path
    near = difflib.get_close_matches(name_or_path, names, 3, 0.5) or WELL_KNOWN
    shown = name_or_path if len(name_or_path) <= 80 else f"{name_or_path[:80]}..."
    right = f"give a file, or a name such as {', '.join(near)} (pageq list has all)"
    raise BadInput(f"there is no scenario {shown!r}; {right}")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # the name is too long, or has a NUL byte
