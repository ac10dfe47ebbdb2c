"""`pageq help`: the list of topics, a topic on a terminal and in a pipe, a command, and unknown names."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from explorer.cli.entry import sub_commands
from explorer.cli.help import REFERENCE, topics
from tests.explorer.cli.command_output import ROOT, Run, refused


def test_the_list_has_every_topic_and_every_command_in_80_columns(run: Run) -> None:
    code, out, err = run("help")
    assert (code, err) == (0, "")
    assert re.findall(r"^  (\S+)  +\S", out, re.MULTILINE) == list(topics())
    assert "`pageq --help` lists those" in out
    assert max(map(len, out.splitlines())) <= 80
    assert out.rstrip("\n").count("\n") < 24


def test_every_file_of_the_folder_is_a_topic_with_a_title_and_a_summary() -> None:
    assert set(topics()) == {path.stem for path in REFERENCE.iterdir()}
    for topic in topics().values():
        assert re.match(r"# \S.*\n\n\S.*\.\n\n\S", topic.text), topic.name
        assert topic.text.endswith("\n")


def test_no_topic_has_the_name_of_a_command() -> None:
    assert not topics().keys() & sub_commands().keys()


@pytest.mark.parametrize("name", topics())
def test_a_pipe_gets_the_markdown_text(run: Run, name: str) -> None:
    assert run("help", name) == (0, topics()[name].text, "")


@pytest.mark.parametrize("name", sub_commands())
def test_a_command_is_a_topic_too(run: Run, name: str) -> None:
    assert run("help", name) == run(name, "--help")


UNKNOWN = [
    ("scedules", "did you mean schedules?"),
    ("Run", "did you mean run"),
    ("vm_page_wire", "the word is in: scripts, "),
    ("watchpoint", "the word is in: breakpoints, "),
    ("qqqq", "there is no topic 'qqqq'; `pageq help` lists the topics"),
    ("", "there is no topic ''; `pageq help` lists the topics"),
    ("../README", "there is no topic '../README'; `pageq help` lists the topics"),
]


@pytest.mark.parametrize(("name", "message"), UNKNOWN, ids=[repr(name) for name, _ in UNKNOWN])
def test_an_unknown_name_is_refused_with_names_like_it(run: Run, name: str, message: str) -> None:
    output = run("help", name)
    refused(output, message)
    refused(output, "`pageq help` lists the topics")


def on_a_terminal(name: str, columns: int, **environment: str) -> str:
    """What `pageq help NAME` writes to a terminal of that width."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "explorer.cli", "help", name],
        stdout=slave,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), **environment},
    )
    os.close(slave)
    written = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # what Linux says when the other end is closed
            break
        if not part:
            break
        written += part
    os.close(master)
    assert process.wait() == 0
    return written.decode()


def test_a_terminal_gets_it_formatted_within_its_width() -> None:
    written = on_a_terminal("places", 60)
    assert "\x1b[1m" in written
    assert "```" not in written
    assert "|---" not in written
    bare = re.sub(r"\x1b\[[0-9;]*m", "", written)
    assert max(len(line.rstrip()) for line in bare.splitlines()) <= 60


def test_no_color_leaves_the_terminals_own_colours() -> None:
    codes = re.findall(r"\x1b\[([0-9;]*)m", on_a_terminal("places", 80, NO_COLOR="1"))
    assert {part for code in codes for part in code.split(";")} <= {"", "0", "1", "3", "4"}


def test_the_reference_is_package_data() -> None:
    assert REFERENCE == ROOT / "explorer" / "reference"
    assert '"explorer" = ["reference/*.md"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
