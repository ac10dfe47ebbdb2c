"""`pageq config`: where the settings lie, a file to begin with, and whether the file is what it should be."""

from __future__ import annotations

import sys

from engine.errors import BadInput
from explorer.commands.config import config_path, default_text, load_settings


def configure(*, write: bool, check: bool) -> int:
    """Print the path of the config file, write it, or say what is wrong in it.

    Errors: BadInput when a file to be written is there already; OSError when it cannot be written.
    """
    if check:
        return _check()
    if write:
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
