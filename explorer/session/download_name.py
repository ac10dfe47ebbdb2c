"""The name under which a browser keeps a download: safe in a header, and on any computer."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 100

_STRANGE: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.ASCII | re.IGNORECASE)
"""Names of devices of Windows, with any suffix."""

NAMELESS: Final = "pageq"


def download_name(text: str) -> str:
    """Return the name of a download for the path that a user typed: its last part, and no strange character.

    The suffix stays. It starts with a letter, a digit or `_`, so that it is not hidden and not an option.
    """
    last = re.split(r"[/\\]", text)[-1]
    name = _STRANGE.sub("_", last).lstrip(".-").rstrip(".")
    stem, dot, suffix = name.rpartition(".")
    name = f"{stem[: LONGEST - len(suffix) - 1]}{dot}{suffix}" if dot and len(suffix) < 20 else name[:LONGEST]
    return _RESERVED.sub(r"_\1", name) or NAMELESS
