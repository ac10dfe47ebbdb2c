"""`pageq check`: whether scenario files are what they should be."""

from __future__ import annotations

import sys

from engine.errors import BadInput
from engine.scenario.loader import load


def check_files(files: list[str]) -> int:
    """Load each file and boot its machine; print a line for each, problems on stderr; 2 if there was one."""
    worst = 0
    for file in files:
        try:
            scenario = load(file)
            scenario.start()
        except BadInput as error:
            sys.stdout.flush()
            print(error, file=sys.stderr)
            worst = 2
        else:
            print(f"{file}: {scenario.title}: {len(scenario.form.threads)} threads, ok")
    return worst
