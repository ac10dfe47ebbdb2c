"""`pageq differences`: the disagreements between document and source, and what a machine does."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from engine.inputs.machine_name import read_machine
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import read_rules
from engine.reports.differences import Difference, differences
from engine.reports.differences_table import GROUPS, NOTE
from engine.words import plural
from explorer.cli.arguments import MACHINE, ONE_OBJECT, RULES

PLACE: Final = 90
HELP: Final = "List where the design document and the kernel source disagree, and what a machine does."

WIDTH: Final = 80
_LABEL: Final = 14


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq differences`."""
    parser.add_argument("--machine", metavar="M", default="small", help=f"{MACHINE}; default small")
    parser.add_argument("--rules", metavar="R", default="document", help=f"{RULES}; default document")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Boot a machine and print every disagreement, as text grouped by subject or as one JSON object."""
    vm = boot(MachineConfig(read_machine(arguments.machine), read_rules(arguments.rules)))
    if arguments.json:
        print(json.dumps(_facts(vm)))
        return 0
    for line in describe_differences(vm):
        print(line)
    return 0


def _facts(vm: Machine) -> dict[str, Any]:
    keys = ("row", "subject", "document", "source", "here", "option", "follows")
    rows = [{key: getattr(row, key) for key in keys} for row in differences(vm)]
    return {"format": 1, "rules": vm.rules.name(), "machine": vm.config.hardware.name, "rows": rows}


def describe_differences(vm: Machine) -> Iterator[str]:
    """Format the disagreements as lines of at most WIDTH characters."""
    rows = differences(vm)
    notes = sum(row.kind == NOTE for row in rows)
    words = (
        f"The {len(rows) - notes} places where the design document and the kernel source disagree, "
        f"{plural(notes, 'note')} on what the document leaves open, and what the machine "
        f"{vm.config.hardware.name} does under the rules {vm.rules.name()}."
    )
    yield from textwrap.wrap(words, WIDTH)
    subjects = list(GROUPS)
    ordered = sorted(rows, key=lambda row: (subjects.index(row.group), row.row))
    for group, members in groupby(ordered, key=lambda row: row.group):
        yield from ("", group, "=" * len(group))
        for row in members:
            yield ""
            yield f"{row.row:>2}  {row.subject}{' (note)' * (row.kind == NOTE)}"
            yield from _labelled("document", row.document)
            yield from _labelled("source", row.source)
            yield from _labelled("here", row.here)
            yield from _labelled("follows", _decided(row))


def _labelled(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"    {label:<{_LABEL - 4}}", subsequent_indent=" " * _LABEL
    )


def _decided(row: Difference) -> str:
    side = f"the {row.follows}" if row.follows != "neither" else "neither"
    if row.option is None:
        return f"{side}, under all rules"
    if row.follows == "source" and row.kind == "machine setting":
        return f"{side}; the {row.kind} {row.setting} says how often"
    return f"{side}, by the {row.kind}{'s' * (', ' in row.option)} {row.setting}"
