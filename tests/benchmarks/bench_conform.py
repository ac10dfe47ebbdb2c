"""Operations of recorded kernel traces replayed and compared per second, except boots and endless calls.

Without the traces there is nothing to measure.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from engine.inputs.kernel_trace import Segment
from engine.inputs.traces.file import Line, read_lines
from engine.inputs.traces.machine import read_header
from engine.inputs.traces.report import Tally

GOLDEN = Path(__file__).resolve().parents[1] / "conformance" / "golden"
TARGET = 10_000


def _operations(path: Path) -> tuple[int, float]:
    """The number of operations of a trace, and the seconds they take; its boots are not timed."""
    count, spent = 0, 0.0
    segment = None
    for _, line in list(read_lines(str(path))):
        if "header" in line:
            segment = Segment(str(path), Tally(), read_header(line))
            segment.complain()
        elif segment is not None and not _endless(line):
            begin = time.perf_counter()
            segment.replay(line)
            if "op" in line:
                spent += time.perf_counter() - begin
                count += 1
    return count, spent


def _endless(line: Line) -> bool:
    return bool(line.get("panic", {}).get("kind") == "livelock")


def measure(runs: int = 3) -> list[dict[str, Any]]:
    """Return the row {name, median, unit, target, ratio = target / median}; none without the traces."""
    paths = sorted(path for path in GOLDEN.glob("*.jsonl.gz") if not path.name.startswith("pageout_"))
    rates = []
    for _ in range(runs if paths else 0):
        measured = [_operations(path) for path in paths]
        rates.append(sum(count for count, _ in measured) / sum(spent for _, spent in measured))
    if not rates:
        return []
    median = statistics.median(rates)
    return [
        {
            "name": "operations of traces replayed and compared",
            "median": round(median),
            "unit": "ops/s",
            "target": TARGET,
            "ratio": round(TARGET / median, 3),
        }
    ]
