"""Experiments: each default sweep with two processes, the gain of the second process, and the cache."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from engine.experiments.listing import experiment_names

ROOT: Final = Path(__file__).resolve().parents[2]


def _seconds(folder: str, *words: str) -> float:
    """The seconds that a command takes, with its start; its cache is in a folder."""
    command = [sys.executable, "-m", "explorer.cli", "experiment", *words]
    begun = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, env={**os.environ, "XDG_CACHE_HOME": folder}, check=False
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return time.perf_counter() - begun


def _row(name: str, median: float, unit: str, target: float, ratio: float) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(median, 3),
        "unit": unit,
        "target": target,
        "ratio": round(ratio, 3),
    }


def measure() -> list[dict[str, Any]]:
    """The rows: at most 90 s for a sweep, and at least 1.7 for the second process."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in experiment_names():
            seconds = _seconds(folder, name, "--workers", "2")
            rows.append(_row(f"experiment {name}, 2 processes", seconds, "s", 90, seconds / 90))
            if name == "contention":
                gain = _seconds(folder, name, "--workers", "1", "--no-cache") / seconds
                rows.append(_row("contention, 1 process over 2", gain, "", 1.7, 1.7 / gain))
        seconds = _seconds(folder, "contention")
        rows.append(_row("experiment contention, from the cache", seconds, "s", 1.0, seconds))
    return rows
