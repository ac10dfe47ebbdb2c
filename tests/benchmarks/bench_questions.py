"""The cost of learn mode: playback without a question ahead, and with one that never comes."""

from __future__ import annotations

import time
from typing import Any

from engine.scenario.loader import load_text
from explorer.session import running
from explorer.session.learning import Cut
from explorer.session.question_stops import arrive, place_of
from explorer.session.session import Session

STEPS = 400_000

SLICE = 1_000
"""The steps that playback takes between two looks at the clock."""

LOOP = """format = 1
title = "A long loop"
[machine]
memory = "16 MiB"
topology = "1x1x1"
[limits]
steps = 5000000
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
n = 0
while n < 1000000:
    n = n + 1
    m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
    vm_page_activate(m)
    vm_page_free(m)
x = 5
\"\"\"
[[question]]
asked = "{asked}"
before = "when app.n < 0"
ask = "?"
choices = ["0", "1"]
answer = "0"
value = "0"
"""

AHEAD = {"a line": "app:7", "a count": "when vmstats.v_free_count < 0"}
"""What a question that never comes waits for."""


def played(asked: str, *, passed: bool) -> float:
    """The steps a second, with a look for questions after each slice."""
    scenario = load_text(LOOP.format(asked=asked), "loop.toml")
    session = Session(scenario.start(), scenario)
    session.learning.on = True
    session.learning.met = {question.id for question in scenario.questions if passed}
    started = time.process_time()
    for _ in range(0, STEPS, SLICE):
        begin = place_of(session)
        running.play(session, SLICE)
        arrive(session, begin, 0, Cut(begin, None))
    return session.history.step / (time.process_time() - started)


def measure() -> list[dict[str, Any]]:
    """Return one row per figure; the first is the speed without a question ahead."""
    cases = {"no question ahead": ("app:3", True)} | {
        f"{what} ahead": (asked, False) for what, asked in AHEAD.items()
    }
    rows = []
    for what, (asked, passed) in cases.items():
        speed = played(asked, passed=passed)
        row = {"name": f"played in learn mode, {what}", "median": speed, "unit": "steps/s"}
        rows.append({**row, "target": 200_000, "ratio": 200_000 / speed})
    return rows
