"""The files of a class's answers: those that are named, those in folders, and the standard input."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.inputs.file_roles import ANSWERS
from engine.inputs.wrong_file import asking_for
from explorer.session.answer_file import RIGHT_FORM, AnswerLines, read_answers
from explorer.session.whole_file import user_path

STDIN: Final = "-"

LARGEST: Final = 1 << 24
"""Maximum size of a file of answers, in bytes."""

MOST_FILES: Final = 20_000
"""Maximum number of files in all folders."""

MOST_ANSWERS: Final = 1_000_000
"""Maximum number of answers in all files."""


@dataclass(frozen=True)
class AnswerFile:
    """A file of answers; `file` is its path as messages name it."""

    file: str
    lines: AnswerLines


def read_files(paths: Sequence[str]) -> tuple[list[AnswerFile], list[BadInput]]:
    """Read files, folders and `-`, the standard input; return those with answers, and what is wrong.

    The order is that of the arguments; the files of a folder and of the folders in it are sorted by name,
    and hidden ones are left out. A file that is named twice is read once. A file without answers is an error.
    Errors: BadInput for too many files or answers, and for a text that no file can have as its name.
    """
    found, bad, count = [], list[BadInput](), 0
    files, wrong = _all_files(paths)
    for path, name in _students(files).items():
        try:
            read = _read(path, name)
        except BadInput as error:
            bad.append(error)
            continue
        count += len(read.lines.answers)
        if count > MOST_ANSWERS:
            raise BadInput(f"more than {MOST_ANSWERS:,} answers; grade fewer files at a time", file=read.file)
        found.append(read)
    return found, wrong + bad


# --- which files ------------------------------------------------------------------------------------------


def _all_files(paths: Sequence[str]) -> tuple[list[Path], list[BadInput]]:
    """Return each file once, and the errors of the folders that cannot be read.

    Errors: BadInput for more than MOST_FILES files, and for a text that no file can have as its name.
    """
    wrong: list[BadInput] = []
    found: dict[str, Path] = {}
    for text in paths:
        path = user_path(text)
        is_folder, empty = text != STDIN and os.path.isdir(path), len(wrong)
        for file in _files_of(path, wrong) if is_folder else (path,):
            is_folder = False
            found.setdefault(text if text == STDIN else os.path.realpath(file), file)
            if len(found) > MOST_FILES:
                raise BadInput(f"more than {MOST_FILES:,} files; name a folder with fewer", file=text)
        if is_folder and len(wrong) == empty:
            wrong.append(BadInput("the folder has no files; name one with files of answers", file=text))
    return list(found.values()), wrong


def _files_of(folder: Path, wrong: list[BadInput]) -> Iterator[Path]:
    """The files of a folder and of the folders in it; a link to a folder is not followed."""

    def note(error: OSError) -> None:
        wrong.append(_unreadable(str(error.filename), error))

    for place, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _students(files: Sequence[Path]) -> dict[Path, str]:
    """The name of each file's student: the file's stem, with its folder where several files share that."""
    longer: tuple[Callable[[Path], str], ...] = (lambda path: f"{path.parent.name}/{path.stem}", str)
    names = {path: path.stem if str(path) != STDIN else "stdin" for path in files}
    for name_of in longer:
        shared = Counter(names.values())
        names = {path: name_of(path) if shared[name] > 1 else name for path, name in names.items()}
    return names


# --- what is in one ---------------------------------------------------------------------------------------


def _read(path: Path, name: str) -> AnswerFile:
    """Read a file.

    Errors: BadInput if it cannot be read, or has no answer.
    """
    file = str(path)
    with asking_for(ANSWERS, path):
        lines = read_answers(_text(path, file), file, name)
        if not lines.answers:
            raise _without_answers(file, lines.bad)
    return AnswerFile(file, lines)


def _without_answers(file: str, bad: Sequence[BadInput]) -> BadInput:
    """Say that no line is an answer: one message, since it may be a file of something else."""
    if not bad:
        return BadInput(f"the file has no answers; {RIGHT_FORM}", file=file)
    first = bad[0]
    others = "" if len(bad) == 1 else "; no other line of the file is one"
    return BadInput(f"{first.message}{others}", file=file, line=first.line)


def _text(path: Path, file: str) -> str:
    """Return the text of a file.

    Errors: BadInput if it cannot be read, is too large, or is not text.
    """
    raw = _bytes(path, file)
    if len(raw) > LARGEST:
        raise BadInput(f"more than {LARGEST >> 20} MiB; split the answers into several files", file=file)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput("not UTF-8 text; save the answers as UTF-8 text", file=file) from None
    if "\0" in text:
        raise BadInput("not a text file; save the answers as UTF-8 text", file=file)
    return text


def _bytes(path: Path, file: str) -> bytes:
    """Return at most LARGEST bytes, and one more if there are more.

    Errors: BadInput.
    """
    try:
        if file == STDIN:
            return _standard_input()
        # Opening a pipe would wait for its writer.
        if path.exists() and not path.is_file():
            raise BadInput("not a regular file; name a file or a folder, or - for the input", file=file)
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(file, error) from None


def _standard_input() -> bytes:
    """The standard input; a test's may have no bytes."""
    stream = getattr(sys.stdin, "buffer", None)
    return stream.read(LARGEST + 1) if stream is not None else sys.stdin.read(LARGEST + 1).encode()


def _unreadable(file: str, error: OSError) -> BadInput:
    return BadInput(f"cannot be read: {error.strerror}; name a file of answers", file=file)
