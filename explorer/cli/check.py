"""`pageq check`: validate scenario files."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Final

from engine.errors import BadInput
from engine.words import plural
from explorer.cli.arguments import ONE_OBJECT, SCENARIO, add_settings
from explorer.session.command_line import asked_for

PLACE: Final = 50
HELP: Final = "Validate scenarios; each message gives FILE:LINE, the error and how to fix it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq check`."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=SCENARIO)
    add_settings(parser, "check them on another machine")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Load each file, boot its machine and print one line per file; return 2 if there was an error, else 0.

    Errors go to stderr. With --json, print one JSON object instead of the lines; it contains the errors too.
    """
    rows: list[dict[str, Any]] = []
    for file in arguments.files:
        try:
            scenario = asked_for(arguments, file)
            scenario.start()
        except BadInput as error:
            sys.stdout.flush()
            print(error, file=sys.stderr)
            rows.append({"file": file, "ok": False, "at": error.file, "line": error.line})
            rows[-1]["message"] = error.message
        else:
            rows.append({"file": file, "ok": True, "title": scenario.title})
            rows[-1]["threads"] = len(scenario.form.threads)
            if not arguments.json:
                print(f"{file}: {scenario.title}: {plural(len(scenario.form.threads), 'thread')}, ok")
    if arguments.json:
        print(json.dumps({"format": 1, "files": rows}))
    return 0 if all(row["ok"] for row in rows) else 2
