"""`pageq check`: whether scenario files are what they should be."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Final

from engine.errors import BadInput
from explorer.cli.arguments import ONE_OBJECT, SCENARIO, add_settings
from explorer.session.command_line import asked_for

PLACE: Final = 50
HELP: Final = "Validate scenarios: every message is FILE:LINE, what is wrong, what would be right."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `pageq check` takes."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=SCENARIO)
    add_settings(parser, "check it on another machine")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Load each file and boot its machine; print a line for each, problems on stderr; 2 if there was one.

    With --json it prints one JSON object instead of the lines; problems are in it, and on stderr as well.
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
                print(f"{file}: {scenario.title}: {len(scenario.form.threads)} threads, ok")
    if arguments.json:
        print(json.dumps({"format": 1, "files": rows}))
    return 0 if all(row["ok"] for row in rows) else 2
