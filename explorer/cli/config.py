"""`pageq config`: where the settings lie, a file to begin with, and whether the file is what it should be."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from engine.errors import BadInput
from explorer.commands.config import config_path, default_text, load_settings

PLACE: Final = 140
HELP: Final = "Print where the settings lie: theme, ASCII, projector, motion, and the key of each command."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `pageq config` takes."""
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write a file to start with; it changes nothing")
    action.add_argument("--check", action="store_true", help="say what is wrong in the file, with its line")


def run(arguments: argparse.Namespace) -> int:
    """Print the path of the config file, write it, or say what is wrong in it.

    Errors: BadInput when a file to be written is there already; OSError when it cannot be written.
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
        with path.open("x", encoding="utf-8") as file:
            file.write(default_text())
    except FileExistsError:
        raise BadInput("is there already; edit it, or move it away first", file=str(path)) from None


def _check() -> int:
    path = config_path()
    problems = load_settings().problems
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{path}: {'ok' if path.exists() else 'there is none; the defaults hold'}")
    return 2 if problems else 0
