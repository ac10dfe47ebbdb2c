"""Writing a file as a whole or not at all: beside its place first, then renamed.

A full disk, an error or a crash leaves what was there before, and no empty file that would block another try.
A process that is killed in between leaves a file `.pageq-PID-N.tmp`; the next write to the folder removes it,
or the next start of a session (`explorer.cli.left_behind`).
Something that is not a regular file, such as a terminal or a pipe, is written to directly.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from engine.errors import BadInput

_BESIDE: Final = re.compile(r"\.pageq-(\d{1,9})-\d+\.tmp", re.ASCII)


def user_path(text: str) -> Path:
    """Return the path that a user typed; `~` and `~NAME` at its start are home folders.

    Errors: BadInput if no file can have that name.
    """
    try:
        path = Path(text).expanduser()
        os.fsencode(path)
    except RuntimeError:
        home = text.partition("/")[0]
        raise BadInput(f"{home[:60]!r} is not the home folder of a user; write the whole path") from None
    except ValueError:
        raise BadInput(f"{text[:60]!r} cannot be the name of a file; remove its special characters") from None
    if "\0" in text:
        raise BadInput(f"{text[:60]!r} cannot be the name of a file; remove the NUL character")
    return path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file; one that exists is replaced when the new one is complete.

    Errors: OSError; then the old file is unchanged.
    """
    replace_files({path: content})


def replace_files(contents: Mapping[Path, bytes], folder: Path | None = None) -> None:
    """Write several files as replace_file does: all of them, or none.

    folder: that of some of them; it is made if it does not exist.
    Errors: OSError; then the old files are unchanged, unless it comes while the new ones get their names.
    """
    direct = [path for path in contents if path.exists() and not path.is_file()]
    beside: list[tuple[Path, Path]] = []
    makes = folder is not None and not folder.exists()
    try:
        if folder is not None and makes:
            folder.mkdir()
        for path in contents:
            if path not in direct:
                place = _resolved(path)
                beside.append((_write_beside(place, contents[path]), place))
        for path in direct:
            path.write_bytes(contents[path])
        for new, path in beside:
            with suppress(FileNotFoundError):
                new.chmod(stat.S_IMODE(path.stat().st_mode))
            new.replace(path)
    except BaseException:
        for new, _ in beside:
            new.unlink(missing_ok=True)
        if folder is not None and makes:
            with suppress(OSError):
                folder.rmdir()
        raise
    for parent in {path.parent for _, path in beside}:
        _sync_folder(parent)


def _resolved(path: Path) -> Path:
    """Return the path of what a link leads to.

    Errors: OSError for a link that leads to itself.
    """
    try:
        return path.resolve()
    except RuntimeError:  # what Python raises for it before 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def create_file(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet.

    Errors: FileExistsError; OSError; then there is no new file.
    """
    if os.path.lexists(path):
        raise FileExistsError(path)
    beside = _write_beside(path, content)
    try:
        _move_to_free(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _move_to_free(beside: Path, path: Path) -> None:
    """Give the file its name unless another has it by now."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except (OSError, AttributeError):
        # This file system has no hard links.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        beside.rename(path)


def _write_beside(path: Path, content: bytes) -> Path:
    """Write a new file in the folder of `path` to disk, and return it; nothing is left after an error."""
    remove_left_behind(path.parent)
    try:
        stream = _open_beside(path.parent)
        beside = Path(stream.name)
        try:
            with stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        # A message has to name the file that the user wants.
        raise OSError(error.errno, error.strerror, str(path)) from None
    return beside


def _open_beside(folder: Path) -> BinaryIO:
    n = 0
    while True:
        try:
            return (folder / f".pageq-{os.getpid()}-{n}.tmp").open("xb")
        except FileExistsError:
            n += 1


def remove_left_behind(folder: Path) -> None:
    """Remove the files of processes that were killed while they wrote."""
    with suppress(OSError):
        for name in os.listdir(folder):
            match = _BESIDE.fullmatch(name)
            if match is not None and not _is_running(int(match[1])):
                with suppress(OSError):
                    os.unlink(folder / name)


def _is_running(process: int) -> bool:
    if os.name != "posix":
        return True  # there, asking would interrupt it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _sync_folder(folder: Path) -> None:
    """Sync the folder, so that the new name reaches the disk too, on systems that can."""
    if os.name != "posix":
        return
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
