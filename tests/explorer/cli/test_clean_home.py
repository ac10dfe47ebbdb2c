"""A clean home before and after: nothing is written before something is done, then only the progress file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.explorer.pseudo_terminal import ROOT, Terminal, terminal

FILE = "data/pageq/progress.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with all that a user has: a home, XDG folders that do not exist, a place to work."""
    for name in ("home", "work", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    places = {f"XDG_{name.upper()}_HOME": str(folder / name) for name in ("data", "config", "cache", "state")}
    home, tmp = str(folder / "home"), str(folder / "tmp")
    return {**places, "HOME": home, "TMPDIR": tmp, "PYTHONDONTWRITEBYTECODE": "1"}


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def answered(shown: Terminal) -> None:
    """Run to the first questions, answer them, and wait for the verdict."""
    shown.wait_for("press s")
    shown.type(b"c")
    shown.wait_for("question 1 of")
    shown.type(b"1")
    shown.wait_for("question 2 of")
    shown.type(b"1")
    shown.wait_for("so far")


COMMANDS = [("list",), ("run", "life-of-a-page"), ("questions", "tour"), ("config",), ("help",)]


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_without_a_screen_writes_nothing(words: tuple[str, ...], folder: Path) -> None:
    command = [sys.executable, "-m", "explorer.cli", *words]
    env = {**os.environ, **environment(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder / "work", env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert files(folder) == []


@pytest.mark.slow
def test_text_mode_in_a_pipe_writes_nothing(folder: Path) -> None:
    command = [sys.executable, "-m", "explorer.cli", "text"]
    env = {**os.environ, **environment(folder), "PYTHONPATH": str(ROOT)}
    lines = "lesson next\nquestion 1\nanswer 1\nquestion 2\nanswer 1\ngoto end\n"
    done = subprocess.run(
        command, cwd=folder / "work", env=env, input=lines, capture_output=True, text=True, check=True
    )
    assert "so far" in done.stdout.lower()
    assert files(folder) == []


def test_a_screen_that_is_opened_and_quit_writes_nothing(folder: Path) -> None:
    with terminal(cwd=folder / "work", env=environment(folder)) as shown:
        shown.wait_for("press s")
        shown.read(0.5)
        shown.type(b"q")
        assert shown.wait() == 0
    assert files(folder) == []


@pytest.mark.slow
def test_an_answer_on_the_screen_writes_the_progress_file_and_nothing_else(folder: Path) -> None:
    with terminal(cwd=folder / "work", env=environment(folder)) as shown:
        answered(shown)
        shown.read(0.5)
        assert files(folder) == [FILE], "it is written before the screen is left"
        shown.type(b"q")
        assert shown.wait() == 0
    assert files(folder) == [FILE]
    (course,) = json.loads((folder / FILE).read_text(encoding="utf-8"))["courses"]
    work = course["scenarios"]["life-of-a-page"]
    assert [set(answer) for answer in work["answers"]] == [
        {"question", "answer", "right", "seed", "time"}
    ] * 2


@pytest.mark.slow
def test_an_answer_in_text_mode_on_a_terminal_is_kept(folder: Path) -> None:
    with terminal("text", cwd=folder / "work", env=environment(folder)) as shown:
        shown.wait_for("pageq> ")
        for line, then in ((b"continue", "question"), (b"1", "question 2"), (b"1", "o far")):
            shown.type(line + b"\r")
            shown.wait_for(then)
        shown.type(b"quit\r")
        assert shown.wait() == 0
    assert files(folder) == [FILE]


@pytest.mark.slow
def test_progress_that_is_off_writes_nothing(folder: Path) -> None:
    (folder / "config" / "pageq").mkdir(parents=True)
    (folder / "config" / "pageq" / "config.toml").write_text('progress = "off"\n')
    with terminal(cwd=folder / "work", env=environment(folder)) as shown:
        answered(shown)
        shown.type(b"q")
        assert shown.wait() == 0
    assert files(folder) == ["config/pageq/config.toml"]


@pytest.mark.slow
def test_a_home_that_cannot_be_written_gives_one_message_and_the_work_continues(folder: Path) -> None:
    (folder / "data").write_text("a file where the folder would be")
    with terminal(cwd=folder / "work", env=environment(folder), size=(200, 50)) as shown:
        answered(shown)
        shown.wait_for("progress is not kept")
        shown.type(b"c")
        shown.wait_for("question 3 of")
        shown.read(0.3)
        shown.type(b"q")
        assert shown.wait() == 0
    assert len(re.findall("progress is not kept", shown.text)) == 1
    assert files(folder) == ["data"]


@pytest.mark.slow
def test_a_damaged_file_is_renamed_with_a_message(folder: Path) -> None:
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_text("{")
    with terminal(cwd=folder / "work", env=environment(folder), size=(200, 50)) as shown:
        answered(shown)
        shown.wait_for("this is not JSON")
        shown.type(b"q")
        assert shown.wait() == 0
    assert files(folder) == ["data/pageq/progress-damaged-1.json", FILE]
    assert (folder / "data/pageq/progress-damaged-1.json").read_text() == "{"
