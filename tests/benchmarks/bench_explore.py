"""Explore: the search of hard-and-soft-busy, a whole `pageq explore lost-wakeup`, and sampled schedules."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from engine.explore.job import Job
from engine.explore.limits import Limits, Sample
from engine.explore.model.watched import Asked
from engine.explore.prepared import recipe_of
from engine.explore.sample.processes import take
from engine.explore.sample.walks import Walker
from engine.explore.search import Search
from engine.scenario.loader import load

ROOT = Path(__file__).parents[2]


def _job(name: str) -> Job:
    return Job(recipe_of(load(name)), Limits())


def _least(name: str, speed: float, unit: str, target: float) -> dict[str, Any]:
    return {"name": name, "median": speed, "unit": unit, "target": target, "ratio": target / speed}


def _most(name: str, value: float, unit: str, target: float) -> dict[str, Any]:
    return {"name": name, "median": value, "unit": unit, "target": target, "ratio": value / target}


def _most_memory() -> int:
    """The most memory that this process has had, in bytes; on Linux the kernel counts KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _search() -> list[dict[str, Any]]:
    with _job("hard-and-soft-busy").prepared() as ready:
        before, start = _most_memory(), time.perf_counter()
        graph = Search(ready.model, Limits(), Asked()).run()
        seconds = time.perf_counter() - start
    size = (_most_memory() - before) / graph.size
    return [
        _most("explore hard-and-soft-busy: the search", seconds, "s", 10),
        _least("explore hard-and-soft-busy: states", graph.size / seconds, "states/s", 40_000),
        _least("explore hard-and-soft-busy: steps", graph.source.size / seconds, "steps/s", 120_000),
        _most("explore hard-and-soft-busy: memory", size, "bytes/state", 400),
    ]


def _command() -> dict[str, Any]:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        words = [sys.executable, "-m", "explorer.cli", "explore", "lost-wakeup"]
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return _most("pageq explore lost-wakeup, with start", median(times), "s", 0.6)


def _samples(strategy: str, depth: int) -> dict[str, Any]:
    sample = Sample("pct" if depth else "random", depth)
    with _job("trylock-skips").prepared() as ready:
        start = time.perf_counter()
        tally = take(Walker(ready.model, sample, Limits(), ready.asked), range(5_000))
        speed = tally.schedules / (time.perf_counter() - start)
    return _least(f"explore --sample {strategy}, trylock-skips", speed, "schedules/s", 3_000)


def measure() -> list[dict[str, Any]]:
    """Measure."""
    return [*_search(), _command(), _samples("pct:2", 2), _samples("random", 0)]
