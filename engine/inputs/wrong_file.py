"""The message about a file that is something other than what was asked for.

It is made only after the reader has refused the file: a right file is not looked at twice, and a file of the
right kind with a mistake keeps the message about that mistake.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from engine.inputs.file_roles import EXPLAINED, RIGHT

if TYPE_CHECKING:
    from engine.inputs.file_kinds import FileKind


_STDIN: Final = ("-", "stdin")
"""What messages call standard input, which cannot be named in a command."""


@contextmanager
def asking_for(role: str, path: Path | str, head: bytes | None = None) -> Iterator[None]:
    """Turn a BadInput about a file into one that says what the file is, if it is something else.

    role: what the file is read as, a constant of engine.inputs.file_roles.
    head: its first bytes, if it cannot be read again.
    """
    try:
        yield
    except BadInput as error:
        told = refused(error, role, path, head)
        if told is error:
            raise
        raise told from None


def check_kind(role: str, path: Path | str, head: bytes | None = None) -> None:
    """Check that a file is not first of all something else, for a reader that takes almost any text.

    role, head: as for asking_for.
    Errors: BadInput.
    """
    kind = next(iter(_kinds(path, head)), None)
    if kind is not None and not kind.vague and kind.role != role:
        raise _error(kind, role, str(path))


def refused(error: BadInput, role: str, path: Path | str, head: bytes | None = None) -> BadInput:
    """Return the error about a file, or a better one if the file is something else; as in asking_for."""
    file = str(path)
    if error.file not in (None, file):
        return error
    found = _kinds(path, head)
    if not found or any(kind.role == role and not kind.encoded for kind in found):
        return error
    if found[0].vague and role in EXPLAINED:
        return error
    return _error(found[0], role, file)


def _kinds(path: Path | str, head: bytes | None) -> tuple[FileKind, ...]:
    """What a file may be, the likeliest first."""
    # Imported here so that a start does not compile the patterns: few files are refused.
    from engine.inputs.file_head import read_head  # noqa: PLC0415
    from engine.inputs.file_kinds import kinds_of  # noqa: PLC0415

    start = read_head(path) if head is None else head
    return () if start is None else kinds_of(start)


def _error(kind: FileKind, role: str, file: str) -> BadInput:
    wrong = "" if kind.role == role else f", not {role}"
    return BadInput(f"this is {kind.name}{wrong}; {_advice(kind, role, file)}", file=file, line=1)


def _advice(kind: FileKind, role: str, file: str) -> str:
    """What to do with a file of this kind, with its own path."""
    stem, folder = PurePath(file).stem, os.path.dirname(file) or os.curdir
    words = {} if file in _STDIN else {"FILE": file, "FOLDER": folder, "NAME": stem}
    told = " ".join(_filled(word, words) for word in kind.advice.split(" "))
    return told or RIGHT[role]


def _filled(word: str, words: dict[str, str]) -> str:
    name = word.removeprefix("@")
    return word.replace(name, shlex.quote(words[name])) if name in words else word
