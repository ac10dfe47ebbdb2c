"""The sub-commands are found by listing the package; a module is imported only for its command."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from explorer.cli import entry
from explorer.cli.entry import build_parser, sub_commands
from explorer.views.safe_text import safe
from tests.explorer.cli.command_output import Run, refused

FOLDER = Path(entry.__file__).parent
NO_COMMANDS = {
    *(
        "__init__",
        "__main__",
        "entry",
        "arguments",
        "interrupts",
        "kept_progress",
        "left_behind",
        "trace_arguments",
        "output",
        "progress_line",
        "reference_tables",
        "streams",
        "terminal",
    ),
}

NEW = """
PLACE: Final = 15
HELP: Final = "Count to three."
"""


def test_every_other_module_of_the_package_is_a_sub_command() -> None:
    assert set(sub_commands()) == {path.stem for path in FOLDER.glob("*.py")} - NO_COMMANDS


def test_a_new_file_is_a_new_sub_command(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "count.py").write_text(NEW)
    commands = sub_commands(tmp_path)
    assert list(commands)[:3] == ["tui", "count", "text"]
    assert commands["count"].help == "Count to three."


def test_no_two_commands_have_the_same_place() -> None:
    places = [command.place for command in sub_commands().values()]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("name", sub_commands())
def test_a_sub_command_has_arguments_and_a_run(name: str) -> None:
    module = sub_commands()[name].module()
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    assert callable(module.run)
    assert len(parser._actions) > 1


def test_the_parser_of_one_command_has_only_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    parser = build_parser("list")
    assert parser.parse_args(["list", "--json"]).json
    with pytest.raises(SystemExit):
        parser.parse_args(["run", "--json"])
    assert "unrecognized arguments: --json" in capsys.readouterr().err


def test_the_parser_of_one_command_has_the_full_help() -> None:
    assert build_parser("list").format_help() == build_parser().format_help()


@pytest.mark.parametrize("option", ["--seed", "--set", "--course", "--machine", "--steps"])
def test_two_dashes_are_not_the_value_of_an_option(option: str, run: Run) -> None:
    refused(run("run", "who-may-use-the-reserve", f"{option}=--"), f"argument {option}")


def test_an_unknown_command_is_exit_2(run: Run) -> None:
    refused(run("frobnicate"), "invalid choice")


HOSTILE = r"""format = 1
title = "\u001b]0;PWNED\u0007\u001b[31mred"
lesson = "\u001b[2J lesson"
[machine]
memory = "1 MiB"
[[thread]]
name = "a"
script = "x = 1"
[[question]]
before = 1
ask = "\u001b[2Jask"
answer = "1"
value = "0"
why = "\u001b[2Jwhy"
[[expect]]
at = "end"
that = "0 # \u001b[2J"
"""


@pytest.mark.parametrize(
    "words",
    [
        ["run", "FILE", "--answers"], ["run", "FILE", "--json"], ["check", "FILE"],
        ["check", "FILE", "--json"], ["biography", "FILE", "page", "0x40"], ["why", "FILE", "thread[a].pc"],
        ["run", "FILE", "--until", "\x1b]0;x"],
        ["export", "FILE", "--format", "json"], ["show", "page", "\x9b31m"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_text_of_a_file_or_an_argument_reaches_the_terminal_raw(
    words: list[str], tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "hostile.toml"
    path.write_text(HOSTILE)
    _, out, err = run(*(str(path) if word == "FILE" else word for word in words))
    assert out + err
    assert safe(out + err) == out + err


def test_the_streams_are_as_before_after_a_command(run: Run) -> None:
    before = sys.stdout, sys.stderr
    run("list")
    assert (sys.stdout, sys.stderr) == before
    with entry.safe_streams():
        assert sys.stdout is not before[0]
