"""How long boot takes and how much memory the booted process holds.

Each boot runs in a fresh process, as for a user: then the operating system provides untouched memory.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from engine.kernel.boot.sequence import boot
from engine.machine.machine import MachineConfig
from engine.machine.topology import Hardware, NumaRange, Topology, regular

ROOT = Path(__file__).resolve().parents[2]
GIB = 1 << 30

MACHINES = {
    "boot 64 GiB, two sockets": regular("two", 64 * GIB, Topology.grid(2, 32, 2)),
    "boot 64 GiB, one of two sockets without memory": Hardware(
        "lopsided", Topology.grid(2, 32, 2), ((0, 64 * GIB),), (NumaRange(0, 64 * GIB, 0),), True
    ),
    "boot 16 MiB": regular("small", 16 << 20, Topology.grid(1, 2, 1)),
}

TARGETS = {
    "boot 64 GiB, two sockets": (2.0, 900.0),
    "boot 64 GiB, one of two sockets without memory": (4.0, 900.0),
    "boot 16 MiB": (0.020, 100.0),
}
"""Seconds, and MiB of peak resident memory."""


def measure(runs: int = 5) -> list[dict[str, Any]]:
    """Boot each machine `runs` times; return rows {name, median, unit, target, ratio = median / target}."""
    rows = []
    for name, (seconds, mebibytes) in TARGETS.items():
        taken = [_boot_in_a_process(name) for _ in range(runs)]
        rows.append(_row(name, statistics.median(time for time, _ in taken), "s", seconds))
        rows.append(_row(f"{name}: peak RSS", statistics.median(size for _, size in taken), "MiB", mebibytes))
    return rows


def _row(name: str, median: float, unit: str, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(median, 4),
        "unit": unit,
        "target": target,
        "ratio": round(median / target, 3),
    }


def _boot_in_a_process(name: str) -> tuple[float, float]:
    command = [sys.executable, str(Path(__file__).resolve()), name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # installed or not
    finished = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    seconds, mebibytes = json.loads(finished.stdout)
    return seconds, mebibytes


def _boot_here(name: str) -> tuple[float, float]:
    """Seconds for one boot, and the process's peak resident memory in MiB afterwards."""
    start = time.perf_counter()
    boot(MachineConfig(MACHINES[name]))
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: list[str]) -> None:
    """Print one boot's numbers for a machine's name, or the whole table without one."""
    print(json.dumps(_boot_here(arguments[0]) if arguments else measure()))


if __name__ == "__main__":
    main(sys.argv[1:])
