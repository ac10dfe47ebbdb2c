"""The next start of a session removes the file that a killed process did not finish."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli.left_behind import remove_all_left_behind
from explorer.commands.config import config_path
from explorer.session.saved_file import session_folder
from tests.explorer.cli.command_output import ROOT

KILLED = """
import os, signal, sys
os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
from explorer.cli.entry import main
main(sys.argv[1:])
"""

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders of sessions and settings, and the current one, all new."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return [session_folder(), config_path().parent, here]


def pageq(*words: str, typed: str = "", program: tuple[str, ...] = ("-m", "explorer.cli")) -> int:
    """Run pageq as a process of its own; return its exit code."""
    command = [sys.executable, *program, *words]
    return subprocess.run(command, check=False, input=typed, text=True, capture_output=True).returncode


@pytest.mark.slow
@POSIX
def test_the_next_start_removes_what_kill_9_left(folders: list[Path]) -> None:
    assert pageq("text", typed="save a\n", program=("-c", KILLED)) == -9
    assert len(list(folders[0].glob(".pageq-*"))) == 1
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".pageq-999999999-0.tmp").touch()
    assert pageq("text") == 0
    assert [list(folder.iterdir()) for folder in folders] == [[], [], []]


def test_files_of_running_processes_and_of_others_stay(folders: list[Path]) -> None:
    kept = [f".pageq-{os.getpid()}-0.tmp", ".pageq-x-0.tmp", "a.json", ".hidden"]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for name in kept:
            (folder / name).touch()
    remove_all_left_behind()
    assert [sorted(path.name for path in folder.iterdir()) for folder in folders] == [sorted(kept)] * 3
