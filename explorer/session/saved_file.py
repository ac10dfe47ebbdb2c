"""Saved sessions as files: their folder, their names, writing and reading one.

The run itself is in the state string, as text. A file is replaced as a
whole or not at all, so that a full disk or a broken run leaves the session before; a file that is none, or
is of a later program, is refused with its place and is left as it is.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from engine.errors import BadInput
from explorer.session.saved_state import ENTRIES, SessionState

FORMAT: Final = 1
LARGEST: Final = 16 << 20

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", re.ASCII)


# --- where ------------------------------------------------------------------------------------------------


def session_folder() -> Path:
    """Where sessions are kept; it is made when one is saved."""
    # Imported here: whoever opens no session need not wait for it.
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("pageq") / "sessions"


def session_path(name: str) -> Path:
    """The file of the session called `name`.

    Errors: BadInput when that is no name.
    """
    if _NAME.fullmatch(name) is None:
        words = "a session's name has letters, digits, _, - and . and does not begin with . or -"
        raise BadInput(f"{name[:64]!r} is no name; {words}")
    return session_folder() / f"{name}.json"


def session_names() -> list[str]:
    """The sessions that there are, in alphabetical order."""
    try:
        return sorted(path.stem for path in session_folder().glob("*.json"))
    except OSError:
        return []


# --- saving -----------------------------------------------------------------------------------------------


def save(state: SessionState, path: Path) -> None:
    """Write a session; the file is the old one until the new one is complete on the disk.

    Errors: BadInput when it cannot be written; what was there is still there.
    """
    text = json.dumps({"format": FORMAT, **asdict(state)}, indent=1, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"the session cannot be saved: {why}; it goes on unsaved", file=str(path)) from None


def _replace(path: Path, content: bytes) -> None:
    with (
        ExitStack() as undone,
        NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream,
    ):
        undone.callback(os.unlink, stream.name)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
        os.replace(stream.name, path)
        undone.pop_all()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Let the new name reach the disk too, where a folder can be synced."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# --- opening ----------------------------------------------------------------------------------------------


def load(path: Path) -> SessionState:
    """Read a session.

    Errors: BadInput with file and line when there is none, or the file is damaged or of another program.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"the session cannot be read: {error.strerror}", file=file) from None
    if len(raw) > LARGEST:
        raise BadInput(f"this is larger than {LARGEST} bytes; no session is", file=file, line=1)
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput("this is no UTF-8 text; give a file that pageq saved", file=file, line=line) from None
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        words = f"this is not JSON: {error.msg}; it is damaged"
        raise BadInput(words, file=file, line=error.lineno) from None
    except (ValueError, RecursionError):
        raise BadInput("this is no JSON of a session; it is damaged", file=file, line=1) from None
    return _state(_Reader(file, text), entries)


@dataclass(frozen=True)
class _Reader:
    """The text of a session's file, for the line of an entry in a message."""

    file: str
    text: str

    def error(self, key: str, words: str) -> BadInput:
        """A message about an entry, to be raised."""
        at = self.text.find(json.dumps(key))
        return BadInput(words, file=self.file, line=self.text.count("\n", 0, max(at, 0)) + 1)


def _state(reader: _Reader, entries: Any) -> SessionState:
    if not isinstance(entries, dict) or "format" not in entries or "token" not in entries:
        raise BadInput("this is no session of pageq; give a file that pageq saved", file=reader.file, line=1)
    if entries["format"] != FORMAT or isinstance(entries["format"], bool):
        words = f"format {entries['format']!r:.20} is not known; this program reads format {FORMAT}"
        raise reader.error("format", words)
    for key in entries.keys() - {"format", *ENTRIES}:
        there = ", ".join(sorted({"format", *ENTRIES}))
        raise reader.error(key, f"{key[:40]!r} is no entry of a session; there are {there}")
    for key, value in entries.items():
        if key in ENTRIES and not ENTRIES[key].suits(value):
            raise reader.error(key, f"{key} is {json.dumps(value)[:40]}; it is {ENTRIES[key].wanted}")
    return SessionState(**{key: _tuples(value) for key, value in entries.items() if key != "format"})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
