"""`pageq config`: print the path of the config file, write a default one, or validate it."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from engine.errors import BadInput
from explorer.commands.config import config_path, default_text, load_settings
from explorer.session.whole_file import create_file

PLACE: Final = 140
HELP: Final = "Print the path of the config file, which has the theme, the keys and other settings."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq config`."""
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--write", action="store_true", help="create the file with all defaults commented out"
    )
    action.add_argument("--check", action="store_true", help="validate the file and print each error")


def run(arguments: argparse.Namespace) -> int:
    """Print the path of the config file, after writing it with --write, or print the errors in it.

    Errors: BadInput if --write finds an existing file; OSError if the file cannot be written.
    """
    if arguments.check:
        return _check()
    if arguments.write:
        _write()
    print(config_path())
    return 0


def _write() -> None:
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        create_file(path, default_text().encode("utf-8"))
    except FileExistsError:
        raise BadInput("already exists; edit it, or move it away first", file=str(path)) from None


def _check() -> int:
    path = config_path()
    problems = load_settings().problems
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{path}: {'ok' if path.exists() else 'does not exist; pageq uses the defaults'}")
    return 2 if problems else 0
