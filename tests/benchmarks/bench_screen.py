"""The cost of the screen: a frame of the map, a complete step of the screen, and the first frame.

Measured with a driver that encodes everything for a terminal and drops it: headless mode skips the encoding
and would report too little. CPU time of this process, not wall time.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import random
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.drivers.headless_driver import HeadlessDriver

from engine.constants import NULL, VM_ALLOC_NORMAL
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.free import vm_page_free_toq
from engine.machine.machine import MachineConfig
from engine.machine.topology import parse_spec
from engine.reports.ddb import show_page, show_pageq
from engine.run.history import History
from engine.run.program import Call, Program
from explorer.commands.table import COMMANDS
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.screens.panels import map_rows
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.painted import Painted
from explorer.views.rows import MapRow

MAP_FRAME_MS, MAP_FRAME_BYTES = 3.5, 2048
STEP_FRAME_MS, STEP_FRAME_BYTES = 10.0, 6144
REDRAW_MS, FIRST_FRAME_S = 20.0, 0.8
FIRST_BYTE_MS, SETTLED_MS = 20.0, 60.0
PLAYED_FRAMES, PLAYED_STEPS = 30, 200_000
FRAMES = 200
KEYS = 60
LONG = 1_000_000
QUIET_S = 0.08
PLAY_S = 5.0
ROOT = Path(__file__).parents[2]


class DroppingDriver(HeadlessDriver):
    """Receives the output for a terminal, and counts it."""

    sent = 0
    written: ClassVar[list[float]] = []

    @property
    def is_headless(self) -> bool:
        """False, so that Textual encodes its output."""
        return False

    def write(self, data: str) -> None:
        """Encode and drop."""
        DroppingDriver.sent += len(data.encode())
        DroppingDriver.written.append(time.perf_counter())


class MeasuredApp(PageqApp):
    """Signals when a frame was written."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.driver_class = DroppingDriver
        self.displayed = asyncio.Event()
        self.frames = 0

    def post_display_hook(self) -> None:
        """Signal that a frame was written."""
        self.displayed.set()
        self.frames += 1


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
    history = History(boot(MachineConfig(hardware)), [program])
    # The run repeats itself, so it would end as a livelock.
    history.lookout.run = history.runner.run  # type: ignore[method-assign]
    return history


async def _timed(app: MeasuredApp, act: Callable[[], None]) -> tuple[float, float]:
    """CPU milliseconds from an action to the frame that shows it, and that frame's bytes."""
    app.displayed.clear()
    begin, sent = time.process_time(), DroppingDriver.sent
    act()
    await asyncio.wait_for(app.displayed.wait(), 5)
    return (time.process_time() - begin) * 1e3, DroppingDriver.sent - sent


Figures = list[tuple[float, float]]
Measurement = Callable[[MeasuredApp], Awaitable[Figures]]


async def _on_screen(
    size: tuple[int, int], measurement: Measurement, steps: int = 0, centre: str = "stage"
) -> Figures:
    """Run the application at a size, after a history of the given steps, and measure."""
    found: Figures = []
    history = make_history()
    history.extend(steps)

    async def pilot(pilot: Any) -> None:
        await pilot.pause(0.3)
        found.extend(await measurement(pilot.app))
        pilot.app.exit()

    session = Session(history)
    session.centre = centre
    await MeasuredApp(session).run_async(headless=False, size=size, auto_pilot=pilot)
    return found


def other_rows(rows: tuple[MapRow, ...]) -> tuple[MapRow, ...]:
    """The rows after a step that took a page off one colour and put it on another: two cells change."""
    free, inactive = rows[0].counts.copy(), rows[1].counts.copy()
    free[17] -= free[17]
    inactive[900] += 1
    return (replace(rows[0], counts=free), replace(rows[1], counts=inactive), *rows[2:])


