"""The interrupt thread: its program, and that it starts asleep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.constants import Thread
from engine.kernel.sleep import CHAN_BIO
from engine.machine.tables import READY, SLEEPING
from engine.run.interrupt import BIODONE, interrupt_program
from engine.run.threads import COMPLETED
from tests.engine.run.thread_calls import nop


def test_its_program_is_an_endless_loop_of_one_call() -> None:
    program = interrupt_program(1)
    (instruction,) = program.instructions
    assert (program.name, program.cpu, program.interrupt) == (BIODONE, 1, True)
    assert (instruction.text, instruction.next) == ("biodone()", 0)


def test_it_starts_asleep_and_a_run_does_not_wait_for_it(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,))
    play.programs.append(interrupt_program())
    history = play.start()
    vm = history.vm
    assert vm.biothread == Thread(1)
    assert [vm.thread.state[t] for t in (0, 1)] == [READY, SLEEPING]
    assert vm.thread.chan[1] == CHAN_BIO
    history.extend(10)
    assert (history.total, history.outcome) == (1, COMPLETED)
