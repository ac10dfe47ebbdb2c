"""Saved sessions as files: their folder, their names, and how to write and read one.

The run itself is in the state string, as text. A file is replaced as a whole or not at all, so that a full
disk or a crash leaves the previous session intact. A file that is not a session, or was written by a later
version, is refused with file and line, and is not changed.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from time import time
from typing import Any, Final

from engine.errors import BadInput
from engine.inputs.file_roles import SESSION
from engine.inputs.wrong_file import asking_for
from explorer.session.json_file import JsonFile, read_json
from explorer.session.saved_state import ENTRIES, SessionState
from explorer.session.whole_file import replace_file

FORMAT: Final = 1
LARGEST: Final = 16 << 20

_OLD_STYLE: Final = re.compile(r"\.[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\.json\.[a-z0-9_]{8}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", re.ASCII)


# --- where ------------------------------------------------------------------------------------------------


def session_folder() -> Path:
    """The folder of saved sessions; it is created when a session is saved."""
    # Imported here, so that commands that do not open a session start faster.
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("pageq") / "sessions"


def session_path(name: str) -> Path:
    """The file of the session called `name`.

    Errors: BadInput for an invalid name.
    """
    if _NAME.fullmatch(name) is None:
        words = "use letters, digits, _, - and ., and do not start with . or -"
        raise BadInput(f"{name[:64]!r} is not a session name; {words}")
    return session_folder() / f"{name}.json"


def session_names() -> list[str]:
    """The names of the saved sessions, in alphabetical order."""
    try:
        return sorted(path.stem for path in session_folder().glob("*.json"))
    except OSError:
        return []


# --- saving -----------------------------------------------------------------------------------------------


def save(state: SessionState, path: Path) -> None:
    """Write a session; the old file is replaced only when the new one is complete on disk.

    Errors: BadInput if it cannot be written; then the old file is unchanged.
    """
    text = json.dumps({"format": FORMAT, **asdict(state)}, indent=1, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_old_style(path.parent)
        replace_file(path, text.encode("utf-8", "replace"))
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"the session cannot be saved: {why}; it continues unsaved", file=str(path)) from None


def _remove_old_style(folder: Path) -> None:
    """Remove what version 0.1 left in the folder when it was killed while saving, an hour ago or more."""
    for path in folder.glob(".*.json.????????"):
        with suppress(OSError):
            if _OLD_STYLE.fullmatch(path.name) and time() - path.stat().st_mtime > 3600:
                path.unlink()


# --- opening ----------------------------------------------------------------------------------------------


def load(path: Path) -> SessionState:
    """Read a session.

    Errors: BadInput with file and line if the file is missing, damaged, or from another program.
    """
    with asking_for(SESSION, path):
        return _state(read_json(path, LARGEST, "session"))


def _state(found: JsonFile) -> SessionState:
    entries = found.value
    if not isinstance(entries, dict) or "format" not in entries or "token" not in entries:
        raise found.refuse("this is not a pageq session; give a file that pageq saved")
    if entries["format"] != FORMAT or isinstance(entries["format"], bool):
        words = f"format {entries['format']!r:.20} is not known; this program reads format {FORMAT}"
        raise found.error("format", words)
    for key in entries.keys() - {"format", *ENTRIES}:
        there = ", ".join(sorted({"format", *ENTRIES}))
        raise found.error(key, f"{key[:40]!r} is not an entry of a session; the entries are {there}")
    for key, value in entries.items():
        if key in ENTRIES and not ENTRIES[key].suits(value):
            raise found.error(key, f"{key} is {json.dumps(value)[:40]}; it must be {ENTRIES[key].wanted}")
    return SessionState(**{key: _tuples(value) for key, value in entries.items() if key != "format"})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
