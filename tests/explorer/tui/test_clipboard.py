"""Copying: the message is true in a terminal, in tmux, and if tmux refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.clipboard import copy
from tests.explorer.pseudo_terminal import ROOT


async def copied(session: Session) -> tuple[str, str]:
    """Copy a text on a screen; return the message and Textual's clipboard."""
    app = PageqApp(session)
    async with app.run_test(size=(80, 24)):
        return copy(app, "pq1-text"), app.clipboard


def fake_tmux(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put a shell script `tmux` first on the PATH."""
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("TMUX", "/tmp/socket,1,0")


async def test_a_terminal_gets_the_text_and_no_promise(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    assert await copied(session) == ("sent to the terminal's clipboard", "pq1-text")


async def test_tmux_gets_the_text_into_its_buffer(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tmux(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/words; cat > {tmp_path}/text')
    assert await copied(session) == ("copied to tmux's buffer", "")
    assert (tmp_path / "words").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "text").read_text() == "pq1-text"


async def test_an_old_tmux_has_a_buffer_only(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tmux(tmp_path, monkeypatch, '[ "$2" = - ]')
    assert (await copied(session))[0] == "copied to tmux's buffer"


async def test_a_tmux_that_refuses_or_is_missing_is_reported(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tmux(tmp_path, monkeypatch, "exit 1")
    assert (await copied(session))[0] == "not copied, as tmux refused"
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert (await copied(session))[0] == "not copied, as tmux refused"


async def test_the_message_has_the_command_and_where_the_copy_is(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    app = PageqApp(life)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "y")
        assert life.note.text == f"sent to the terminal's clipboard: pageq tui --open {app.clipboard}"
        assert app.clipboard.startswith("pq1-")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """Start pageq in a tmux of its own, and return the words that talk to it."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    words = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    start = [*words, "new-session", "-d", "-x", "100", "-y", "30", "-e", f"PYTHONPATH={ROOT}"]
    subprocess.run([*start, f"cd {ROOT} && {sys.executable} -m explorer.cli"], check=True)
    yield words
    subprocess.run([*words, "kill-server"], check=False)


@pytest.mark.slow
def test_in_tmux_the_state_string_is_in_the_buffer(tmux: list[str]) -> None:
    def said(*more: str) -> str:
        return subprocess.run([*tmux, *more], capture_output=True, text=True, check=False).stdout

    def shown(text: str) -> str:
        end = time.monotonic() + 60
        while text not in (screen := said("capture-pane", "-p")):
            assert time.monotonic() < end, screen
            time.sleep(0.1)
        return screen

    shown("press s to take the first step")
    said("send-keys", "s", "y")
    assert "pageq tui --open pq1-" in shown("copied to tmux's buffer")
    assert said("show-buffer").startswith("pq1-")
