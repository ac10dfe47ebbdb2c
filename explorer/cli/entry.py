"""The command line: the choice of the sub-command, and the exit codes.

A module of this package with a PLACE is a sub-command. It has a help text, HELP, and the functions
`add_arguments` and `run`. PLACE and HELP are read from the text of the module, so that `pageq --help`
imports none of them and any other command imports only its own module. No headless command imports Textual.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from engine import __version__
from engine.errors import BadInput, CapacityError, InvariantViolation
from explorer import DEFAULT_SCENARIO
from explorer.cli import interrupts
from explorer.cli.streams import give_up, open_streams
from explorer.views.safe_text import WORDS, SafeStream

FOUND: Final = 1
BAD: Final = 2

_HEAD: Final = re.compile(r'^PLACE: Final = (\d+)\nHELP: Final = "(.+)"$', re.MULTILINE)


class SubCommand(NamedTuple):
    """A sub-command: its place in the list, its name, which is also its module's, and its help text."""

    place: int
    name: str
    help: str

    def module(self) -> ModuleType:
        """Import its module."""
        return import_module(f"explorer.cli.{self.name}")


def sub_commands(folder: Path = Path(__file__).parent) -> dict[str, SubCommand]:
    """Return the sub-commands by name, in the order of the list."""
    found = []
    for path in folder.glob("*.py"):
        if head := _HEAD.search(path.read_text(encoding="utf-8")):
            found.append(SubCommand(int(head[1]), path.stem, head[2]))
    return {command.name: command for command in sorted(found)}


class _Parser(argparse.ArgumentParser):
    """A parser whose help is an error if it cannot be written, and that takes `--` for no option's value."""

    def _print_message(self, message: str, file: Any = None) -> None:
        (file or sys.stderr).write(message or "")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Read the values of an argument; of `--seed=--`, argparse before Python 3.13 makes an empty list."""
        if action.option_strings and arg_strings == ["--"]:
            self.error(str(argparse.ArgumentError(action, "'--' is not a value; give another one")))
        return super()._get_values(action, arg_strings)


def build_parser(named: str | None = None) -> argparse.ArgumentParser:
    """Make the parser of every sub-command; with `named`, only that one gets its arguments."""
    parser = _Parser(
        prog="pageq",
        description="An interactive visual explorer of DragonFly BSD's physical page management.",
        epilog=f"Without a command, pageq opens the screen on the scenario {DEFAULT_SCENARIO!r}.",
    )
    parser.add_argument("--version", action="version", version=f"pageq {__version__}")
    parsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in sub_commands().items():
        one = parsers.add_parser(name, help=command.help, description=command.help)
        if named is None or named == name:
            module = command.module()
            module.add_arguments(one)
            one.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 as expected, 1 a finding, 2 bad input, 130 interrupted."""
    if not open_streams():
        return _refuse("the output is closed; open it, for example with > FILE")
    words = list(sys.argv[1:] if argv is None else argv)
    words = words if _names_command(words) else ["tui", *words]
    with safe_streams():
        return _guarded(words)


@contextmanager
def safe_streams() -> Iterator[None]:
    """Escape what goes to stdout and stderr, and print a glyph that their encoding lacks in words.

    The screen is not affected: Textual writes to the terminal itself.
    """
    streams = sys.stdout, sys.stderr
    for stream in streams:
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=WORDS)
    sys.stdout, sys.stderr = map(SafeStream, streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def _guarded(words: list[str]) -> int:
    """Run one command, and turn what stops it into a message and an exit code."""
    try:
        code = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader closed the pipe; Python must not write to it again when it closes its streams.
        give_up(sys.stdout)
        return 0
    except KeyboardInterrupt:
        return interrupts.INTERRUPTED
    except BadInput as error:
        return _refuse(str(error), bare=error.file is not None)
    except CapacityError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else _about_stream(error))
    except (MemoryError, RecursionError) as error:
        return _refuse(f"too large for the model: {error or type(error).__name__}")
    except InvariantViolation as violation:
        return _refuse(f"a bug in pageq, please report it: {violation}")
    return code


def _run(words: list[str]) -> int:
    """Parse the words and run the command; argparse ends with SystemExit after --help or an error."""
    try:
        arguments = build_parser(words[0]).parse_args(words)
    except SystemExit as end:
        return int(end.code or 0)
    interrupts.raise_again()
    code: int = arguments.run(arguments)
    return code


def _about_stream(error: OSError) -> str:
    return f"cannot read or write a stream: {error.strerror or error}; give a file with free space"


def _names_command(words: Sequence[str]) -> bool:
    """Whether the first word is a command or an option of pageq itself; if not, `tui` is the command."""
    return bool(words) and (not words[0].startswith("-") or words[0] in ("-h", "--help", "--version"))


def _refuse(text: str, bare: bool = False) -> int:
    """Flush stdout and print an error on stderr; `bare` if the text already starts with FILE:LINE."""
    try:
        sys.stdout.flush()
    except OSError:
        give_up(sys.stdout)
    print(text if bare else f"pageq: {text}", file=sys.stderr)
    return BAD
