"""Files are written as a whole or not at all, whatever happens in between."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import BadInput
from explorer.session import whole_file
from explorer.session.whole_file import create_file, replace_file, replace_files, user_path

WRITES: list[Callable[[Path, bytes], None]] = [replace_file, create_file]


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("write", WRITES)
def test_a_new_file_has_its_content_and_the_usual_mode(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.txt", b"one")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").read_bytes() == b"one"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["a.txt"]


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    real.chmod(0o604)
    link.symlink_to("real")
    replace_file(link, b"new")
    assert (real.read_bytes(), real.stat().st_mode & 0o777, link.is_symlink()) == (b"new", 0o604, True)
    assert names(tmp_path) == ["link", "real"]


def test_a_file_that_exists_is_not_created_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        create_file(path, b"new")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "dangling", b"new")
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["a", "dangling"])


def fails(number: int) -> Callable[..., None]:
    def act(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "some other name")

    return act


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("at", ["fsync", "link and rename"])
def test_when_the_disk_is_full_nothing_is_lost_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, bytes], None], at: str
) -> None:
    path = tmp_path / "a"
    if write is replace_file:
        path.write_bytes(b"old")
    before = names(tmp_path)
    if at == "fsync":
        monkeypatch.setattr(os, "fsync", fails(errno.ENOSPC))
    else:
        monkeypatch.setattr(os, "link", fails(errno.ENOSPC))
        monkeypatch.setattr(Path, "rename", fails(errno.ENOSPC))
        monkeypatch.setattr(Path, "replace", fails(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left on device") as caught:
        write(path, b"new")
    assert names(tmp_path) == before
    assert not path.exists() or path.read_bytes() == b"old"
    assert at != "fsync" or caught.value.filename == str(path)
    monkeypatch.undo()
    write(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_system_without_hard_links_works_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", fails(errno.EPERM))
    create_file(tmp_path / "a", b"one")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "a", b"two")
    assert ((tmp_path / "a").read_bytes(), names(tmp_path)) == (b"one", ["a"])


KILLED = """
import os, signal, sys
from pathlib import Path
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
from explorer.session.whole_file import replace_file
replace_file(Path(sys.argv[1]), b"half")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    root = Path(whole_file.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    left = [name for name in names(tmp_path) if name != "a"]
    assert len(left) == 1
    assert path.read_bytes() == b"old"
    running = tmp_path / f".pageq-{os.getppid()}-0.tmp"
    running.write_bytes(b"of a process that runs")
    (tmp_path / ".pageq-mine.tmp").write_bytes(b"not ours")
    replace_file(tmp_path / "b", b"new")
    assert names(tmp_path) == [running.name, ".pageq-mine.tmp", "a", "b"]


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    replace_file(pipe, b"through")
    reader.join(10)
    assert (read, pipe.is_fifo(), names(tmp_path)) == ([b"through"], True, ["pipe"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~nosuchuser/x.svg", "'~nosuchuser' is not the home folder of a user; write the whole path"),
        ("a\0b.svg", r"'a\\x00b.svg' cannot be the name of a file; remove the NUL character"),
        ("\ud800.svg", "cannot be the name of a file; remove its special characters"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        user_path(text)


def test_a_home_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert user_path("~/x.svg") == Path("/somewhere/x.svg")


def test_several_files_and_their_folder_are_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    folder = tmp_path / "new"
    contents = {folder / "b": b"two", tmp_path / "a": b"one"}
    for _ in range(2):
        replace_files(contents, folder)
        assert {path: path.read_bytes() for path in contents} == contents
    assert (names(tmp_path), names(folder)) == (["a", "new"], ["b"])


def test_of_several_files_all_stay_as_they_were_if_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    folder, synced = tmp_path / "new", []

    def full_at_the_second(number: int) -> None:
        synced.append(number)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with pytest.raises(OSError, match="No space left"):
        replace_files({tmp_path / "a": b"one", folder / "b": b"two"}, folder)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_folder_that_was_not_asked_for_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_files({tmp_path / "no" / "a": b"one"})
    assert names(tmp_path) == []


def test_a_link_that_leads_to_itself_is_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("a.txt")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        replace_file(tmp_path / "a.txt", b"one")
    assert names(tmp_path) == ["a.txt"]
