"""The message about a file that is something else than what was asked for.

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


def refused(error: BadInput, role: str, path: Path | str, head: bytes | None = None) -> BadInput:
    """Return the error about a file, or a better one if the file is something else; as in asking_for."""
    file = str(path)
    if error.file not in (None, file):
        return error
    kind = _other_kind(role, path, head)
    if kind is None:
        return error
    wrong = "" if kind.role == role else f", not {role}"
    return BadInput(f"this is {kind.name}{wrong}; {_advice(kind, role, file)}", file=file, line=1)


def _other_kind(role: str, path: Path | str, head: bytes | None) -> FileKind | None:
    """What a file is; None if that is unknown, or what it is read as."""
    # Imported here so that a start does not compile the patterns: few files are refused.
    from engine.inputs.file_head import read_head  # noqa: PLC0415
    from engine.inputs.file_kinds import kinds_of  # noqa: PLC0415

    start = read_head(path) if head is None else head
    found = () if start is None else kinds_of(start)
    if not found or any(kind.role == role and not kind.encoded for kind in found):
        return None
    return None if found[0].vague and role in EXPLAINED else found[0]


def _advice(kind: FileKind, role: str, file: str) -> str:
    """What to do with a file of this kind, with its own path."""
    stem, folder = PurePath(file).stem, os.path.dirname(file) or os.curdir
    words = {} if file in _STDIN else {"FILE": file, "FOLDER": folder, "NAME": stem}
    told = " ".join(_filled(word, words) for word in kind.advice.split(" "))
    return told or RIGHT[role]


def _filled(word: str, words: dict[str, str]) -> str:
    name = word.removeprefix("@")
    return word.replace(name, shlex.quote(words[name])) if name in words else word
