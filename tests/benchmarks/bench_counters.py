"""How long a run takes to begin with the counters of a real machine, and to open from its state string."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from engine.kernel.boot.sequence import boot
from engine.saved.reopen import open_token
from engine.saved.state_string import token_of
from engine.scenario.loader import load_text

INACTIVE = 113_730
COLORS = 1024
_LENGTHS = [INACTIVE // COLORS + (color < INACTIVE % COLORS) for color in range(COLORS)]
_ROWS = {"FREE": [4] * COLORS, "CACHE": [0] * COLORS, "ACTIVE": [1] * COLORS, "INACTIVE": _LENGTHS}
DUMP = "".join(f"PQ_{name}:{''.join(f' {length}' for length in row)}\n" for name, row in _ROWS.items())
TEXT = f'format = 1\ntitle = "a machine that has run"\n[machine]\ncounters = """\n{DUMP}"""\n'


def measure(runs: int = 7) -> list[dict[str, Any]]:
    """Begin and open the run `runs` times; return rows {name, median, unit, target, ratio}."""
    scenario = load_text(TEXT)
    token = token_of(scenario, scenario.start())
    begun = _median(scenario.start, runs) - _median(lambda: boot(scenario.config), runs)
    return [
        _row(f"begin with {INACTIVE:,} inactive pages, beyond boot", begun, 0.3),
        _row("open its state string", _median(lambda: open_token(token), runs), 1.0),
    ]


def _median(call: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _row(name: str, seconds: float, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(seconds, 4),
        "unit": "s",
        "target": target,
        "ratio": round(seconds / target, 3),
    }


if __name__ == "__main__":
    print(measure())
