"""Run all benchmarks: python tests/benchmarks/run.py [--json] [NAME ...]

Each bench_*.py beside this file has `measure() -> list[dict]` with name, median, unit, target and ratio
(median / target). A ratio up to 1 reaches the target, where less is better; for speeds the target is a
minimum and the ratio is target / median. Timings drift on a shared machine: compare ratios of one run.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))  # the engine of this checkout, installed or not
COLUMNS = "{name:<58} {median:>14} {unit:<12} {target:>12} {ratio:>7}"


def measure(path: Path) -> list[dict[str, Any]]:
    """Load one benchmark file and run it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[dict[str, Any]] = module.measure()
    return found


def shown(value: float | None) -> str:
    """A number in readable form."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def main(words: list[str]) -> int:
    """Run the named benchmarks, or all, and print a row per figure."""
    wanted = [word for word in words if not word.startswith("-")]
    paths = [path for path in sorted(HERE.glob("bench_*.py")) if not wanted or path.stem[6:] in wanted]
    rows = []
    if "--json" not in words:
        print(COLUMNS.format(name="what", median="median", unit="unit", target="target", ratio="ratio"))
    for path in paths:
        for row in measure(path):
            rows.append(row)
            if "--json" not in words:
                texts = {key: shown(row[key]) for key in ("median", "target", "ratio")}
                print(COLUMNS.format(name=row["name"], unit=row["unit"], **texts), flush=True)
    if "--json" in words:
        print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
