"""What the screen costs: a frame of the map, a whole step of the screen, and the first frame.

Measured with a driver that encodes everything for a terminal and drops it: headless mode skips the encoding
and would report too little. CPU time of this process, not wall time.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from textual.drivers.headless_driver import HeadlessDriver

from engine.constants import NULL, VM_ALLOC_NORMAL
from engine.history import History
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot import boot
from engine.kernel.free import vm_page_free_toq
from engine.machine import MachineConfig
from engine.program import Call, Program
from engine.topology import parse_spec
from explorer.app import PageqApp
from explorer.rows import MapRow
from explorer.screens.main import MainScreen
from explorer.session import Session
from explorer.widgets.map_panel import MapPanel

MAP_FRAME_MS, STEP_FRAME_MS, FIRST_FRAME_S = 3.5, 30.0, 0.8
FRAMES = 200
ROOT = Path(__file__).parents[2]


class DroppingDriver(HeadlessDriver):
    """Takes what a terminal would be sent, and counts it."""

    sent = 0

    @property
    def is_headless(self) -> bool:
        """Not for Textual: it shall encode."""
        return False

    def write(self, data: str) -> None:
        """Encode and drop."""
        DroppingDriver.sent += len(data.encode())


class MeasuredApp(PageqApp):
    """Says when a frame was written."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.driver_class = DroppingDriver
        self.displayed = asyncio.Event()

    def post_display_hook(self) -> None:
        """A frame is out."""
        self.displayed.set()


def make_history() -> History:
    """Two sockets of 16 cpus, 64 MiB, and a thread that allocates and frees without end."""
    hardware = parse_spec("64MiB:2x4x2")
    assert hardware is not None
    call = Call(
        1, "m = vm_page_alloc(NULL, 5, VM_ALLOC_NORMAL)", "vm_page_alloc", vm_page_alloc,
        (lambda _: NULL, lambda _: 5, lambda _: VM_ALLOC_NORMAL), (0,), 1,
    )  # fmt: skip
    free = Call(
        2, "vm_page_free(m)", "vm_page_free", vm_page_free_toq, (lambda vm: vm.variable.value[0],), (), 0
    )
    program = Program("app", 0, (call.text, free.text), (call, free), {"m": 0})
    return History(boot(MachineConfig(hardware)), [program])


async def _timed(app: MeasuredApp, act: Callable[[], None]) -> float:
    """CPU milliseconds from an action to the frame that shows it."""
    app.displayed.clear()
    begin = time.process_time()
    act()
    await asyncio.wait_for(app.displayed.wait(), 5)
    return (time.process_time() - begin) * 1e3


Measurement = Callable[[MeasuredApp], Awaitable[list[float]]]


async def _on_screen(size: tuple[int, int], measurement: Measurement) -> list[float]:
    """Run the application at a size and measure in it."""
    found: list[float] = []

    async def pilot(pilot: Any) -> None:
        await pilot.pause(0.3)
        found.extend(await measurement(pilot.app))
        pilot.app.exit()

    await MeasuredApp(Session(make_history())).run_async(headless=False, size=size, auto_pilot=pilot)
    return found


def other_rows(rows: tuple[MapRow, ...]) -> tuple[MapRow, ...]:
    """The rows after a step that took a page off one colour and put it on another: two cells change."""
    free, inactive = rows[0].counts.copy(), rows[1].counts.copy()
    free[17] -= free[17]
    inactive[900] += 1
    return (replace(rows[0], counts=free), replace(rows[1], counts=inactive), *rows[2:])


async def _map_frames(app: MeasuredApp) -> list[float]:
    screen = app.screen
    assert isinstance(screen, MainScreen)
    panel, before = screen.query_one(MapPanel), screen.map_rows()
    after = other_rows(before)
    acts = [partial(_show_maps, panel, after), partial(_show_maps, panel, before)] * (FRAMES // 2)
    return [await _timed(app, act) for act in acts]


def _show_maps(panel: MapPanel, rows: tuple[MapRow, ...]) -> None:
    with panel.app.batch_update():
        panel.show_queues(rows)


async def _step_frames(app: MeasuredApp) -> list[float]:
    screen = app.screen
    assert isinstance(screen, MainScreen)
    return [await _timed(app, lambda: screen.action_command("step")) for _ in range(FRAMES)]


def show_first_frame(started: float) -> None:
    """In a process of its own: print the seconds from `started` (time.time) to the first frame, and leave."""

    async def show() -> None:
        app = MeasuredApp(Session(make_history()))
        running = asyncio.create_task(app.run_async(headless=False, size=(120, 40)))
        await app.displayed.wait()
        found.append(time.time() - started)
        app.exit()
        await running

    found: list[float] = []
    asyncio.run(show())
    print(found[0])


def first_frame() -> float:
    """Seconds of wall time from starting the interpreter to the first frame, median of 5."""
    found = []
    for _ in range(5):
        command = [sys.executable, str(Path(__file__)), "--first-frame", str(time.time())]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        found.append(float(done.stdout.split()[-1]))
    return statistics.median(found)


def _row(name: str, median: float, unit: str, target: float) -> dict[str, object]:
    ratio = round(median / target, 3)
    return {"name": name, "median": round(median, 3), "unit": unit, "target": target, "ratio": ratio}


def measure() -> list[dict[str, object]]:
    """The screen's benchmarks: name, median, unit, target, ratio of median to target."""
    rows = []
    for width, height in ((80, 24), (120, 40), (200, 60)):
        frames = asyncio.run(_on_screen((width, height), _map_frames))
        name = f"map frame, 2 cells, {width}x{height}"
        rows.append(_row(name, statistics.median(frames), "ms CPU", MAP_FRAME_MS))
    steps = asyncio.run(_on_screen((120, 40), _step_frames))
    name = "a step and its frame, all panels, 120x40"
    rows.append(_row(name, statistics.median(steps), "ms CPU", STEP_FRAME_MS))
    rows.append(_row("first frame", first_frame(), "s", FIRST_FRAME_S))
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["--first-frame"]:
        show_first_frame(float(sys.argv[2]))
    else:
        for figure in measure():
            print(figure)
