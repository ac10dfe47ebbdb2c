"""Closed and full streams: the exit code and the data stay right, and nothing prints a traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli.streams import Messages, give_up, open_streams
from tests.explorer.cli.command_output import ROOT

FULL = Path("/dev/full")
MACHINE = "tests/engine/inputs/machines/two-sockets.xml"
SHELL = pytest.mark.skipif(os.name != "posix" or not FULL.exists(), reason="needs a shell and /dev/full")
CLOSED = "pageq: the output is closed; open it, for example with > FILE\n"
NO_SPACE = "pageq: cannot read or write a stream: No space left on device; give a file with free space\n"


def shell(line: str, buffered: bool = True) -> tuple[int, str, str]:
    """Run a command line in which `pageq` is this program; return exit code, stdout and stderr.

    buffered: whether Python buffers the output; if not, an error comes at the write, not at the end.
    """
    command = f'pageq() {{ {sys.executable} -m explorer.cli "$@"; }}\n{line}'
    environment = {**os.environ, "PYTHONUNBUFFERED": "" if buffered else "1"}
    done = subprocess.run(
        command, check=False, shell=True, capture_output=True, text=True, cwd=ROOT, env=environment
    )
    return done.returncode, done.stdout, done.stderr


@SHELL
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("pageq list >&-", 2, CLOSED),
        ("pageq --version >&-", 2, CLOSED),
        ("pageq list >/dev/full", 2, NO_SPACE),
        ("pageq run --help >/dev/full", 2, NO_SPACE),
        ("pageq run life-of-a-page --json >/dev/full", 2, NO_SPACE),
        ("pageq run nosuch 2>/dev/full", 2, ""),
        ("pageq run nosuch --json 2>&-", 2, ""),
        ("pageq frobnicate 2>/dev/full", 2, ""),
        ("pageq frobnicate 2>&-", 2, ""),
        ("pageq <&- >&- 2>&-", 2, ""),
    ],
)
def test_a_stream_that_is_closed_or_full(line: str, code: int, said: str) -> None:
    assert shell(line) == (code, "", said)


@SHELL
@pytest.mark.parametrize("words", ["--version", "run --help", "list", "boot --json"])
def test_an_unbuffered_stream_that_is_full(words: str) -> None:
    assert shell(f"pageq {words} >/dev/full", buffered=False) == (2, "", NO_SPACE)


@SHELL
def test_a_message_never_ends_up_among_the_data() -> None:
    code, out, _ = shell("pageq list --json 2>&-")
    assert code == 0
    json.loads(out)
    code, out, _ = shell(
        "pageq boot --machine tests/engine/inputs/machines/two-sockets.xml --json 2>/dev/full"
    )
    assert code == 0
    assert json.loads(out)["warnings"]


@pytest.mark.slow
@SHELL
def test_text_mode_without_input_ends_at_once() -> None:
    code, out, err = shell("pageq text life-of-a-page <&-")
    assert (code, err) == (0, "")
    assert out.endswith("quit ends.\n")


# --- in this process ----------------------------------------------------------------------------------------


class Full(io.StringIO):
    """A stream to a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, f"no space for {text}")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_messages_are_written_or_dropped(tmp_path: Path) -> None:
    stream = io.StringIO()
    messages = Messages(stream)
    assert messages.write("text\n") == 5
    messages.flush()
    assert (stream.getvalue(), messages.getvalue()) == ("text\n", "text\n")
    with (tmp_path / "file").open("w") as file:
        full = Full()
        full.fileno = file.fileno  # type: ignore[method-assign]  # the descriptor that is given up
        dropped = Messages(full)
        assert dropped.write("text\n") == 5
        dropped.flush()


def test_a_stream_that_is_given_up_leads_nowhere(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        file.write("kept")
        file.flush()
        give_up(file)
        file.write("dropped")
    assert (tmp_path / "file").read_text() == "kept"


def test_the_streams_of_a_test_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert open_streams()
    assert (sys.stdout, sys.stderr) == (out, err)


def test_a_closed_input_is_empty_and_a_closed_output_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert not open_streams()
    try:
        assert sys.stdin.read() == ""
        print("lost", file=sys.stderr)
    finally:
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            stream.close()
