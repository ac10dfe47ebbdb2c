"""The library of scenarios that comes with the program, and finding one by name or path.

Listing reads nothing but the files' own keys, so that `pageq list` starts neither NumPy nor the model.
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
"""Where a newcomer begins."""


@dataclass(frozen=True)
class Listing:
    """What the list shows of a scenario."""

    name: str
    title: str
    level: str
    rules: str
    covers: tuple[str, ...]


def library_names() -> list[str]:
    """The names of the library's scenarios, in alphabetical order."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def list_scenarios() -> tuple[Listing, ...]:
    """The library, the easier scenarios first, and the FIRST ones before them."""
    found = [_listing(LIBRARY / f"{name}.toml") for name in library_names()]
    return tuple(
        sorted(found, key=lambda listing: (_ORDER[listing.level], listing.name not in FIRST, listing.name))
    )


_TABLE: Final = re.compile(r"^\[", re.MULTILINE)


def head_of(text: str) -> dict[str, Any]:
    """The keys of a TOML text that stand before its first table; the rest of it is not read.

    Errors: ValueError when the text is not TOML.
    """
    for table in _TABLE.finditer(text):
        try:
            return tomllib.loads(text[: table.start()])
        except tomllib.TOMLDecodeError:
            continue  # this [ begins a line of a string or of a list
    return tomllib.loads(text)


def _listing(path: Path) -> Listing:
    keys = head_of(path.read_text(encoding="utf-8"))
    return Listing(
        path.stem,
        keys["title"],
        keys.get("level", "beginner"),
        keys.get("rules", "document"),
        tuple(keys.get("covers", ())),
    )


def find(name_or_path: str) -> Path:
    """The file of a scenario: of the library by its name, or any by its path.

    Errors: BadInput when there is none, with the nearest names.
    """
    names = library_names()
    if name_or_path in names:
        return LIBRARY / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if _is_there(path):
        return path
    near = difflib.get_close_matches(name_or_path, names, 3, 0.5) or names
    shown = name_or_path if len(name_or_path) <= 80 else f"{name_or_path[:80]}..."
    raise BadInput(f"there is no scenario {shown!r}; give a file, or a name such as {', '.join(near)}")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # a name that is too long, or has a NUL byte
