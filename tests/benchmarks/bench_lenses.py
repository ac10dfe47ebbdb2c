"""The cost of each lens: its look after a step and its drawing, at 16,384 pages after a million steps.

The first look after a jump may have to read the journal once; it is reported separately.
"""

from __future__ import annotations

import statistics
import time

from engine.constants import NULL, VM_ALLOC_NORMAL
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.free import vm_page_free_toq
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec
from engine.run.history import History
from engine.run.program import Call, Program
from explorer.lenses.kit.lens import Lens
from explorer.lenses.kit.registry import LENSES, lens_named
from explorer.session.session import Session

STEPS = 1_000_000
LOOK_MS, DRAW_MS, FIRST_MS = 2.0, 5.0, 200.0


def make_history() -> History:
    """Two sockets of 16 cpus, 64 MiB, and four threads that allocate and free without end."""
    hardware = parse_spec("64MiB:2x4x2")
    assert hardware is not None
    programs = [_program(n, cpu) for n, cpu in enumerate((0, 5, 8, 13))]
    history = History(boot(MachineConfig(hardware)), programs)
    # The run repeats itself, so it would end as a livelock.
    history.lookout.run = history.runner.run  # type: ignore[method-assign]
    return history


def _program(slot: int, cpu: int) -> Program:
    def page(vm: Machine) -> int:
        return vm.variable.value[slot]

    call = Call(
        1, "m = vm_page_alloc(NULL, 5, VM_ALLOC_NORMAL)", "vm_page_alloc", vm_page_alloc,
        (lambda _: NULL, lambda _: 5, lambda _: VM_ALLOC_NORMAL), (slot,), 1,
    )  # fmt: skip
    free = Call(2, "vm_page_free(m)", "vm_page_free", vm_page_free_toq, (page,), (), 0)
    return Program(f"app{slot}", cpu, (call.text, free.text), (call, free), {"m": slot})


def _timed(session: Session, lens: Lens) -> tuple[float, float]:
    """Milliseconds of one look and one drawing."""
    begin = time.perf_counter()
    shown = lens.look(session)
    looked = time.perf_counter()
    lens.draw(shown, 67, 8)
    return (looked - begin) * 1e3, (time.perf_counter() - looked) * 1e3


def _row(name: str, median: float, target: float) -> dict[str, object]:
    return {
        "name": name,
        "median": round(median, 3),
        "unit": "ms",
        "target": target,
        "ratio": round(median / target, 3),
    }


def measure() -> list[dict[str, object]]:
    """Per lens: the first look, a look after one more step, a drawing of 67 by 8."""
    history = make_history()
    assert history.extend(STEPS) == STEPS
    session, rows = Session(history), []
    for name in LENSES[1:]:
        lens = lens_named(name)
        first, _ = _timed(session, lens)
        looks, draws = [], []
        for step in range(history.total - 300, history.total + 1):
            history.seek(step)
            look, draw = _timed(session, lens)
            looks.append(look)
            draws.append(draw)
        rows.append(_row(f"{name}: first look after {STEPS:,} steps", first, FIRST_MS))
        rows.append(_row(f"{name}: look after a step", statistics.median(looks[1:]), LOOK_MS))
        rows.append(_row(f"{name}: draw 67x8", statistics.median(draws), DRAW_MS))
    return rows
