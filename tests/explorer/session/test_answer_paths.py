"""The files of a class's answers: which are read, in which order, and whose they are."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.errors import BadInput
from explorer.session import answer_paths
from explorer.session.answer_paths import LARGEST, read_files

LINE = "tour\t1\tPQ_NONE\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(*names: str, text: str = LINE) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def students(*paths: str) -> list[str]:
    """The student of each file; no file is bad."""
    files, bad = read_files(paths)
    assert bad == []
    return [file.lines.answers[0].name for file in files]


def messages(paths: Sequence[str]) -> list[str]:
    """What is wrong; no file has answers."""
    files, bad = read_files(paths)
    assert files == []
    return [str(error) for error in bad]


def test_the_student_is_the_files_stem(place: Path) -> None:
    write("Bo Li.txt", "ann.v2.tsv", "plain")
    assert students("plain", "Bo Li.txt", "ann.v2.tsv") == ["plain", "Bo Li", "ann.v2"]


def test_a_folder_is_every_file_in_it_sorted_by_name_without_hidden_ones(place: Path) -> None:
    write("class/b.txt", "class/a", "class/late/c.tsv", "class/.hidden", "class/.git/d")
    assert students("class") == ["a", "b", "c"]
    assert students("class/b.txt", "class") == ["b", "a", "c"], "a file that is named twice is read once"


def test_a_folder_without_files_is_an_error(place: Path) -> None:
    write("class/a.txt")
    Path("empty/in/it").mkdir(parents=True)
    write("hidden/.a")
    words = "the folder has no files; name one with files of answers"
    assert messages(["empty"]) == [f"empty: {words}"]
    assert messages(["hidden"]) == [f"hidden: {words}"]
    files, bad = read_files(["class", "class", "empty"])
    assert (len(files), len(bad)) == (1, 1)


def test_files_that_share_a_stem_have_their_folders_in_front(place: Path) -> None:
    write("ann/answers.txt", "bo/answers.txt", "carl/mine.txt")
    assert students(".") == ["ann/answers", "bo/answers", "mine"]


def test_files_that_share_a_stem_and_a_folder_have_their_paths(place: Path) -> None:
    write("x/a.txt", "x/a.tsv", "y/a.txt")
    assert students(".") == ["x/a.tsv", "x/a.txt", "y/a"]


def test_a_name_in_the_file_wins(place: Path) -> None:
    write("a.txt", text=f"# name: Bo\n{LINE}")
    assert students("a.txt") == ["Bo"]


def test_a_link_to_a_folder_inside_a_folder_is_not_followed(place: Path) -> None:
    write("class/a.txt")
    Path("class/loop").symlink_to(".", target_is_directory=True)
    Path("class/again.txt").symlink_to("a.txt")
    Path("other").symlink_to("class", target_is_directory=True)
    assert students("class") == ["a"]
    assert students("other") == ["a"]


def test_the_standard_input_is_read_for_a_dash(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LINE.encode())))
    assert students("-") == ["stdin"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"# name: Bo\n{LINE}"))
    assert students("-") == ["Bo"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "the file has no answers; use [NAME<tab>]SCENARIO", id="empty"),
        pytest.param(b"# name: Bo\n\n# nothing\n", "the file has no answers", id="comments"),
        pytest.param(b"tour\t1\t\xff", "not UTF-8 text; save the answers as UTF-8 text", id="not UTF-8"),
        pytest.param(b"tour\t1\t0\0", "not a text file; save", id="NUL"),
        pytest.param(b"a" * (LARGEST + 1), "more than 16 MiB; split the answers", id="too large"),
    ],
)
def test_a_file_without_answers_is_one_error(content: bytes, words: str, place: Path) -> None:
    Path("a.txt").write_bytes(content)
    (message,) = messages(["a.txt"])
    assert message.startswith("a.txt: ")
    assert words in message


def test_answers_in_utf_16_are_named_as_such(place: Path) -> None:
    Path("a.txt").write_bytes("tour\t1\t0".encode("utf-16"))
    assert messages(["a.txt"]) == ["a.txt:1: this is a file of answers in UTF-16; save it as UTF-8"]


def test_a_file_of_something_else_is_one_error_at_its_first_line(place: Path) -> None:
    write("README", text="# About\nThese are\nthe answers.\n")
    (message,) = messages(["README"])
    assert message.startswith("README:2: 'These are' is not an answer; use ")
    assert message.endswith("; no other line of the file is one")
    write("one", text="These are\n")
    assert messages(["one"])[0].endswith("PQ_NONE")


def test_what_is_not_a_file_is_refused_without_waiting_for_it(place: Path) -> None:
    os.mkfifo("pipe")
    Path("broken").symlink_to("nothing")
    assert messages(["."]) == [
        "broken: cannot be read: No such file or directory; name a file of answers",
        "pipe: not a regular file; name a file or a folder, or - for the input",
    ]
    assert messages(["/dev/zero"]) == [
        "/dev/zero: not a regular file; name a file or a folder, or - for the input"
    ]
    with pytest.raises(BadInput, match="cannot be the name of a file; remove the NUL character"):
        read_files(["a\0b"])
    assert messages(["x" * 5000]) == [
        f"{'x' * 5000}: cannot be read: File name too long; name a file of answers"
    ]


def test_a_folder_that_cannot_be_read_is_an_error_and_the_rest_is_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("class/a.txt", "class/shut/b.txt")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files, bad = read_files(["class"])
    assert [file.file for file in files] == ["class/a.txt"]
    assert [str(error) for error in bad] == [
        "class/shut: cannot be read: Permission denied; name a file of answers"
    ]


def test_the_numbers_of_files_and_of_answers_are_bounded(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a", "b", "c", text=LINE * 2)
    monkeypatch.setattr(answer_paths, "MOST_ANSWERS", 5)
    with pytest.raises(BadInput, match="more than 5 answers; grade fewer files at a time"):
        read_files(["."])
    monkeypatch.setattr(answer_paths, "MOST_FILES", 2)
    with pytest.raises(BadInput, match="more than 2 files; name a folder with fewer"):
        read_files(["."])
