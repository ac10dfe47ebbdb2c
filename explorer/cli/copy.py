"""`pageq copy`: write a scenario's file as the start of a scenario of one's own."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.inputs import file_roles
from engine.inputs.wrong_file import asking_for
from engine.scenario.file_text import read_bytes, text_of
from engine.scenario.library import OWN
from engine.scenario.settings import is_counters_file
from engine.scenario.toml_reader import parse_toml
from explorer.cli.arguments import SCENARIO, add_course
from explorer.session.whole_file import create_file, replace_file, user_path

PLACE: Final = 46
HELP: Final = "Copy a scenario's file, as the start of a scenario of your own."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq copy`."""
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("file", metavar="FILE", help="the new file, a folder, or - for stdout")
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    add_course(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the bytes of the scenario's file to `file`, and print what to do next.

    Errors: BadInput if there is no such scenario, its file is not TOML, or FILE exists; OSError if FILE
    cannot be written. Nothing is written on an error.
    """
    source = arguments.course.find(arguments.scenario)
    with asking_for(file_roles.SCENARIO, source):
        content = read_bytes(source)
        document = parse_toml(text_of(content, source), str(source))
    if arguments.file == "-":
        _print(content, source)
        return 0
    target = _target(arguments.file, source)
    _write(target, content, force=arguments.force)
    print(f"{target}: a copy of {arguments.scenario}")
    for line in _next_lines(target):
        print(line)
    for key in ("hwloc", "counters"):
        if note := _about_file(key, document, source, target):
            print(note, file=sys.stderr)
    return 0


def _print(content: bytes, source: Path) -> None:
    """Write the bytes to stdout; a terminal gets the text, which the stream makes safe for it."""
    if sys.stdout.isatty():
        sys.stdout.write(text_of(content, source))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def _target(text: str, source: Path) -> Path:
    """Return the file to write: `text`, or in the folder `text` the file of the same name.

    Errors: BadInput for a folder that does not exist.
    """
    path = user_path(text)
    if path.is_dir():
        return path / source.name
    if text.endswith(os.sep):
        raise BadInput(f"there is no folder {text[:80]!r}; make it, or give a file")
    return path


def _write(target: Path, content: bytes, *, force: bool) -> None:
    if force:
        replace_file(target, content)
        return
    try:
        create_file(target, content)
    except FileExistsError:
        words = "the file exists; give another name, or replace it with --force"
        raise BadInput(words, file=str(target)) from None


def _next_lines(target: Path) -> list[str]:
    """What to do with the copy; a file with the name of a library scenario needs its folder in a command."""
    name = str(target) if str(target) not in OWN.names else os.path.join(os.curdir, target)
    word = shlex.quote(name)
    return [f"next: pageq check {word}", f"      pageq tui {word}"]


def _about_file(key: str, document: dict[str, Any], source: Path, target: Path) -> str:
    """Say where the file is that a key of [machine] names, if there is none at its path relative to the copy.

    "" if there is one, or the key names none.
    """
    machine = document.get("machine")
    name = machine.get(key) if isinstance(machine, dict) else None
    if not isinstance(name, str) or (key == "counters" and not is_counters_file(name)):
        return ""
    there = target.parent / name
    if there.is_file():
        return ""
    return f"{target}: {key} = {name!r} is relative to the file; copy {source.parent / name} to {there} too"
