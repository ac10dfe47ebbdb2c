"""Touches of memory by processes, and the faults they take.

Three processes share a machine of 16,384 pages. Nine of ten touches find the page mapped; the tenth faults.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from engine.run.history import History
from engine.scenario.loader import load_text

PAGES = 4096
RUNS = 5

HITS = """
while True:
    for at in range({first}, {last}):
        for again in range(9):
            write({base})
        write({base} + at * PAGE_SIZE)
    munmap({again}, {count})
    map({name}, {again}, {count}, 3, {first})
"""
"""Nine touches of a mapped page per touch of an unmapped one; then the range is mapped again."""

FAULTS = """
while True:
    for at in range({first}, {last}):
        write({base} + at * PAGE_SIZE)
    munmap({again}, {count})
    map({name}, {again}, {count}, 3, {first})
"""


def history_of(script: str) -> History:
    """Three threads of three processes, each at its own object; at step 0."""
    lines = ["format = 1", 'title = "Touches"', "[machine]", 'memory = "64 MiB"', 'topology = "1x4x1"']
    lines += ["swap = 1024", "[limits]", "steps = 1_000_000_000"]
    base, first, last = 0x10000, 16, PAGES
    for cpu, name in enumerate(("heap", "stack", "data")):
        text = script.format(
            name=name, base=base, first=first, last=last, again=base + first * 4096, count=last - first
        )
        lines += ["[[object]]", f'name = "{name}"', f"size = {PAGES}"]
        lines += ["[[process]]", f'name = "p{cpu}"', f"pid = {100 + cpu}"]
        lines += [
            f'maps = [{{object = "{name}", start = {base}, pages = 1, prot = "rw"}},',
            f' {{object = "{name}", start = {base + first * 4096}, pages = 1, prot = "rw"}}]',
        ]
        lines += ["[[thread]]", f'name = "t{cpu}"', f"cpu = {cpu}", f'process = "p{cpu}"']
        lines += [f'script = """\nmunmap({base + first * 4096}, 1)']
        lines += [f"map({name}, {base + first * 4096}, {last - first}, 3, {first})"]
        lines += [text.strip("\n"), '"""']
    return load_text("\n".join(lines), "touches").start()


def _touches(history: History) -> int:
    """Successful loads and stores so far, counted from the journal or from the counters."""
    return int(history.vm.memory.vector("cpu.v_vm_faults").sum())


def _speed(script: str, recorded: bool, touches_a_fault: int) -> float:
    speeds = []
    for _ in range(RUNS):
        history = history_of(script)
        if not recorded:
            history.vm.memory.record(None)
            history.runner.journal = None
        history.runner.run(20_000)
        before, begin = _touches(history), time.perf_counter()
        history.runner.run(150_000)
        took = time.perf_counter() - begin
        speeds.append((_touches(history) - before) * touches_a_fault / took)
    return statistics.median(speeds)


def _row(name: str, median: float, unit: str, target: float) -> dict[str, Any]:
    ratio = round(target / median, 3)
    return {"name": name, "median": round(median, 1), "unit": unit, "target": target, "ratio": ratio}


def measure() -> list[dict[str, Any]]:
    """Run it all; return rows {name, median, unit, target, ratio}; up to 1 reaches the target."""
    return [
        _row("touches, nine of ten mapped, unrecorded", _speed(HITS, False, 10), "touches/s", 20_000),
        _row("touches, nine of ten mapped, recorded", _speed(HITS, True, 10), "touches/s", 8_000),
        _row("faults, recorded", _speed(FAULTS, True, 1), "faults/s", 4_000),
    ]
