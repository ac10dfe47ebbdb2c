"""The cost of debugger queries in a history of a million steps with 16,384 pages."""

from __future__ import annotations

import random
import resource
import statistics
import time
from typing import Any

from engine.debug.stops import OnWrite, Stop, next_hit
from engine.debug.why import why
from engine.debug.whynot import CONDITIONS, whynot
from engine.run.history import History
from engine.scenario.loader import load_text
from explorer.session import running
from explorer.session.session import Session
from explorer.views.changes import touched_page

STEPS = 1_000_000

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


def history_of() -> History:
    """Two threads that repeat the life of a page forever, on 64 MiB."""
    lines = ["format = 1", 'title = "Lives"', "[machine]", 'memory = "64 MiB"', 'topology = "1x2x1"']
    lines += ["[limits]", "steps = 100_000_000"]
    for cpu, name in enumerate(("heap", "stack")):
        script = LIFE.format(name=name)
        lines += ["[[object]]", f'name = "{name}"', "[[thread]]", f'name = "t{cpu}"', f"cpu = {cpu}"]
        lines += [f'script = """{script}"""']
    return load_text("\n".join(lines), "lives").start()


def _row(name: str, median: float, unit: str, target: float, ratio: float) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(median, 3),
        "unit": unit,
        "target": target,
        "ratio": round(ratio, 3),
    }


def _why(history: History) -> dict[str, Any]:
    chance, spent = random.Random(1), []
    for _ in range(200):
        address = history.journal.address[chance.randrange(history.journal.writes)]
        at = chance.randrange(history.total)
        begin = time.perf_counter()
        why(history, address, at)
        spent.append((time.perf_counter() - begin) * 1e3)
    p95 = sorted(spent)[int(len(spent) * 0.95)]
    return _row("why of a field, p95", p95, "ms", 50, p95 / 50)


def _whynot(history: History) -> dict[str, Any]:
    """Every condition on the page of a step, with what made it so."""
    chance, spent = random.Random(3), []
    for _ in range(200):
        history.seek(chance.randrange(1, history.total))
        m, what = touched_page(history, history.step), chance.choice(list(CONDITIONS))
        begin = time.perf_counter()
        whynot(history, what, m)
        spent.append((time.perf_counter() - begin) * 1e3)
    p95 = sorted(spent)[int(len(spent) * 0.95)]
    return _row("whynot of a page, p95", p95, "ms", 50, p95 / 50)


def _reverse(history: History) -> dict[str, Any]:
    """Backwards from the end to the only write of a cell, in the worst case: at the start."""
    chance, spent = random.Random(2), []
    for _ in range(50):
        address = history.journal.address[chance.randrange(2_000)]
        stop = Stop(1, "", OnWrite(address))
        begin = time.perf_counter()
        next_hit(history, [stop], 0, chance.randrange(1_000, history.total), backwards=True)
        spent.append((time.perf_counter() - begin) * 1e3)
    never = Stop(1, "", OnWrite(history.vm.memory.address("page.flags", 1)))
    begin = time.perf_counter()
    next_hit(history, [never], 0, history.total, backwards=True)
    worst = max(*spent, (time.perf_counter() - begin) * 1e3)
    return _row("a reverse continue to a watchpoint, slowest", worst, "ms", 300, worst / 300)


def _speed(watchpoints: int, steps: int = 200_000) -> float:
    session = Session(history_of())
    page = session.vm.memory.address("page.flags", 1)
    session.stops = [Stop(n + 1, "", OnWrite(page + n)) for n in range(watchpoints)]
    begin = time.perf_counter()
    for _ in running.run(session):
        if session.history.total >= steps:
            break
    return session.history.total / (time.perf_counter() - begin)


def measure() -> list[dict[str, Any]]:
    """Run it all; return rows {name, median, unit, target, ratio}; up to 1 reaches the target."""
    pairs = [(_speed(0), _speed(5)) for _ in range(5)]
    share = statistics.median(watched / plain for plain, watched in pairs)
    history = history_of()
    history.extend(STEPS)
    rows = [_why(history), _whynot(history), _reverse(history)]
    rows.append(_row("speed with 5 watchpoints, of none", share, "x", 0.5, 0.5 / share))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, _row("the whole process", memory, "MB", 400, memory / 400)]
