"""Arguments that several sub-commands share, and their help texts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final

from engine.run.splitmix import MASK64
from engine.scenario.library import OWN, open_course

SCENARIO: Final = "a scenario from the library (see `pageq list`), or a file"
MACHINE: Final = "a preset such as small, `host`, an hwloc XML file, or SIZE:SxCxT such as 64MiB:2x4x2"
RULES: Final = "document or source, optionally with options: document+find2_full=off,nice_rule=none"
AT: Final = "a step, start, THREAD:LINE or THREAD:@ANCHOR (first arrival), `when EXPR`, or end"
STATE: Final = "a state string (pq1-...), or a file that contains one"
SET: Final = (
    "set a key of the scenario: rules, a key of machine, machine.thresholds, limits or screen, such "
    "as machine.colors=16, or a parameter; overrides --machine, --rules and --seed; may be repeated"
)
SEED: Final = "choose the values of the scenario's parameters by a number, such as a student's"
HISTORY: Final = "how much memory the history of all branches may take, such as 2GiB; default 512MiB"
COURSE: Final = "the folder of a course: scenarios, and a course.toml that lists them (pageq help courses)"
_SEED_DIGITS: Final = 20
BY_SUFFIX: Final = "default: by the suffix of the output file, else text"
ONE_OBJECT: Final = "print one JSON object"


def add_settings(
    parser: argparse.ArgumentParser, before: str = "run it on another machine", seed: str = SEED
) -> None:
    """Add `--machine M`, `--rules R`, `--seed SEED`, `--set KEY=VALUE` and `--course DIR`.

    before: the start of the help of --machine; seed: the help of --seed.
    """
    parser.add_argument("--machine", metavar="M", help=f"{before}: {MACHINE}")
    parser.add_argument("--rules", metavar="R", help=f"use other rules: {RULES}")
    parser.add_argument("--seed", metavar="SEED", type=read_seed, help=seed)
    parser.add_argument("--set", metavar="KEY=VALUE", dest="sets", action="append", default=[], help=SET)
    add_course(parser)


def add_course(parser: argparse.ArgumentParser) -> None:
    """Add `--course DIR`, which gives the library in which the names of scenarios are looked up."""
    parser.add_argument("--course", metavar="DIR", type=open_course, default=OWN, help=COURSE)


def read_seed(text: str) -> int:
    """Parse a seed, an integer of 64 bits without a sign.

    Errors: argparse.ArgumentTypeError for any other text.
    """
    if text.isascii() and text.isdecimal() and len(text) <= _SEED_DIGITS and int(text) <= MASK64:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a seed; use a number from 0 to {MASK64}")


def format_of(arguments: argparse.Namespace, suffixes: Mapping[str, str]) -> str:
    """Return the format of `--format`, else that of the output file's suffix, else text.

    suffixes: in lower case, with the dot -> the format.
    """
    given: str | None = arguments.format
    return given or suffixes.get(PurePath(arguments.out or "").suffix.lower(), "text")


def add_history(parser: argparse.ArgumentParser) -> None:
    """Add `--history SIZE`."""
    parser.add_argument("--history", metavar="SIZE", help=HISTORY)


def history_limit(arguments: argparse.Namespace) -> int:
    """The limit of a session's history in bytes: that of the command line, else that of the config file.

    Errors: BadInput if the command line has no size.
    """
    # Imported here, so that other commands start faster.
    from explorer.commands.config import load_settings
    from explorer.session.command_line import read_history_size

    if arguments.history is not None:
        return read_history_size(arguments.history)
    return load_settings().history


def add_own_run(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a command that runs a scenario and then reads its history."""
    parser.add_argument("--schedule", metavar="S", help="use another schedule, as for `pageq run`")
    add_settings(parser, "use another machine")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def count_of(what: str, example: int, most: int, least: int = 0) -> Callable[[str], int]:
    """Return a parser of an argument: a number of `what` from `least` to `most`, in ASCII digits."""

    def read(text: str) -> int:
        digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if not digits or not least <= int(text) <= most:
            span = f"use one like {example}, from {least} to {most:,}"
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of {what}; {span}")
        return int(text)

    return read
