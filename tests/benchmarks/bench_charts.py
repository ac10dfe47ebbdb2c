"""The cost of charts, extremes and the timeline's lanes after a million steps of a run with clock ticks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from engine.run.history import History
from engine.scenario.loader import load_text
from explorer.lenses import chart
from explorer.session.charts import go_to_extreme, read_choice
from explorer.session.session import Session
from explorer.session.timeline import timeline_of

STEPS = 1_000_000

SCRIPT = """
n = 0
while True:
    for i in range(20):
        m = vm_page_alloc({name}, i, VM_ALLOC_NORMAL)
        vm_page_activate(m)
        vm_page_wakeup(m)
    for i in range(20):
        m = vm_page_lookup_busy_wait({name}, i, 1)
        vm_page_free(m)
    n += 1
    tick()
"""


def make_history() -> History:
    """Two threads that fill an object and empty it without end, with a clock tick each time."""
    lines = ["format = 1", 'title = "Ups and downs"', "[machine]", 'memory = "64 MiB"', 'topology = "1x2x1"']
    lines += ["[limits]", "steps = 100_000_000"]
    for cpu, name in enumerate(("heap", "stack")):
        lines += ["[[object]]", f'name = "{name}"', "[[thread]]", f'name = "t{cpu}"', f"cpu = {cpu}"]
        lines += [f'script = """{SCRIPT.format(name=name)}"""']
    return load_text("\n".join(lines), "ups-and-downs").start()


def _timed(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1e3


def _row(name: str, median: float, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(median, 3),
        "unit": "ms",
        "target": target,
        "ratio": round(median / target, 3),
    }


def _first(session: Session, words: str) -> float:
    session.chart = read_choice(session, words)
    return _timed(lambda: chart.draw(chart.look(session), 74, 12))


def measure() -> list[dict[str, Any]]:
    """The first chart, one after a step, extremes, and the timeline with lanes."""
    history = make_history()
    history.extend(STEPS)
    session = Session(history)
    rows = [
        _row("chart of a million steps, with plotext's import", _first(session, "free active wired"), 300)
    ]
    rows.append(
        _row("chart of the queues, the first time", _first(session, "FREE ACTIVE INACTIVE CACHE"), 300)
    )
    rows.append(_row("goto max active", _timed(lambda: [*go_to_extreme(session, "max active")]), 100))
    rows.append(_row("goto min FREE", _timed(lambda: [*go_to_extreme(session, "min FREE")]), 100))
    looks, draws, lanes = [], [], []
    timeline_of(session, 192, lanes=True)
    for _ in range(300):
        history.extend(1)
        looks.append(_timed(lambda: chart.look(session)))
        row = chart.look(session)
        draws.append(_timed(lambda: chart.draw(row, 74, 12)))  # noqa: B023  # called at once
        lanes.append(_timed(lambda: timeline_of(session, 192, lanes=True)))
    rows.append(_row("chart: look after a step", statistics.median(looks), 2))
    rows.append(_row("chart: draw 74x12 after a step", statistics.median(draws), 5))
    rows.append(_row("timeline with lanes after a step", statistics.median(lanes), 0.5))
    return rows