async def _map_frames(app: MeasuredApp) -> Figures:
    screen = app.screen
    assert isinstance(screen, MainScreen)
    panel, before = screen.query_one(MapPanel), map_rows(screen.session)
    after = other_rows(before)
    acts = [partial(_show_maps, panel, after), partial(_show_maps, panel, before)] * (FRAMES // 2)
    return [await _timed(app, act) for act in acts]


def _show_maps(panel: MapPanel, rows: tuple[MapRow, ...]) -> None:
    with panel.app.batch_update():
        panel.show_queues(rows)


async def _step_frames(app: MeasuredApp) -> Figures:
    screen = app.screen
    assert isinstance(screen, MainScreen)
    return [await _timed(app, lambda: screen.action_command("step")) for _ in range(FRAMES)]


async def _redraws(app: MeasuredApp) -> Figures:
    screen = app.screen

    def redraw() -> None:
        for widget in (screen, *screen.walk_children()):
            if isinstance(widget, Painted):
                widget.forget()  # its lines are painted again, as after a change of the theme
            widget.refresh()

    return [await _timed(app, redraw) for _ in range(FRAMES // 4)]


# --- what a user notices ------------------------------------------------------------------------------------


async def _answered(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of wall time from an action to the first and to the last byte of its output."""
    DroppingDriver.written.clear()
    begin = time.perf_counter()
    act()
    while not DroppingDriver.written:
        await asyncio.sleep(0.0005)
    while time.perf_counter() - DroppingDriver.written[-1] < QUIET_S:
        await asyncio.sleep(0.005)
    return (DroppingDriver.written[0] - begin) * 1e3, (DroppingDriver.written[-1] - begin) * 1e3


async def _steps_typed(app: MeasuredApp) -> Figures:
    return await _typed(app, "s")


async def _backs_typed(app: MeasuredApp) -> Figures:
    return await _typed(app, "S")


async def _typed(app: MeasuredApp, key: str) -> Figures:
    app.animation_level = "none"
    return [await _answered(lambda: app.post_message(events.Key(key, key))) for _ in range(KEYS)]


async def _seeks(app: MeasuredApp) -> Figures:
    app.animation_level = "none"
    screen, chance = app.screen, random.Random(1)
    assert isinstance(screen, MainScreen)
    goto = COMMANDS["goto"]
    return [await _answered(lambda: screen.do(goto, str(chance.randrange(LONG)))) for _ in range(KEYS)]


async def _played(app: MeasuredApp) -> Figures:
    """Frames and steps per second while a run is played at full speed."""
    screen = app.screen
    assert isinstance(screen, MainScreen)
    screen.player.change(100)
    frames, steps, begin = app.frames, screen.session.history.step, time.perf_counter()
    screen.toggle_play()
    await asyncio.sleep(PLAY_S)
    taken = time.perf_counter() - begin
    screen.stop()
    return [((app.frames - frames) / taken, (screen.session.history.step - steps) / taken)]


def first_frame(*words: str, runs: int = 9) -> float:
    """Seconds of wall time from starting `pageq WORDS` on a terminal to the footer of its first frame."""
    return statistics.median(_seconds_to_the_footer(words) for _ in range(runs))


def first_frame_of_a_dump(runs: int = 9) -> float:
    """The same for `pageq map` of what DDB prints about a machine of 1,024 colours."""
    hardware = parse_spec("1GiB:2x4x2")
    assert hardware is not None
    vm = boot(MachineConfig(hardware))
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(show_pageq(vm) + show_page(vm))
        file.flush()
        return first_frame("map", file.name, runs=runs)


def _seconds_to_the_footer(words: Sequence[str]) -> float:
    begin = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-m", "explorer.cli", *words])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    while b"quit" not in seen:
        seen += os.read(terminal, 65536)
    taken = time.perf_counter() - begin
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken


Row = dict[str, object]


def _row(name: str, median: float, unit: str, target: float) -> Row:
    ratio = round(median / target, 3)
    return {"name": name, "median": round(median, 3), "unit": unit, "target": target, "ratio": ratio}


def _frame_rows(name: str, figures: Figures, targets: tuple[float, float]) -> list[Row]:
    cpu, sent = (statistics.median(column) for column in zip(*figures, strict=True))
    rows = [_row(name, cpu, "ms CPU", targets[0])]
    if targets[1]:
        rows.append(_row(f"{name}: written", sent, "bytes", targets[1]))
    return rows


def _p95(values: Iterable[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _answer_rows(name: str, measurement: Measurement) -> list[Row]:
    figures = asyncio.run(_on_screen((120, 40), measurement, LONG))
    first, last = (_p95(column) for column in zip(*figures, strict=True))
    return [
        _row(f"{name}: first byte, p95", first, "ms", FIRST_BYTE_MS),
        _row(f"{name}: settled, p95", last, "ms", SETTLED_MS),
    ]


def _play_rows() -> list[Row]:
    """A row whose target is a minimum: the ratio is target / median."""
    ((frames, steps),) = asyncio.run(_on_screen((120, 40), _played))
    rows = [_row("played at full speed, 120x40", frames, "frames/s", PLAYED_FRAMES)]
    rows.append(_row("played at full speed, 120x40: steps", steps, "steps/s", PLAYED_STEPS))
    for row, target, median in zip(rows, (PLAYED_FRAMES, PLAYED_STEPS), (frames, steps), strict=True):
        row["ratio"] = round(target / median, 3)
    return rows


def measure() -> list[Row]:
    """The screen's benchmarks: name, median, unit, target, ratio of median to target."""
    rows: list[Row] = []
    for width, height in ((80, 24), (120, 40), (200, 60)):
        figures = asyncio.run(_on_screen((width, height), _map_frames, centre="map"))
        name = f"map frame, 2 cells, {width}x{height}"
        rows += _frame_rows(name, figures, (MAP_FRAME_MS, MAP_FRAME_BYTES))
    for centre in ("stage", "map"):
        figures = asyncio.run(_on_screen((120, 40), _step_frames, LONG, centre))
        name = f"a step and its frame, {centre} and all panels, 120x40, after {LONG:,} steps"
        rows += _frame_rows(name, figures, (STEP_FRAME_MS, STEP_FRAME_BYTES))
        figures = asyncio.run(_on_screen((200, 60), _redraws, centre=centre))
        rows += _frame_rows(f"full redraw with the {centre}, 200x60", figures, (REDRAW_MS, 0))
    for word, measurement in (("s", _steps_typed), ("S", _backs_typed), ("a random seek", _seeks)):
        rows += _answer_rows(f"{word} after {LONG:,} steps", measurement)
    rows += _play_rows()
    tui, dump = first_frame("tui", "life-of-a-page"), first_frame_of_a_dump()
    rows.append(_row("pageq tui, to its first frame", tui, "s", FIRST_FRAME_S))
    rows.append(_row("pageq map of 1,024 colours, to its first frame", dump, "s", FIRST_FRAME_S))
    return rows


if __name__ == "__main__":
    for figure in measure():
        print(figure)
