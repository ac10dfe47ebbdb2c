"""Reading a JSON file that pageq wrote: of bounded size, and with the line of each entry for messages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import BadInput


@dataclass(frozen=True)
class JsonFile:
    """The text of a file and its value, to find the line of an entry for a message."""

    file: str
    text: str
    value: Any

    def error(self, key: str, words: str) -> BadInput:
        """Make an error about the first entry with this key, to raise."""
        at = self.text.find(json.dumps(key, ensure_ascii=False))
        return BadInput(words, file=self.file, line=self.text.count("\n", 0, max(at, 0)) + 1)

    def refuse(self, words: str) -> BadInput:
        """Make an error about the whole file, to raise."""
        return BadInput(words, file=self.file, line=1)


def read_json(path: Path, largest: int, what: str) -> JsonFile:
    """Read a file.

    largest: the limit of its size, in bytes. what: what the file is, `session`.
    Errors: BadInput with file and line if it cannot be read, is too large, or is not JSON.
    """
    file, raw = str(path), _read(path, largest, what)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput("this is not UTF-8 text; give a file that pageq saved", file=file, line=line) from None
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # no half of a character
    except json.JSONDecodeError as error:
        words = f"this is not JSON: {error.msg}; the file is damaged"
        raise BadInput(words, file=file, line=error.lineno) from None
    except (ValueError, RecursionError):
        raise BadInput(f"this is not the JSON of a {what}; the file is damaged", file=file, line=1) from None
    return JsonFile(file, text, value)


def _read(path: Path, largest: int, what: str) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(largest + 1)
    except OSError as error:
        raise BadInput(f"the {what} cannot be read: {error.strerror}", file=str(path)) from None
    if len(raw) > largest:
        raise BadInput(f"larger than {largest} bytes; give a file that pageq saved", file=str(path), line=1)
    return raw
