"""`pageq conform`: replay traces of the real kernel on the model, and print the divergences."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO

from engine.errors import BadInput
from engine.inputs.file_roles import KERNEL_TRACE
from engine.inputs.kernel_trace import replay_trace
from engine.inputs.traces.limits import compare_limits, is_limits_file
from engine.inputs.traces.report import ABSENT, Divergence, Tally
from engine.inputs.wrong_file import asking_for
from explorer.cli.arguments import ONE_OBJECT

PLACE: Final = 80
HELP: Final = "Replay traces recorded from the real kernel code, and compare every value."

AGREES: Final = 0
DIVERGES: Final = 1
BAD: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq conform`."""
    parser.add_argument(
        "traces", nargs="+", metavar="TRACE", help="a trace (.jsonl or .jsonl.gz), or pageout_thresholds.json"
    )
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Replay the traces named on the command line."""
    return run_conform(arguments.traces, sys.stdout, sys.stderr, arguments.json)


def run_conform(paths: list[str], out: TextIO, err: TextIO, as_json: bool = False) -> int:
    """Replay each file, print each divergence when it is found, and print a summary at the end.

    An error about a file that is not a trace goes to `err`; the other files are still replayed.
    as_json: print one JSON object at the end instead.
    Returns the exit code: 0 all agree, 1 a divergence, 2 a file that is not a trace.
    """
    tally = Tally()
    code = AGREES
    rows: list[dict[str, Any]] = []
    for path in paths:
        try:
            for divergence in _compare(path, tally):
                if as_json:
                    rows.append(_row(divergence))
                else:
                    print(divergence, file=out)
        except BadInput as error:
            print(error, file=err)
            code = BAD
    if as_json:
        print(json.dumps(_facts(tally, rows)), file=out)
        return code or (DIVERGES if tally.divergences else AGREES)
    if uncovered := tally.uncovered():
        print(uncovered, file=out)
    print(tally.summary(), file=out)
    return code or (DIVERGES if tally.divergences else AGREES)


def _facts(tally: Tally, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": 1,
        "files": tally.files,
        "segments": tally.segments,
        "operations": tally.operations,
        "comparisons": tally.comparisons,
        "not_covered": dict(sorted(tally.not_covered.items())),
        "divergences": rows,
    }


def _row(divergence: Divergence) -> dict[str, Any]:
    """Return a divergence as JSON; a side that does not have the key has no entry."""
    row = {"file": divergence.file, "line": divergence.line, "op": divergence.index, "name": divergence.name}
    sides = {"trace": divergence.trace, "model": divergence.model}
    return row | {"key": divergence.key} | {name: v for name, v in sides.items() if v is not ABSENT}


def _compare(path: str, tally: Tally) -> Iterator[Divergence]:
    with asking_for(KERNEL_TRACE, path):
        yield from compare_limits(path, tally) if is_limits_file(path) else replay_trace(path, tally)
