"""The cost of lessons: turning a page on the screen, opening with a lesson, and the whole library."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from textual import events

from engine.scenario.loader import load
from explorer.cli.entry import main
from explorer.commands.config import Settings
from explorer.session.session import Session
from tests.benchmarks.bench_screen import MeasuredApp, _answered, _row

NAMES = ("life-of-a-page", "thrash", "tour")
"""The scenarios whose pages are turned: short pages, a long run, pages that ask for something."""

SIZE = (120, 40)
SETTLED_MS, SETTLED_P90_MS = 60.0, 150.0
OPENED = 1.15
"""The most that opening with the lesson may take, as a ratio to opening without it."""

RUNS = 9
SECONDS = 10.0

Row = dict[str, Any]


async def _shown(app: MeasuredApp, measurement: Callable[[MeasuredApp], Awaitable[None]]) -> None:
    async def pilot(pilot: Any) -> None:
        await pilot.pause(0.3)
        await measurement(pilot.app)
        pilot.app.exit()

    await app.run_async(headless=False, size=SIZE, auto_pilot=pilot)


async def turned(name: str) -> list[float]:
    """Milliseconds of wall time until each key is settled that turns the pages to the end and back.

    Keys that show the rest of a page, or remind of what it asks for, count too.
    """
    scenario = load(name)
    session = Session(scenario.start(), scenario)
    app, found = MeasuredApp(session), []
    app.animation_level = "none"

    async def turn(app: MeasuredApp) -> None:
        for key, last in (("r", len(scenario.pages) - 1), ("R", 0)):
            while session.reading.page(session.history) != last:
                _, settled = await _answered(partial(app.post_message, events.Key(key, key)))
                found.append(settled)

    await _shown(app, turn)
    return found


async def opened(lessons: str) -> float:
    """Seconds of CPU time from the scenario's file to the first frame at rest; lessons: the setting."""
    begin, taken = time.process_time(), 0.0
    scenario = load(NAMES[0])
    app = MeasuredApp(Session(scenario.start(), scenario))
    app.settings = Settings(lessons=lessons)

    async def rest(app: MeasuredApp) -> None:
        nonlocal taken
        await app.displayed.wait()
        taken = time.process_time() - begin

    await _shown(app, rest)
    return taken


def opening_ratio() -> float:
    """How much longer opening takes with the lesson: the median over pairs, after one to warm up."""
    pairs = [(asyncio.run(opened("on")), asyncio.run(opened("off"))) for _ in range(RUNS + 1)]
    return statistics.median(on / off for on, off in pairs[1:])


def library() -> float:
    """Seconds of CPU time of `pageq run --all`, which checks every expectation and question."""
    before = sum(os.times()[:4])  # its own and that of the processes it starts
    with contextlib.redirect_stdout(io.StringIO()):
        main(["run", "--all"])
    return sum(os.times()[:4]) - before


def measure() -> list[Row]:
    """The benchmarks of lessons: name, median, unit, target, ratio of median to target."""
    rows = []
    for name in NAMES:
        settled = asyncio.run(turned(name))
        rows += [
            _row(f"r and R in {name}, settled", statistics.median(settled), "ms", SETTLED_MS),
            _row(f"r and R in {name}, p90", statistics.quantiles(settled, n=10)[-1], "ms", SETTLED_P90_MS),
        ]
    rows.append(_row("opening with the lesson, to without it", opening_ratio(), "x", OPENED))
    rows.append(_row("pageq run --all", library(), "s CPU", SECONDS))
    return rows


if __name__ == "__main__":
    for figure in measure():
        print(figure)
