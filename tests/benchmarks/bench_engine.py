"""Steps per second, the size of the history, and the time to move to another step.

The work is the life of a page, repeated forever by two threads, and a thread that takes pages from a pageout
daemon. The threads count, so that their runs are not livelocks.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.run.history import History
from engine.scenario.loader import load_text

STEPS = 1_000_000
FORKED_AT = 3_000_000


LIFE = """
n = 0
while True:
    m = vm_page_alloc({name}, 0, VM_ALLOC_NORMAL)
    vm_page_set_valid(m, 0, PAGE_SIZE)
    vm_page_activate(m)
    vm_page_wakeup(m)
    m = vm_page_lookup_busy_wait({name}, 0, 1)
    vm_page_deactivate(m)
    vm_page_wakeup(m)
    if vm_page_busy_try(m, 1) == 0:
        vm_page_cache(m)
    if vm_page_busy_try(m, 1) == 0:
        vm_page_free(m)
    n += 1
"""
"""The calls of the scenario life-of-a-page, in the order in which its schedule makes them."""


def history_of() -> History:
    """Two threads on two cpus, each with its own object, repeat those calls forever; at step 0."""
    lines = ["format = 1", 'title = "Lives"', "[machine]", 'memory = "16 MiB"', 'topology = "1x2x1"']
    lines += ["[limits]", "steps = 100_000_000"]
    for cpu, name in enumerate(("heap", "stack")):
        script = LIFE.format(name=name)
        lines += ["[[object]]", f'name = "{name}"', "[[thread]]", f'name = "t{cpu}"', f"cpu = {cpu}"]
        lines += [f'script = """{script}"""']
    return load_text("\n".join(lines), "lives").start()


def _row(name: str, median: float, unit: str, target: float, least: bool = False) -> dict[str, Any]:
    ratio = target / median if least else median / target
    return {
        "name": name,
        "median": round(median, 4),
        "unit": unit,
        "target": target,
        "ratio": round(ratio, 3),
    }


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


def _timed(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


PRESSURE = """format = 1
title = "Pressure"
[machine]
memory = "4 MiB"
topology = "1x2x1"
swap = 4096
[[object]]
name = "heap"
size = 4096
[limits]
steps = 100_000_000
[[thread]]
name = "hog"
cpu = 1
script = '''
n = 0
while True:
    m = vm_page_alloc(heap, n % 4096, VM_ALLOC_NORMAL)
    if m == NULL:
        vm_wait(0)
    else:
        vm_page_set_valid(m, 0, PAGE_SIZE)
        vm_page_deactivate(m)
        vm_page_wakeup(m)
    n += 1
'''
[[thread]]
name = "pager"
cpu = 0
script = "pagedaemon()"
"""


def _speed_under_pressure(runs: int = 5, steps: int = 300_000) -> float:
    """Steps per second with a pageout daemon and the ticks that come by default."""
    histories = (load_text(PRESSURE).start() for _ in range(runs))
    return statistics.median(steps / _timed(partial(history.extend, steps)) for history in histories)


def _livelock(runs: int = 5) -> float:
    """Milliseconds from the first step of a thread that loops to the finding that it does."""
    text = 'format = 1\ntitle = "Loop"\n[machine]\nmemory = "4 MiB"\n[[thread]]\nname = "a"\n'
    histories = [load_text(f'{text}script = "while TRUE:\\n    pass"\n').start() for _ in range(runs)]
    spent = [_timed(partial(history.extend, 1_000_000)) for history in histories]
    if {history.outcome for history in histories} != {"livelock"}:
        raise RuntimeError("a loop was not found to be a livelock")
    return statistics.median(spent) * 1e3


def _speed(recorded: bool, runs: int = 5, steps: int = 200_000) -> float:
    speeds = []
    for _ in range(runs):
        history = history_of()
        if not recorded:
            history.vm.memory.record(None)
            history.runner.journal = None
        run = history.extend if recorded else history.runner.run
        run(2_000)
        speeds.append(steps / _timed(partial(run, steps)))
    return statistics.median(speeds)


def _travel(history: History) -> list[dict[str, Any]]:
    """Seek, step back and go live at random steps of a million."""
    chance = random.Random(1)
    seeks, lives, backs = [], [], []
    for _ in range(300):
        seeks.append(_timed(lambda: history.seek(chance.randrange(STEPS))))
        lives.append(_timed(history.go_live))
        history.seek(max(history.step, 100))
        backs.append(_timed(lambda: [history.back() for _ in range(100)]) / 100)
    return [
        _row("seek in a million steps, p95", _percentile(seeks, 0.95) * 1e3, "ms", 5),
        _row("go live at a random step, p95", _percentile(lives, 0.95) * 1e3, "ms", 20),
        _row("step back, p95", _percentile(backs, 0.95) * 1e6, "us", 10),
    ]


def _forks(history: History) -> list[dict[str, Any]]:
    """Fork at the end of a long run, 20 times: the time, and the history that one fork adds."""
    history.extend(FORKED_AT - history.total)
    before, spent = history.budget.bytes, []
    for _ in range(20):
        spent.append(_timed(history.fork))
    added = (history.budget.bytes - before) / 20 / 1e6
    return [
        _row("fork after three million steps", statistics.median(spent) * 1e3, "ms", 5),
        _row("history added by that fork", added, "MB", 1),
    ]


def measure() -> list[dict[str, Any]]:
    """Run it all; return rows {name, median, unit, target, ratio}; up to 1 reaches the target."""
    rows = [
        _row("recorded steps", _speed(True), "steps/s", 400_000, least=True),
        _row("recorded steps with a pageout daemon", _speed_under_pressure(), "steps/s", 400_000, least=True),
        _row("a livelock of one thread, found", _livelock(), "ms", 50),
        _row("unrecorded steps", _speed(False), "steps/s", 1_000_000, least=True),
    ]
    history = history_of()
    history.extend(STEPS)
    size = history.journal.bytes / history.total
    rows.append(_row("history, summaries included", size, "B/step", 48))
    return rows + _travel(history) + _forks(history)
