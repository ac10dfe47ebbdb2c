"""The time until the commands print something: whole processes, as a user starts them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

COMMANDS = {
    "pageq --version": (["--version"], 0.1),
    "pageq list": (["list"], 0.3),
    "pageq run, to its first line": (["run", "life-of-a-page"], 0.5),
}


def measure(runs: int = 7) -> list[dict[str, Any]]:
    """Start each command `runs` times; return rows {name, median, unit, target, ratio = median / target}."""
    rows = []
    for name, (words, target) in COMMANDS.items():
        median = statistics.median(_first_line(words) for _ in range(runs))
        ratio = round(median / target, 3)
        rows.append({"name": name, "median": round(median, 3), "unit": "s", "target": target, "ratio": ratio})
    return rows


def _first_line(words: list[str]) -> float:
    """Seconds until the command has printed its first line."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "explorer.cli", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken = time.perf_counter() - begin
        process.kill()
    assert line, f"{command} printed nothing"
    return taken
