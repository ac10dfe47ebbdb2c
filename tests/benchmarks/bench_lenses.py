"""What a look through each lens costs at every step: a run of a million steps on a machine of 16,384 pages.

CPU time of this process. The first look reads the journal once; it is measured by itself.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from importlib import import_module

from engine.history import History
from engine.scenario.loader import load_text
from explorer.lenses.lens import Lens
from explorer.session import Scene, Session
from explorer.views.threads import thread_rows

NAMES = ("moves", "why", "life", "waits", "branches", "ddb", "search")
STEPS, LOOKS = 1_000_000, 150
LOOK_MS, FIRST_MS = 2.0, 1000.0

LOOP = """
i = 0
while i < 30000:
    m = vm_page_alloc(NULL, i % 1000, VM_ALLOC_NORMAL)
    vm_page_activate(m)
    vm_page_wakeup(m)
    vm_page_busy_wait(m, 0)
    vm_page_deactivate(m)
    vm_page_free(m)
    i = i + 1
"""
SCENARIO = f'''
format = 1
title = "Two threads allocate and free"
[machine]
memory = "64 MiB"
topology = "2x4x2"
[limits]
steps = {STEPS}
[[thread]]
name = "a"
cpu = 0
script = """{LOOP}"""
[[thread]]
name = "b"
cpu = 9
script = """{LOOP}"""
'''


def _timed(act: Callable[[], object]) -> float:
    begin = time.process_time()
    act()
    return (time.process_time() - begin) * 1e3


def _look_at(session: Session, lens: Lens, step: int) -> float:
    """One look after a step, in milliseconds; what the screen works out anyway is not counted."""
    history: History = session.history
    history.seek(step)
    thread_rows(history, session.labels, None)
    session.unqueued.bring_to(history)
    return _timed(lambda: lens.look(session))


def _row(name: str, figure: float, target: float) -> dict[str, object]:
    return {
        "name": name, "median": round(figure, 3), "unit": "ms CPU", "target": target,
        "ratio": round(figure / target, 3),
    }  # fmt: skip


def measure() -> list[dict[str, object]]:
    """The first look, and the median and the 95th percentile of looks while going back step by step."""
    scenario = load_text(SCENARIO)
    session = Session(scenario.start(), Scene(names=scenario.names))
    total = session.history.extend(STEPS)
    rows = []
    for name in NAMES:
        lens: Lens = import_module(f"explorer.lenses.{name}").LENS
        rows.append(_row(f"first look, {name}", _look_at(session, lens, total), FIRST_MS))
        looks = sorted(_look_at(session, lens, total - n) for n in range(1, LOOKS + 1))
        rows.append(_row(f"look, {name}", statistics.median(looks), LOOK_MS))
        rows.append(_row(f"look, {name}, 95 of 100", looks[LOOKS * 95 // 100], LOOK_MS))
    return rows


if __name__ == "__main__":
    for figure in measure():
        print(figure)
