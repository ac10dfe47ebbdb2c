"""`:map`: the files of a line, each message with its file; nothing waits for a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.inputs.dumps.moment import DumpMoment
from engine.inputs.dumps.reader import dump_text
from explorer.commands.dump import read_dumps, show_dumps
from explorer.commands.table import COMMANDS, offered
from tests.explorer.dumps_by_hand import three_moments


class Shown:
    """A desk that only notes what it was asked to show."""

    def __init__(self) -> None:
        self.moments: tuple[DumpMoment, ...] = ()
        self.console = ""

    def show_dumps(self, moments: tuple[DumpMoment, ...]) -> None:
        """Note the moments."""
        self.moments = moments

    def open_console(self, text: str) -> None:
        """Note the text."""
        self.console = text


def test_several_files_are_moments_of_one_timeline(tmp_path: Path) -> None:
    files = [tmp_path / "one.txt", tmp_path / "the other.txt"]
    for path, one in zip(files, three_moments(), strict=False):
        path.write_text(dump_text(one))
    desk = Shown()
    show_dumps(desk, f"{files[0]} '{files[1]}'")  # type: ignore[arg-type]  # a part of a Desk
    assert [one.file for one in desk.moments] == [str(path) for path in files]
    show_dumps(desk, "")  # type: ignore[arg-type]
    assert desk.console == "map "


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("'open", "a quotation mark is not closed"),
        ("no/such.txt", "no/such.txt: cannot read the file: No such file or directory"),
        (".", ".: cannot read the file: Is a directory"),
        ("pipe", "pipe: this is a pipe, not a regular file; pageq map reads pipes"),
        ("words.txt", "words.txt:1: this is not a dump of a machine"),
        ("a\0b", "remove the NUL character"),
    ],
)
def test_a_bad_file_gives_one_message(
    line: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("words.txt").write_text("some words")
    with pytest.raises(BadInput) as refusal:
        read_dumps(line)
    assert words in str(refusal.value)


def test_a_guest_reads_no_file_of_the_server() -> None:
    assert not offered(COMMANDS["map"], guest=True)
