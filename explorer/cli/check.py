"""`pageq check`: whether scenario files are what they should be."""

from __future__ import annotations

import json
import sys
from typing import Any

from engine.errors import BadInput
from engine.scenario.loader import load


def check_files(files: list[str], as_json: bool = False) -> int:
    """Load each file and boot its machine; print a line for each, problems on stderr; 2 if there was one.

    as_json: print one JSON object instead of the lines; problems are in it, and on stderr as well.
    """
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            scenario = load(file)
            scenario.start()
        except BadInput as error:
            sys.stdout.flush()
            print(error, file=sys.stderr)
            rows.append({"file": file, "ok": False, "at": error.file, "line": error.line})
            rows[-1]["message"] = error.message
        else:
            rows.append({"file": file, "ok": True, "title": scenario.title})
            rows[-1]["threads"] = len(scenario.form.threads)
            if not as_json:
                print(f"{file}: {scenario.title}: {len(scenario.form.threads)} threads, ok")
    if as_json:
        print(json.dumps({"format": 1, "files": rows}))
    return 0 if all(row["ok"] for row in rows) else 2
