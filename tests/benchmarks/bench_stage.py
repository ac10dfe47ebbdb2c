"""The cost of the stage: its first look after a million steps, and its row and lines after one step.

CPU time, not wall time. Every 16 steps, a page changes its lane, which few scenarios do as often.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from engine.constants import NULL, VM_ALLOC_NORMAL
from engine.debug.in_play import moves_in_play
from engine.kernel.age import vm_page_activate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.free import vm_page_free_toq
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec
from engine.run.history import History
from engine.run.program import Call, Program
from explorer.session.session import Session
from explorer.tui.widgets.stage import drawn_stage
from explorer.views.stage import stage_row

STEPS = 1_000_000
CROWD = 100_000
FIRST_MS, FRAME_MS, CROWDED_MS = 200.0, 1.5, 3.0
SIZES = ((78, 5), (74, 16), (130, 34))
FRAMES = 300


def _history(*programs: Program) -> History:
    hardware = parse_spec("64MiB:2x4x2")
    assert hardware is not None
    history = History(boot(MachineConfig(hardware)), list(programs))
    # The run repeats itself, so it would end as a livelock.
    history.lookout.run = history.runner.run  # type: ignore[method-assign]
    return history


def _page(slot: int) -> Callable[[Machine], int]:
    return lambda vm: vm.variable.value[slot]


def _alloc(line: int, slot: int, following: int) -> Call:
    arguments = (lambda _: NULL, lambda _: 5, lambda _: VM_ALLOC_NORMAL)
    text = "m = vm_page_alloc(NULL, 5, VM_ALLOC_NORMAL)"
    return Call(line, text, "vm_page_alloc", vm_page_alloc, arguments, (slot,), following)


def _frees(slot: int, cpu: int) -> Program:
    """A thread that allocates a page and frees it, without end."""
    free = Call(2, "vm_page_free(m)", "vm_page_free", vm_page_free_toq, (_page(slot),), (), 0)
    calls = (_alloc(1, slot, 1), free)
    lines = tuple(call.text for call in calls)
    return Program(f"app{slot}", cpu, lines, calls, {"m": slot}, pages=frozenset({slot}))


def _keeps(slot: int, cpu: int) -> Program:
    """A thread that allocates pages and activates them, without end."""
    activate = Call(2, "vm_page_activate(m)", "vm_page_activate", vm_page_activate, (_page(slot),), (), 0)
    calls = (_alloc(1, slot, 1), activate)
    lines = tuple(call.text for call in calls)
    return Program(f"app{slot}", cpu, lines, calls, {"m": slot}, pages=frozenset({slot}))


def _timed(act: Callable[[], object]) -> float:
    """Milliseconds of CPU time."""
    begin = time.process_time()
    act()
    return (time.process_time() - begin) * 1e3


def _row(name: str, median: float, target: float) -> dict[str, object]:
    ratio = round(median / target, 3)
    return {"name": name, "median": round(median, 3), "unit": "ms CPU", "target": target, "ratio": ratio}


def _frames(session: Session, what: str, target: float) -> list[dict[str, object]]:
    """The row and the lines after one step, at each size."""
    history, found = session.history, []
    for width, height in SIZES:
        taken = []
        for step in range(history.total - FRAMES, history.total + 1):
            history.seek(step)
            taken.append(_timed(lambda: drawn_stage(stage_row(session), width, height)))  # noqa: B023
        found.append(_row(f"stage {width}x{height}, {what}: a step", statistics.median(taken), target))
    return found


def measure() -> list[dict[str, object]]:
    """The first look, a live step's moves, frames with few pages in play, and with thousands."""
    history = _history(*(_frees(n, cpu) for n, cpu in enumerate((0, 5, 8, 13))))
    history.extend(STEPS)
    session = Session(history)
    rows = [_row(f"stage: first look after {STEPS:,} steps", _timed(lambda: stage_row(session)), FIRST_MS)]
    live = []
    for _ in range(FRAMES):
        history.extend(1)
        live.append(_timed(lambda: moves_in_play(history)))
    rows.append(_row("stage: the moves of a live step", statistics.median(live), 0.1))
    rows += _frames(session, "4 pages in play", FRAME_MS)
    crowd = _history(*(_keeps(n, cpu) for n, cpu in enumerate((0, 5, 8, 13))))
    crowd.extend(CROWD)
    session = Session(crowd)
    pages = sum(lane.number for lane in stage_row(session).lanes)
    return [*rows, *_frames(session, f"{pages:,} pages in play", CROWDED_MS)]
