"""What has to be the same besides the cells, and the cells that may differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.constants import HZ
from engine.machine.machine import Machine
from engine.run.position import Aside, Position, frames, position
from engine.scenario.loader import load_text
from tests.engine.run.waiting_for_memory import NAPS


def test_a_cell_that_a_script_names_is_compared() -> None:
    vm = load_text(NAPS).start().vm
    ticks = np.array([vm.memory.address("global.ticks", 0), vm.memory.address("page.queue", 0)])
    assert Aside(vm).keep(ticks).tolist() == [False, True]
    assert Aside(vm, {"ticks"}).keep(ticks).tolist() == [True, True]
    blank = Aside(vm).without(vm.memory.array)
    assert (blank[ticks[0]], vm.memory.array[ticks[0]] != 0) == (0, True)


def test_the_frames_of_a_call_are_compared_with_their_local_variables() -> None:
    def count(vm: Machine) -> Any:
        for n in range(3):
            yield f"round {n}"

    def again(vm: Machine) -> Any:
        while True:
            yield from count(vm)
            yield "end"

    vm = load_text(NAPS).start().vm
    steps = again(vm)
    seen = []
    for _ in range(8):
        next(steps)
        seen.append(frames(steps, 10))
    assert seen[:4] == seen[4:]
    assert all(seen[0] != other for other in seen[1:4])


def test_a_position_counts_what_is_left_of_a_sleep_and_not_the_time() -> None:
    history = load_text(NAPS).start()
    history.extend(9)
    vm = history.vm
    vm.glob.vm_pageout_deficit[0] = 4
    asleep = position(vm, [])
    vm.glob.ticks[0] += 5
    assert not position(vm, []).repeats(asleep, cleared=False)
    vm.thread.slept_at[0] += 5
    for name in ("vm_pagedaemon_time", "vmdaemon_lastrun", "lastkillticks", "swap_fail_ticks"):
        getattr(vm.glob, name)[0] = vm.glob.ticks[0] - 11 * HZ
    vm.glob.vm_pages_waiting[0] += 7
    vm.glob.vm_pageout_deficit[0] = 6
    now = position(vm, [])
    assert now.numbers[4:] == asleep.numbers[4:]
    assert now.repeats(now, cleared=True)


def test_the_deficit_may_grow_only_while_no_daemon_reads_it() -> None:
    earlier, now = Position((), (), 3), Position((), (), 5)
    assert now.repeats(earlier, cleared=False)
    assert not now.repeats(earlier, cleared=True)
    assert not now.repeats(Position((), (), 0), cleared=False)
