"""Reference strings: reading a trace of a million lines, each policy, and 10^8 references through LRU."""

from __future__ import annotations

import gzip
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.policies import comparison
from engine.policies.comparison import POLICIES
from engine.policies.curve import lru_curve
from engine.references.reader import read_references
from engine.references.recorded import recorded_path

ROOT: Final = Path(__file__).resolve().parents[2]
LINES: Final = 1_000_000
FRAMES: Final = 1024
LONG: Final = "made:zipf:pages=1000000,length=100000000,seed=3"


def _row(name: str, median: float, unit: str, target: float) -> dict[str, Any]:
    ratio = round(median / target, 3)
    return {"name": name, "median": round(median, 4), "unit": unit, "target": target, "ratio": ratio}


def _seconds(action: Callable[[], object], runs: int = 3) -> float:
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


@contextmanager
def _million_lines() -> Iterator[str]:
    """The path of a lackey trace of a million lines: those recorded from two programs."""
    texts = (gzip.decompress(Path(recorded_path(name)).read_bytes()) for name in ("awk", "ls"))
    lines = b"".join(texts).splitlines(keepends=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace"
        path.write_bytes(b"".join(lines[:LINES]))
        yield str(path)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "explorer.cli", "replay", *words]


def _whole(*words: str) -> float:
    """The seconds that a command takes, with its start."""
    return _seconds(lambda: subprocess.run(_command(*words), cwd=ROOT, check=True, capture_output=True), 1)


def _short(path: str) -> list[dict[str, Any]]:
    """A million references of real programs: reading them, each policy at 1,024 frames, the whole command."""
    string = read_references(path)
    rows = [_row("a million lines of lackey, read", _seconds(partial(read_references, path)), "s", 0.5)]
    for policy in POLICIES:
        seconds = _seconds(partial(comparison.measure, string, policy, FRAMES))
        rows.append(_row(f"a million references through {policy}", seconds, "s", 0.25))
    rows.append(_row("the curve of LRU over them", _seconds(partial(lru_curve, string)), "s", 3))
    whole = _whole(path, "--frames", str(FRAMES), "--policy", "kernel,lru,fifo,clock,opt")
    return [*rows, _row("the command with five policies", whole, "s", 3)]


def _long() -> list[dict[str, Any]]:
    """10^8 references through LRU: the seconds and the memory of the command."""
    seconds = _whole(LONG, "--frames", "100000", "--policy", "lru")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 << 20)
    return [
        _row("10^8 references through LRU", seconds, "s", 60),
        _row("memory of the largest of these commands", memory, "GiB", 1),
    ]


def measure() -> list[dict[str, Any]]:
    """Run it all; return rows {name, median, unit, target, ratio}; up to 1 reaches the target."""
    with _million_lines() as path:
        return _short(path) + _long()
